import type { VmRow } from '@/lib/kinds/vm/row';

/** Rows that are kept beyond the window: what one scrolls back to is there at once, and then made current. */
const KEPT_ROWS = 3_000;

export interface Place {
  row: VmRow;
  /** It went while its place was held, so nothing else may stand there. */
  gone: boolean;
}

/** What is known of the rows of one answer, by their place in it. */
export class RowCache {
  private readonly places = new Map<number, Place>();
  private readonly indexes = new Map<string, number>();
  /** The window as it was last taken in; `count` has the places of what is gone from it, too. */
  private window = { from: -1, count: 0, rows: [] as readonly VmRow[], hasGone: false };

  get(index: number): Place | undefined {
    return this.places.get(index);
  }

  /** Where a row was last seen. */
  indexOf(uid: string): number | undefined {
    return this.indexes.get(uid);
  }

  /** The rows of these places that are known. */
  slice(from: number, count: number): VmRow[] {
    const rows: VmRow[] = [];
    for (let index = from; index < from + count; index += 1) {
      const place = this.places.get(index);
      if (place && !place.gone) rows.push(place.row);
    }
    return rows;
  }

  /**
   * Takes in a window as the server has it now. While places are held, the server leaves out what was deleted; here it
   * stays as gone, so that nothing moves up under the pointer.
   */
  take(from: number, rows: readonly VmRow[], total: number, held: boolean): void {
    const { window } = this;
    const isNews = window.from !== from || window.rows !== rows || (window.hasGone && !held);
    if (isNews) {
      const isHeld = held && window.from === from && rows.length < window.count;
      const placed = isHeld ? this.inPlaces(from, window.count, rows) : undefined;
      if (placed) for (const [index, place] of placed) this.put(index, place);
      else for (const [offset, row] of rows.entries()) this.put(from + offset, { row, gone: false });
      this.window = { from, count: placed ? window.count : rows.length, rows, hasGone: placed !== undefined };
    }
    this.trim(total + this.ghosts, from);
  }

  /** How many places are held for what is gone: the list is that much longer than what matches. */
  get ghosts(): number {
    const { hasGone, count, rows } = this.window;
    return hasGone ? count - rows.length : 0;
  }

  /** The rows at the places where they were, when they are those but for some; undefined when the order is another. */
  private inPlaces(from: number, count: number, rows: readonly VmRow[]): [number, Place][] | undefined {
    const placed: [number, Place][] = [];
    let next = 0;
    for (let index = from; index < from + count; index += 1) {
      const before = this.places.get(index);
      if (!before) return undefined;
      const row = rows[next];
      if (row?.uid === before.row.uid) {
        placed.push([index, { row, gone: false }]);
        next += 1;
      } else placed.push([index, { row: before.row, gone: true }]);
    }
    return next === rows.length ? placed : undefined;
  }

  private put(index: number, place: Place): void {
    const before = this.places.get(index);
    if (before && this.indexes.get(before.row.uid) === index) this.indexes.delete(before.row.uid);
    // A row stands in one place: where it was seen before is something else by now.
    const other = this.indexes.get(place.row.uid);
    if (other !== undefined && other !== index) this.places.delete(other);
    this.places.set(index, place);
    this.indexes.set(place.row.uid, index);
  }

  private trim(end: number, from: number): void {
    if (this.places.size === 0) return;
    const tooFar = this.places.size > KEPT_ROWS ? KEPT_ROWS / 2 : Number.POSITIVE_INFINITY;
    for (const [index, { row }] of this.places) {
      if (index < end && Math.abs(index - from) <= tooFar) continue;
      this.places.delete(index);
      if (this.indexes.get(row.uid) === index) this.indexes.delete(row.uid);
    }
  }
}
