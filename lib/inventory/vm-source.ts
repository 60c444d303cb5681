import { isTimeBound } from '@/lib/kinds/vm/language/compile';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRecord } from '@/lib/kinds/vm/row';
import type { LiveReading, LiveSource } from './live-source';
import type { NamespaceFinder } from './namespace-finder';
import { type Feed, isSessionOver, type OnlyNamespaces } from './protocol';
import type { Lease, Startable } from './shared-pool';
import { SortedRows } from './sorted-rows';
import type { Clock } from './transport';
import type { VmRecords } from './vm-table';

export interface VmTables {
  /** Leases the table of a namespace, or of the whole cluster. */
  lease(namespace?: string): Lease<VmRecords>;
  /** Leases whoever knows which namespaces the asker may see; absent where nobody asks for more than the whole. */
  findNamespaces?(): Lease<NamespaceFinder>;
}

/** Ages in a query are told in minutes and more. */
const TIME_BOUND_MS = 30_000;

interface Part {
  table: Lease<VmRecords>;
  stop: () => void;
}

/**
 * The answer to one query, kept up to date and shared by all who ask it. Where the cluster-wide list is forbidden,
 * namespaces are watched one by one: those that the query names, or all that are found.
 */
export class VmSource implements LiveSource, Startable {
  private readonly sorted: SortedRows;
  private readonly dirty = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private whole: Part | undefined;
  private finder: { found: Lease<NamespaceFinder>; stop: () => void } | undefined;
  private readonly parts = new Map<string, Part>();
  private cancel: () => void = () => {};

  constructor(
    private readonly query: VmQuery,
    private readonly tables: VmTables,
    private readonly clock: Clock,
  ) {
    this.sorted = new SortedRows(query);
  }

  start(): void {
    this.whole = this.follow();
    this.chooseTables();
    this.resort();
    if (isTimeBound(this.query.text)) this.resortLater();
  }

  stop(): void {
    this.cancel();
    this.leaveParts();
    if (this.whole) leave(this.whole);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  read(): LiveReading {
    const tables = this.shown();
    if (this.dirty.size > 0) {
      this.sorted.update(this.dirty, (uid) => this.record(uid));
      this.dirty.clear();
    }
    const feed = this.feed();
    // One of several namespaces may stay forbidden; the others are shown all the same.
    const loaded = tables.some((table) => table.loaded) && feed.state !== 'loading';
    return { loaded, feed, vms: this.sorted };
  }

  /** A VM that may be seen here, whether or not it matches. */
  record(uid: string): VmRecord | undefined {
    return this.find((table) => table.records.get(uid));
  }

  /** The same by `namespace/name`. */
  named(name: string): VmRecord | undefined {
    return this.find((table) => table.named(name));
  }

  private find(look: (table: VmRecords) => VmRecord | undefined): VmRecord | undefined {
    for (const table of this.shown()) {
      const record = look(table);
      if (record) return record;
    }
    return undefined;
  }

  private feed(): Feed {
    if (this.parts.size > 0) {
      const feed = combine([...this.parts.values()].map(({ table }) => table.value.feed));
      return feed.state === 'live' ? { ...feed, only: this.only() } : feed;
    }
    if (this.finder && !this.finder.found.value.settled) return { state: 'loading' };
    return this.whole?.table.value.feed ?? { state: 'loading' };
  }

  /** Which part of the cluster the rows are from. */
  private only(): OnlyNamespaces {
    const isRefused = ([, { table }]: [string, Part]) => table.value.feed.state === 'refused';
    const parts = [...this.parts];
    const denied = [
      ...parts.filter(isRefused).map(([name]) => name),
      ...(this.finder?.found.value.denied ?? []),
    ];
    return {
      namespaces: parts.filter((part) => !isRefused(part)).map(([name]) => name),
      denied: [...new Set(denied)].sort(),
    };
  }

  private take(uids: string[]): void {
    for (const uid of uids) this.dirty.add(uid);
    this.chooseTables();
    this.notify();
  }

  private notify(): void {
    for (const listener of [...this.listeners]) listener();
  }

  private shown(): VmRecords[] {
    if (this.parts.size > 0) return [...this.parts.values()].map(({ table }) => table.value);
    return this.whole ? [this.whole.table.value] : [];
  }

  private chooseTables(): void {
    const feed = this.whole?.table.value.feed;
    const { findNamespaces } = this.tables;
    if (!findNamespaces) return;
    if (feed?.state === 'refused' && feed.error.code === 403) this.takeParts(this.wanted(findNamespaces));
    // Paused, and yet there: of whoever may list all and watch nothing.
    else if ((feed?.state === 'live' || this.isListed()) && (this.parts.size > 0 || this.finder)) {
      this.leaveParts();
      this.resort();
    }
  }

  private isListed(): boolean {
    const table = this.whole?.table.value;
    return table?.feed.state === 'paused' && table.loaded;
  }

  private wanted(findNamespaces: () => Lease<NamespaceFinder>): string[] {
    if (this.query.namespaces.length > 0) return this.query.namespaces;
    if (!this.finder) {
      const found = findNamespaces();
      const stop = found.value.onChange(() => {
        this.chooseTables();
        this.notify();
      });
      this.finder = { found, stop };
    }
    return this.finder.found.value.allowed;
  }

  private takeParts(namespaces: string[]): void {
    const gone = [...this.parts.keys()].filter((name) => !namespaces.includes(name));
    const added = namespaces.filter((name) => !this.parts.has(name));
    if (gone.length === 0 && added.length === 0) return;
    for (const name of gone) this.leavePart(name);
    for (const name of added) this.parts.set(name, this.follow(name));
    this.resort();
  }

  private follow(namespace?: string): Part {
    const table = this.tables.lease(namespace);
    return { table, stop: table.value.onChange((uids) => this.take(uids)) };
  }

  private leavePart(name: string): void {
    const part = this.parts.get(name);
    if (part) leave(part);
    this.parts.delete(name);
  }

  private leaveParts(): void {
    for (const name of [...this.parts.keys()]) this.leavePart(name);
    this.finder?.stop();
    this.finder?.found.release();
    this.finder = undefined;
  }

  /** What is younger than a day now is not for ever. */
  private resortLater(): void {
    this.cancel = this.clock.after(TIME_BOUND_MS, () => {
      this.resort();
      this.notify();
      this.resortLater();
    });
  }

  private resort(): void {
    this.dirty.clear();
    this.sorted.reset(this.shown().flatMap((table) => [...table.records.values()]));
  }
}

function leave({ table, stop }: Part): void {
  stop();
  table.release();
}

/** One state for several tables: whatever keeps rows from being current comes first. */
function combine(feeds: Feed[]): Feed {
  const find = (state: Feed['state']) => feeds.find((feed) => feed.state === state);
  return (
    feeds.find(isSessionOver) ??
    find('loading') ??
    find('paused') ??
    find('catching-up') ??
    find('live') ??
    find('refused') ?? { state: 'loading' }
  );
}
