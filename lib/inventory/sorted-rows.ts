import { closeness, compareRows, matchesQuery, type VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';

/** Above this share of changed rows, sorting anew is cheaper than moving rows one by one. */
const RESORT_SHARE = 0.02;
const RESORT_MIN = 50;

/** The rows that match a query, kept in order while single rows come, change and go. */
export class SortedRows {
  private ordered: VmRow[] = [];
  /** By uid: what `ordered` holds. */
  private readonly shown = new Map<string, VmRow>();

  constructor(private readonly query: VmQuery) {}

  /** In order; a new array after every change. */
  get rows(): VmRow[] {
    return this.ordered;
  }

  reset(rows: Iterable<VmRow>): void {
    this.ordered = [...rows].filter((row) => matchesQuery(row, this.query));
    this.ordered.sort((a, b) => this.compare(a, b));
    this.shown.clear();
    for (const row of this.ordered) this.shown.set(row.uid, row);
  }

  /** Takes over rows that changed; `rowOf` gives a row as it is now, undefined when it has gone. */
  update(uids: ReadonlySet<string>, rowOf: (uid: string) => VmRow | undefined): void {
    if (uids.size > Math.max(RESORT_MIN, this.ordered.length * RESORT_SHARE)) {
      for (const uid of uids) {
        const row = rowOf(uid);
        if (row) this.shown.set(uid, row);
        else this.shown.delete(uid);
      }
      this.reset([...this.shown.values()]);
      return;
    }
    const ordered = [...this.ordered];
    for (const uid of uids) this.move(ordered, uid, rowOf(uid));
    this.ordered = ordered;
  }

  private move(ordered: VmRow[], uid: string, row: VmRow | undefined): void {
    const before = this.shown.get(uid);
    const index = before ? ordered.indexOf(before) : -1;
    if (!row || !matchesQuery(row, this.query)) {
      if (index >= 0) ordered.splice(index, 1);
      this.shown.delete(uid);
      return;
    }
    this.shown.set(uid, row);
    if (index >= 0) ordered.splice(index, 1);
    ordered.splice(this.position(ordered, row), 0, row);
  }

  private position(ordered: VmRow[], row: VmRow): number {
    let low = 0;
    let high = ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = ordered[middle];
      if (other && this.compare(other, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private compare(a: VmRow, b: VmRow): number {
    const { closestFirst, text, sort } = this.query;
    const nearer = closestFirst ? closeness(a, text) - closeness(b, text) : 0;
    return nearer || compareRows(a, b, sort);
  }
}
