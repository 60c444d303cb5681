import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
/** The longest delay is of this much time at least, and of twice as much at most. */
const WINDOW_MS = 60_000;

/** How long a thread's event loop was held up of late. */
export class LoopDelay {
  private current = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  private before: IntervalHistogram | undefined;
  private readonly timer: ReturnType<typeof setInterval>;

  constructor() {
    this.current.enable();
    this.timer = setInterval(() => this.turn(), WINDOW_MS).unref();
  }

  /** The longest delay of the last minute or two, in ms. */
  get maxMs(): number {
    // What is measured is the time between two ticks, which is the resolution when nothing is in their way.
    const longest = Math.max(this.current.max, this.before?.max ?? 0) / 1e6 - RESOLUTION_MS;
    return Math.max(0, Math.round(longest * 10) / 10);
  }

  /** The delay that 99 of 100 ticks stay below, in ms. */
  get p99Ms(): number {
    return Math.max(0, this.current.percentile(99) / 1e6 - RESOLUTION_MS);
  }

  close(): void {
    clearInterval(this.timer);
    this.current.disable();
  }

  private turn(): void {
    this.current.disable();
    this.before = this.current;
    this.current = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    this.current.enable();
  }
}
