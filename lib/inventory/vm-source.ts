import type { VmQuery } from '@/lib/kinds/vm/query';
import type { LiveReading, LiveSource } from './live-source';
import { type Feed, isSessionOver } from './protocol';
import type { Lease, Startable } from './shared-pool';
import { SortedRows } from './sorted-rows';
import type { VmTable } from './vm-table';

/**
 * The answer to one query, kept up to date and shared by all who ask it. Where the cluster-wide list is forbidden, the
 * namespaces that the query names are watched one by one.
 */
export class VmSource implements LiveSource, Startable {
  private readonly sorted: SortedRows;
  private readonly dirty = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private whole: Lease<VmTable> | undefined;
  private parts: Lease<VmTable>[] = [];
  private stops: (() => void)[] = [];

  constructor(
    private readonly query: VmQuery,
    /** Leases the table of a namespace, or of the whole cluster. */
    private readonly lease: (namespace?: string) => Lease<VmTable>,
  ) {
    this.sorted = new SortedRows(query);
  }

  start(): void {
    this.whole = this.lease();
    this.stops.push(this.whole.value.onChange((uids) => this.take(uids)));
    this.chooseTables();
    this.resort();
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.whole?.release();
    for (const part of this.parts) part.release();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  read(): LiveReading {
    const tables = this.tables();
    if (this.dirty.size > 0) {
      this.sorted.update(this.dirty, (uid) => {
        for (const table of tables) {
          const row = table.rows.get(uid);
          if (row) return row;
        }
        return undefined;
      });
      this.dirty.clear();
    }
    const feed = combine(tables.map((table) => table.feed));
    // One of several namespaces may stay forbidden; the others are shown all the same.
    const loaded = tables.some((table) => table.loaded) && feed.state !== 'loading';
    return { loaded, feed, vms: this.sorted.rows };
  }

  private take(uids: string[]): void {
    for (const uid of uids) this.dirty.add(uid);
    this.chooseTables();
    for (const listener of [...this.listeners]) listener();
  }

  private tables(): VmTable[] {
    if (this.parts.length > 0) return this.parts.map((part) => part.value);
    return this.whole ? [this.whole.value] : [];
  }

  private chooseTables(): void {
    const feed = this.whole?.value.feed;
    const forbidden = feed?.state === 'refused' && feed.error.code === 403;
    if (forbidden && this.parts.length === 0 && this.query.namespaces.length > 0) {
      this.parts = this.query.namespaces.map((namespace) => this.lease(namespace));
      for (const part of this.parts) this.stops.push(part.value.onChange((uids) => this.take(uids)));
      this.resort();
    } else if (feed?.state === 'live' && this.parts.length > 0) {
      for (const part of this.parts) part.release();
      for (const stop of this.stops.splice(1)) stop();
      this.parts = [];
      this.resort();
    }
  }

  private resort(): void {
    this.dirty.clear();
    this.sorted.reset(this.tables().flatMap((table) => [...table.rows.values()]));
  }
}

/** One state for several tables: whatever keeps rows from being current comes first. */
function combine(feeds: Feed[]): Feed {
  const find = (state: Feed['state']) => feeds.find((feed) => feed.state === state);
  return (
    feeds.find(isSessionOver) ??
    find('loading') ??
    find('paused') ??
    find('live') ??
    find('refused') ?? { state: 'loading' }
  );
}
