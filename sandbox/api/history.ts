import type { KubeObject, WatchEvent } from './objects';

/** One committed write. */
export interface Change extends WatchEvent {
  revision: number;
  resource: string;
}

export interface HistoryLimits {
  /** Changes kept whatever their age. */
  changes: number;
  /** As kube-apiserver's watch cache: younger ones than `freshMs` are kept beyond that, up to this many. */
  freshChanges: number;
  freshMs: number;
  /** What the changes may hold of their own, about. */
  bytes: number;
}

export const HISTORY_LIMITS: HistoryLimits = {
  changes: 8192,
  freshChanges: 102_400,
  freshMs: 75_000,
  bytes: 64 * 1024 * 1024,
};

/** Trimmed in blocks of this share: shifting one by one would copy the whole array on every write. */
const SLACK = 0.25;
/** Every so many changes the time is noted. */
const TIMED = 256;

/** The latest changes of one resource: watches resume from them, and older versions of a list are rebuilt. */
export class History {
  private changes: Change[] = [];
  private sizes: number[] = [];
  private bytes = 0;
  /** When some of the changes were added: enough to tell old from fresh. */
  private times: { revision: number; at: number }[] = [];
  /** Versions at or below this one can no longer be reconstructed. */
  compacted = 0;

  constructor(private readonly limits: HistoryLimits) {}

  /** `bytes` is about what this change alone holds in memory. */
  add(change: Change, bytes: number): void {
    if (this.changes.length % TIMED === 0) this.times.push({ revision: change.revision, at: Date.now() });
    this.changes.push(change);
    this.sizes.push(bytes);
    this.bytes += bytes;
    const { limits } = this;
    if (this.bytes > limits.bytes * (1 + SLACK)) this.dropBytes();
    else if (this.changes.length > limits.changes * (1 + SLACK)) this.dropOld();
  }

  /** Forgets everything up to `revision`, as after loading a snapshot. */
  forget(revision: number): void {
    this.drop(this.changes.length);
    this.times = [];
    this.compacted = revision;
  }

  /** The first `limit` changes after `revision`, or undefined when they are no longer known. */
  since(revision: number, limit: number): Change[] | undefined {
    if (revision < this.compacted) return undefined;
    const from = this.indexAfter(revision);
    return this.changes.slice(from, from + limit);
  }

  /** What has changed after `revision`, by key, with what was there at `revision`. */
  undo(
    revision: number,
    keyOf: (object: KubeObject) => string | undefined,
  ): Map<string, KubeObject | undefined> {
    const before = new Map<string, KubeObject | undefined>();
    for (let index = this.changes.length - 1; index >= 0; index -= 1) {
      const change = this.changes[index];
      if (!change || change.revision <= revision) break;
      const key = keyOf(change.object);
      if (key !== undefined) before.set(key, change.previous);
    }
    return before;
  }

  private indexAfter(revision: number): number {
    let low = 0;
    let high = this.changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.changes[middle]?.revision ?? 0) > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private dropOld(): void {
    const { changes, freshChanges, freshMs } = this.limits;
    const excess = this.changes.length - changes;
    if (this.changes.length > freshChanges * (1 + SLACK)) {
      this.drop(this.changes.length - freshChanges);
      return;
    }
    const since = Date.now() - freshMs;
    // Nothing that would be worth a block is old: asked on every write, so answered without looking further.
    if ((this.times[1]?.at ?? 0) > since) return;
    const fresh = this.times.find(({ at }) => at > since);
    const old = fresh ? this.indexAfter(fresh.revision - 1) : this.changes.length;
    if (Math.min(excess, old) >= changes * SLACK) this.drop(Math.min(excess, old));
  }

  private dropBytes(): void {
    let left = this.bytes;
    let count = 0;
    while (left > this.limits.bytes && count < this.sizes.length) {
      left -= this.sizes[count] ?? 0;
      count += 1;
    }
    this.drop(count);
  }

  private drop(count: number): void {
    if (count === 0) return;
    this.compacted = this.changes[count - 1]?.revision ?? this.compacted;
    for (const size of this.sizes.slice(0, count)) this.bytes -= size;
    this.changes = this.changes.slice(count);
    this.sizes = this.sizes.slice(count);
    const first = this.changes[0]?.revision ?? Number.POSITIVE_INFINITY;
    this.times = this.times.filter(({ revision }) => revision >= first);
  }
}
