import type { Clock } from './transport';

/** Something that works while it is used, e.g. a watch. */
export interface Startable {
  start(): void;
  stop(): void;
}

/** A share of a pooled thing; `release` once when done. */
export interface Lease<T> {
  value: T;
  release(): void;
}

/**
 * One instance per key however many ask for it: started by the first, stopped `lingerMs` after the last has released
 * it, so that moving from page to page does not list a cluster again.
 */
export class SharedPool<T extends Startable> {
  private readonly entries = new Map<string, { value: T; users: number; cancelStop?: () => void }>();

  constructor(
    private readonly clock: Clock,
    private readonly lingerMs: number,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  *values(): Generator<T> {
    for (const { value } of this.entries.values()) yield value;
  }

  acquire(key: string, make: () => T): Lease<T> {
    let entry = this.entries.get(key);
    if (!entry) {
      entry = { value: make(), users: 0 };
      this.entries.set(key, entry);
      entry.value.start();
    }
    entry.cancelStop?.();
    entry.users += 1;
    const held = entry;
    let released = false;
    return {
      value: held.value,
      release: () => {
        if (released) return;
        released = true;
        held.users -= 1;
        if (held.users > 0) return;
        held.cancelStop = this.clock.after(this.lingerMs, () => {
          if (held.users > 0 || this.entries.get(key) !== held) return;
          this.entries.delete(key);
          held.value.stop();
        });
      },
    };
  }

  close(): void {
    for (const { value, cancelStop } of this.entries.values()) {
      cancelStop?.();
      value.stop();
    }
    this.entries.clear();
  }
}
