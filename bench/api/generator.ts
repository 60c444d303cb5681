import { type Estate, keyOf } from './estate';
import { Random } from './random';

export interface Load {
  /** Events per second in all. */
  rate: number;
  /** VMs (`namespace/name`) that are marked in turn, so many times per second; their events count into the rate. */
  watched?: string[];
  watchedRate?: number;
  /** `marks` touch one annotation each; `storm` also starts, stops, moves, relabels, deletes and creates machines. */
  mix?: 'marks' | 'storm';
}

/** A mark of a watched VM: when it was due, in ms since the epoch. */
export interface Sent {
  number: number;
  vm: string;
  at: number;
}

const TICK_MS = 4;
const MAX_KEPT = 200_000;

/**
 * Changes the estate on a fixed timetable: an event that comes late is still dated to when it was due, so that a stall
 * anywhere counts in full (no coordinated omission).
 */
export class Generator {
  /** Events so far, as writes to the API: some of them make two or three watch events. */
  made = 0;
  sent: Sent[] = [];
  private readonly random: Random;
  private watched = new Set<string>();
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly estate: Estate,
    seed: number,
  ) {
    this.random = new Random(seed, 99);
  }

  /** Replaces what runs; a rate of 0 ends it. */
  start(load: Load): void {
    this.stop();
    this.sent = [];
    this.watched = new Set(load.watched);
    if (load.rate <= 0) return;
    const from = wallClock();
    const watchedRate = load.watched?.length ? Math.min(load.watchedRate ?? 10, load.rate) : 0;
    const otherRate = load.rate - watchedRate;
    let [watched, others] = [0, 0];
    this.timer = setInterval(() => {
      const elapsed = (wallClock() - from) / 1_000;
      for (; watched < elapsed * watchedRate; watched += 1) {
        this.markWatched(
          load.watched?.[watched % load.watched.length] ?? '',
          from + (watched / watchedRate) * 1_000,
        );
      }
      for (; others < elapsed * otherRate; others += 1) {
        this.changeAny(load, from + (others / otherRate) * 1_000);
      }
    }, TICK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private markWatched(vm: string, at: number): void {
    const machine = this.estate.choose(vm);
    if (!machine) return;
    const number = ++this.made;
    this.estate.mark(machine, { number, sent: at, shown: true });
    if (this.sent.length < MAX_KEPT) this.sent.push({ number, vm, at });
  }

  private changeAny({ mix }: Load, at: number): void {
    const machine = this.chooseOther();
    if (!machine) return;
    const number = ++this.made;
    const dice = mix === 'storm' ? this.random.next() : 0;
    if (dice < 0.5) this.estate.mark(machine, { number, sent: at });
    else if (dice < 0.65) this.estate.move(machine);
    else if (dice < 0.8) this.estate.power(machine);
    else if (dice < 0.92) this.estate.relabel(machine);
    else this.estate.replace(machine);
  }

  /** Watched VMs have turns of their own: by chance one more, and their marks would not come in order. */
  private chooseOther(): ReturnType<Estate['choose']> {
    for (let tries = 0; tries < 100; tries += 1) {
      const machine = this.estate.choose();
      if (machine && !this.watched.has(keyOf(machine))) return machine;
    }
    return undefined;
  }
}

/** Milliseconds since the epoch with their fraction; the same clock in every process of a machine. */
export function wallClock(): number {
  return performance.timeOrigin + performance.now();
}
