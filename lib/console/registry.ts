import type { Clock } from './session';

/** Consoles that nobody looks at any more stay connected this long … */
export const UNWATCHED_MS = 5 * 60_000;
/** … and at most this many of them. */
export const UNWATCHED_MAX = 4;

export interface Keepable {
  /** Told when the first viewer comes and when the last one goes. */
  show(shown: boolean): void;
  dispose(): void;
}

interface Entry<T> {
  key: string;
  kept: T;
  viewers: number;
  cancelEnd: (() => void) | undefined;
}

/**
 * Keeps live things outside React: leaving a page and coming back, or switching between screen and serial console,
 * finds them as they were. The least recently left are ended first.
 */
export class Registry<T extends Keepable> {
  /** In the order of last use. */
  private readonly entries = new Map<string, Entry<T>>();

  constructor(private readonly clock: Clock) {}

  /** The thing of this key, made if need be; `release` it when done. */
  acquire(key: string, make: () => T): T {
    const entry = this.entries.get(key) ?? { key, kept: make(), viewers: 0, cancelEnd: undefined };
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.cancelEnd?.();
    entry.cancelEnd = undefined;
    entry.viewers += 1;
    if (entry.viewers === 1) entry.kept.show(true);
    return entry.kept;
  }

  release(key: string): void {
    const entry = this.entries.get(key);
    if (!entry || entry.viewers === 0) return;
    entry.viewers -= 1;
    if (entry.viewers > 0) return;
    entry.kept.show(false);
    this.entries.delete(key);
    this.entries.set(key, entry);
    entry.cancelEnd = this.clock.after(UNWATCHED_MS, () => this.end(entry));
    const unwatched = [...this.entries.values()].filter(({ viewers }) => viewers === 0);
    for (const old of unwatched.slice(0, Math.max(0, unwatched.length - UNWATCHED_MAX))) this.end(old);
  }

  private end(entry: Entry<T>): void {
    entry.cancelEnd?.();
    this.entries.delete(entry.key);
    entry.kept.dispose();
  }
}
