import type { Lease, Startable } from './shared-pool';
import type { Candidates } from './viewer-scope';
import type { VmTable } from './vm-table';

/** Namespaces whose last VM went are forgotten with the next count after this long. */
const COUNTED_MS = 60_000;

/** In which namespaces a shared table has VMs: whom to ask about on behalf of those who may not list all. */
export class NamespaceCensus implements Candidates, Startable {
  private known = new Set<string>();
  private countedAt = 0;
  private wasSettled = false;
  private readonly listeners = new Set<() => void>();
  private stopFollowing: () => void = () => {};

  constructor(
    private readonly table: Lease<VmTable>,
    private readonly now: () => number,
  ) {}

  start(): void {
    this.count();
    this.wasSettled = this.settled;
    this.stopFollowing = this.table.value.onChange((uids) => this.take(uids));
  }

  stop(): void {
    this.stopFollowing();
    this.table.release();
    this.listeners.clear();
  }

  get settled(): boolean {
    return this.table.value.loaded;
  }

  names(): Iterable<string> {
    if (this.now() - this.countedAt > COUNTED_MS) this.count();
    return this.known;
  }

  onNew(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private count(): void {
    this.known = new Set();
    this.countedAt = this.now();
    for (const { row } of this.table.value.records.values()) this.known.add(row.namespace);
  }

  private take(uids: string[]): void {
    const before = this.known.size;
    for (const uid of uids) {
      const record = this.table.value.records.get(uid);
      if (record) this.known.add(record.row.namespace);
    }
    const isNews = this.known.size > before || this.settled !== this.wasSettled;
    this.wasSettled = this.settled;
    if (isNews) for (const listener of [...this.listeners]) listener();
  }
}
