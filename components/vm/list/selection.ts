import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';

/**
 * What is selected in the list: rows, as they were when they were last seen, or everything that a query matches, loaded
 * or not, but for some uids.
 */
export type Selection =
  | { kind: 'some'; rows: readonly VmRow[] }
  | { kind: 'all'; query: VmQuery; except: readonly string[] };

export const NOTHING_SELECTED: Selection = { kind: 'some', rows: [] };

/** How many are selected of `total` that match. */
export function countSelected(selection: Selection, total: number): number {
  return selection.kind === 'some' ? selection.rows.length : Math.max(0, total - selection.except.length);
}

// Rows ask one by one whether they are selected, thousands of times for one selection.
const uidSets = new WeakMap<readonly unknown[], ReadonlySet<string>>();

function uidsOf(selection: Selection): ReadonlySet<string> {
  const list = selection.kind === 'some' ? selection.rows : selection.except;
  const known = uidSets.get(list);
  if (known) return known;
  const uids = new Set(selection.kind === 'some' ? selection.rows.map(({ uid }) => uid) : selection.except);
  uidSets.set(list, uids);
  return uids;
}

export function isSelected(selection: Selection, uid: string): boolean {
  return uidsOf(selection).has(uid) === (selection.kind === 'some');
}

export function selectAll(query: VmQuery): Selection {
  return { kind: 'all', query, except: [] };
}

/** The selection with all of these rows in it, or with none of them. */
export function withRows(selection: Selection, rows: readonly VmRow[], selected: boolean): Selection {
  const changed = rows.filter(({ uid }) => isSelected(selection, uid) !== selected);
  if (changed.length === 0) return selection;
  const uids = new Set(changed.map(({ uid }) => uid));
  if (selection.kind === 'all') {
    const except = selected
      ? selection.except.filter((uid) => !uids.has(uid))
      : [...selection.except, ...uids];
    return { ...selection, except };
  }
  if (!selected) return { kind: 'some', rows: selection.rows.filter(({ uid }) => !uids.has(uid)) };
  // The same row twice in `rows` counts once.
  return {
    kind: 'some',
    rows: [...selection.rows, ...new Map(changed.map((row) => [row.uid, row])).values()],
  };
}

/** The selection with what is newly known of its rows; the very same one when that is nothing. */
export function withNewer(selection: Selection, rows: readonly VmRow[]): Selection {
  if (selection.kind === 'all' || selection.rows.length === 0) return selection;
  const newer = new Map(rows.map((row) => [row.uid, row]));
  let isNew = false;
  const all = selection.rows.map((row) => {
    const now = newer.get(row.uid) ?? row;
    if (now !== row) isNew = true;
    return now;
  });
  return isNew ? { kind: 'some', rows: all } : selection;
}

/** What the checkbox above all rows shows. */
export function headState(selection: Selection, total: number): 'none' | 'some' | 'all' {
  const count = countSelected(selection, total);
  if (count === 0) return 'none';
  return count >= total ? 'all' : 'some';
}

/**
 * Selecting by a range: from where it began (`anchor`) to where it is drawn, on top of what was selected before, so that
 * drawing it back lets go what it had taken.
 */
export interface RangeStart {
  anchor: number;
  base: Selection;
}

/** The first and the last index of a range, in order. */
export function rangeOf(anchor: number, to: number): { from: number; count: number } {
  const from = Math.min(anchor, to);
  return { from, count: Math.abs(anchor - to) + 1 };
}

/** Where a key leads from the row at `index`; undefined when it is none that moves. `page`: rows that are in sight. */
export function keyTarget(key: string, index: number, total: number, page: number): number | undefined {
  const steps: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + page,
    PageUp: index - page,
    Home: 0,
    End: total - 1,
  };
  const target = steps[key];
  return target === undefined ? undefined : Math.max(0, Math.min(total - 1, target));
}
