import { compileVmQuery } from '@/lib/kinds/vm/match';
import { compileOrder } from '@/lib/kinds/vm/order';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRecord } from '@/lib/kinds/vm/row';

/** Above this share of changed rows, sorting anew is cheaper than moving rows one by one. */
const RESORT_SHARE = 0.02;
const RESORT_MIN = 50;

/** The answer to a query as its readers see it. */
export interface RowsView {
  /** Another one after every change, and in every view. */
  readonly version: number;
  readonly length: number;
  slice(from: number, count: number): VmRecord[];
  /** All of them, in order. The array is the view's own: read it at once, keep it not. */
  all(): readonly VmRecord[];
}

let lastVersion = 0;

/** Never the same twice, since a reader may go from one view to another. */
export function nextVersion(): number {
  lastVersion += 1;
  return lastVersion;
}

/** The records that match a query, kept in order while single ones come, change and go. */
export class SortedRows implements RowsView {
  version = nextVersion();
  private ordered: VmRecord[] = [];
  /** By uid: what `ordered` holds. */
  private readonly shown = new Map<string, VmRecord>();
  private readonly matches: (record: VmRecord) => boolean;
  private readonly compare: (a: VmRecord, b: VmRecord) => number;

  constructor(query: VmQuery, now?: number) {
    this.matches = compileVmQuery(query, now);
    this.compare = compileOrder(query);
  }

  get length(): number {
    return this.ordered.length;
  }

  slice(from: number, count: number): VmRecord[] {
    return this.ordered.slice(from, from + count);
  }

  all(): readonly VmRecord[] {
    return this.ordered;
  }

  reset(records: Iterable<VmRecord>): void {
    this.version = nextVersion();
    this.ordered = [];
    this.shown.clear();
    for (const record of records) {
      if (!this.matches(record)) continue;
      this.ordered.push(record);
      this.shown.set(record.row.uid, record);
    }
    this.ordered.sort(this.compare);
  }

  /** Takes over records that changed; `recordOf` gives one as it is now, undefined when it has gone. */
  update(uids: ReadonlySet<string>, recordOf: (uid: string) => VmRecord | undefined): void {
    this.version = nextVersion();
    if (uids.size > Math.max(RESORT_MIN, this.ordered.length * RESORT_SHARE)) {
      for (const uid of uids) {
        const record = recordOf(uid);
        if (record) this.shown.set(uid, record);
        else this.shown.delete(uid);
      }
      this.reset([...this.shown.values()]);
      return;
    }
    for (const uid of uids) this.move(uid, recordOf(uid));
  }

  private move(uid: string, record: VmRecord | undefined): void {
    const before = this.shown.get(uid);
    if (before === record) return;
    if (before) {
      this.shown.delete(uid);
      this.ordered.splice(this.placeOf(before), 1);
    }
    if (!record || !this.matches(record)) return;
    this.shown.set(uid, record);
    this.ordered.splice(this.position(record), 0, record);
  }

  /** Where a record stands that is there. The order is total but for equal keys, which stand side by side. */
  private placeOf(record: VmRecord): number {
    for (let index = this.position(record); index < this.ordered.length; index += 1) {
      if (this.ordered[index] === record) return index;
    }
    return this.ordered.indexOf(record);
  }

  /** The first place whose record does not stand before this one. */
  private position(record: VmRecord): number {
    let low = 0;
    let high = this.ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.ordered[middle];
      if (other && this.compare(other, record) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
