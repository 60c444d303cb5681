import type { VmDimension } from '@/lib/kinds/vm/dimensions';
import type { VmRecord } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';
import { countGroups } from './count-groups';
import type { LiveReading, LiveSource } from './live-source';
import type { VmGroups } from './protocol';
import { nextVersion, type RowsView } from './sorted-rows';
import type { Clock } from './transport';

/** Numbers change at most this often, and never take more than a tenth of the time. */
const COUNT_EVERY_MS = 500;
const COUNT_SHARE = 10;

interface Counted {
  version: number;
  groups: VmGroups;
  /** When, and how long it is to be left at that; ms. */
  at: number;
  restMs: number;
}

/** What was counted last of an answer, by dimensions: a thousand tabs with the same facets count once. */
const COUNTED = new WeakMap<RowsView, Map<string, Counted>>();

/** How many of an answer there are for each value of some dimensions; counted anew at a pace that people can read. */
export class GroupsSource implements LiveSource {
  private counted: Counted | undefined;
  private readonly listeners = new Set<() => void>();
  private cancel: (() => void) | undefined;
  private stop: (() => void) | undefined;

  constructor(
    private readonly source: LiveSource,
    private readonly by: readonly VmDimension[],
    private readonly limit: number,
    private readonly clock: Clock,
  ) {}

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    this.stop ??= this.source.onChange(() => this.consider());
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      this.stop?.();
      this.stop = undefined;
      this.cancel?.();
      this.cancel = undefined;
    };
  }

  read(): LiveReading {
    const { loaded, feed, vms } = this.source.read();
    if (!vms) return { loaded, feed };
    if (!this.counted || (!this.cancel && this.counted.version !== vms.version)) this.count(vms);
    return { loaded, feed, ...(this.counted ? { groups: this.counted.groups } : {}) };
  }

  private count(vms: RowsView): void {
    const known = COUNTED.get(vms) ?? new Map<string, Counted>();
    COUNTED.set(vms, known);
    const key = JSON.stringify([this.by, this.limit]);
    const now = this.clock.now();
    let counted = known.get(key);
    if (!counted || (counted.version !== vms.version && now - counted.at >= counted.restMs)) {
      const from = performance.now();
      const groups = countGroups(vms.all(), this.by, this.limit);
      const restMs = Math.max(COUNT_EVERY_MS, (performance.now() - from) * COUNT_SHARE);
      counted = { version: vms.version, groups, at: now, restMs };
      known.set(key, counted);
    }
    this.counted = counted;
    this.rest(counted.at + counted.restMs - now);
  }

  /** Until it is over, news is only noted. */
  private rest(ms: number): void {
    this.cancel = this.clock.after(Math.max(0, ms), () => {
      this.cancel = undefined;
      this.tell();
    });
  }

  private consider(): void {
    // A list that was just loaded or refused is told at once.
    const { feed } = this.source.read();
    if (!this.cancel || feed.state !== 'live') this.tell();
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}

/** How many VMs there are of each tone. */
export class CountsSource implements LiveSource {
  private from: VmGroups | undefined;
  private counts: VmCounts | undefined;

  constructor(private readonly groups: GroupsSource) {}

  onChange(listener: () => void): () => void {
    return this.groups.onChange(listener);
  }

  read(): LiveReading {
    const { loaded, feed, groups } = this.groups.read();
    if (!groups) return { loaded, feed };
    if (groups !== this.from || !this.counts) {
      this.counts = {
        danger: 0,
        warning: 0,
        progress: 0,
        paused: 0,
        success: 0,
        off: 0,
        ...groups.all.tones,
      };
      this.from = groups;
    }
    return { loaded, feed, counts: this.counts };
  }
}

interface Named extends LiveSource {
  named(name: string): VmRecord | undefined;
}

/** The VMs of some names, in the order of the names, wherever they stand in the list. */
export class NamedSource implements LiveSource {
  private rows: VmRecord[] = [];
  private version = nextVersion();

  constructor(
    private readonly source: Named,
    private readonly names: readonly string[],
  ) {}

  onChange(listener: () => void): () => void {
    return this.source.onChange(listener);
  }

  record(uid: string): VmRecord | undefined {
    return this.rows.find(({ row }) => row.uid === uid);
  }

  read(): LiveReading {
    const { loaded, feed } = this.source.read();
    const rows = this.names.flatMap((name) => this.source.named(name) ?? []);
    const isSame = rows.length === this.rows.length && rows.every((row, at) => row === this.rows[at]);
    if (!isSame) {
      this.rows = rows;
      this.version = nextVersion();
    }
    const { rows: now, version } = this;
    const vms: RowsView = {
      version,
      length: now.length,
      slice: (from, count) => now.slice(from, from + count),
      all: () => now,
    };
    return { loaded, feed, vms };
  }
}
