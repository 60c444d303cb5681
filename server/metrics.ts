import { LoopDelay } from '@/lib/inventory/thread/loop-delay';

/** Somebody scrapes: a part of the process that does not answer must not keep the rest from being told. */
const PATIENCE_MS = 2_000;

/** What this process counts; gauges are read when somebody asks. */
export class Metrics {
  private readonly counters = new Map<string, number>();
  private readonly gauges = new Map<string, () => number | Promise<number>>();
  private readonly delay = new LoopDelay();

  constructor() {
    this.gauge('process_resident_memory_bytes', () => process.memoryUsage.rss());
    this.gauge('process_heap_bytes', () => process.memoryUsage().heapUsed);
    this.gauge('process_cpu_seconds_total', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.gauge('process_uptime_seconds', () => process.uptime());
    this.gauge('nodejs_eventloop_lag_p99_seconds', () => this.delay.p99Ms / 1e3);
    this.gauge('portlight_event_loop_delay_max_ms{thread="main"}', () => this.delay.maxMs);
  }

  /** `labels` in Prometheus' own form, e.g. `code="200"`. */
  count(name: string, labels = '', by = 1): void {
    const key = labels ? `${name}{${labels}}` : name;
    this.counters.set(key, (this.counters.get(key) ?? 0) + by);
  }

  /** `name` may have labels in Prometheus' own form. A gauge that fails, or takes long, is left out. */
  gauge(name: string, read: () => number | Promise<number>): void {
    this.gauges.set(name, read);
  }

  /** Prometheus' text format. */
  async print(): Promise<string> {
    const gauges = await Promise.all([...this.gauges].map(([name, read]) => line(name, read)));
    const counters = [...this.counters].map(([key, value]) => `${key} ${value}`);
    return `${[...gauges.flat(), ...counters.sort()].join('\n')}\n`;
  }

  close(): void {
    this.delay.close();
  }
}

async function line(name: string, read: () => number | Promise<number>): Promise<string[]> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), PATIENCE_MS);
  });
  try {
    const value = await Promise.race([read(), late]);
    return value === undefined ? [] : [`${name} ${value}`];
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}
