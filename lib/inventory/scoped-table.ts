import type { VmRecord } from '@/lib/kinds/vm/row';
import type { Feed } from './protocol';
import { reaches, type Scope } from './reach';
import type { Lease, Startable } from './shared-pool';
import type { VmRecords, VmTable } from './vm-table';

/**
 * The part of a shared table that one scope shows. Rows elsewhere do not exist here; where VMIs or usage may not be
 * listed, rows are as if there were none, and what happens to those is no news.
 */
export class ScopedTable implements VmRecords, Startable {
  readonly records = new Map<string, VmRecord>();
  private readonly listeners = new Set<(uids: string[]) => void>();
  private stopFollowing: () => void = () => {};

  constructor(
    private readonly table: Lease<VmTable>,
    private readonly scope: Scope,
  ) {}

  start(): void {
    const { value } = this.table;
    for (const [uid, record] of value.records) this.put(uid, record);
    this.stopFollowing = value.onChange((uids) => this.take(uids));
  }

  stop(): void {
    this.stopFollowing();
    this.table.release();
    this.listeners.clear();
  }

  get loaded(): boolean {
    return this.table.value.loaded;
  }

  get feed(): Feed {
    return this.table.value.feed;
  }

  named(name: string): VmRecord | undefined {
    const record = this.table.value.named(name);
    return record && this.records.get(record.row.uid);
  }

  onChange(listener: (uids: string[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private take(uids: string[]): void {
    const news = uids.filter((uid) => this.put(uid, this.table.value.records.get(uid)));
    if (uids.length > 0 && news.length === 0) return;
    for (const listener of [...this.listeners]) listener(news);
  }

  /** Whether that changed what is shown. */
  private put(uid: string, record: VmRecord | undefined): boolean {
    const before = this.records.get(uid);
    const next = record && this.shown(record);
    if (next === before) return false;
    if (!next) return this.records.delete(uid);
    if (before && next !== record && JSON.stringify(next) === JSON.stringify(before)) return false;
    this.records.set(uid, next);
    return true;
  }

  private shown(record: VmRecord): VmRecord | undefined {
    const { namespace } = record.row;
    const { vms, vmis, usage } = this.scope;
    if (!reaches(vms, namespace)) return undefined;
    const known = reaches(vmis, namespace) ? record : this.table.value.bare(record);
    if (known.row.usage === undefined || reaches(usage, namespace)) return known;
    const { usage: _hidden, ...row } = known.row;
    return { ...known, row };
  }
}
