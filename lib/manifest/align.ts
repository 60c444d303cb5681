import { isMapping } from './manifest';

/** By what the API tells a list's entries apart: their `name`, of `dataVolumeTemplates` the name in `metadata`. */
export function entryName(entry: unknown): string | undefined {
  if (!isMapping(entry)) return undefined;
  if (typeof entry.name === 'string') return entry.name;
  const { metadata } = entry;
  return isMapping(metadata) && typeof metadata.name === 'string' ? metadata.name : undefined;
}

/** The names of a list whose entries are all mappings with names of their own; undefined for any other list. */
export function entryNames(list: readonly unknown[]): string[] | undefined {
  const names = new Set<string>();
  for (const entry of list) {
    const name = entryName(entry);
    if (name === undefined || names.has(name)) return undefined;
    names.add(name);
  }
  return [...names];
}

/** Pairs of positions of entries that are the same entry before and after; ascending in `before`. */
export type Alignment = [before: number, after: number][];

/**
 * Aligns by names, which must be distinct within each list; the order may differ. Where between the same neighbours as
 * many go as come, they count as renamed.
 */
export function alignByName(before: readonly string[], after: readonly string[]): Alignment {
  const at = new Map(after.map((name, index) => [name, index]));
  const named = before.map((name) => at.get(name));
  const taken = new Set(named);
  const result: Alignment = [];
  let gap: number[] = [];
  const settle = (next: number) => {
    const [first = 0] = gap;
    const from = first === 0 ? 0 : (named[first - 1] ?? 0) + 1;
    const come = after.map((_, index) => index).slice(from, next);
    if (gap.length === come.length && !come.some((index) => taken.has(index))) {
      gap.forEach((index, position) => {
        result.push([index, from + position]);
      });
    }
    gap = [];
  };
  named.forEach((other, index) => {
    if (other === undefined) gap.push(index);
    else {
      if (gap.length > 0) settle(other);
      result.push([index, other]);
    }
  });
  if (gap.length > 0) settle(after.length);
  return result;
}

/** Longer lists are compared by position: the table of the exact way grows with the product of both lengths. */
const MAX_CELLS = 250_000;

/**
 * Aligns two lists in order: the longest common subsequence of equal entries, and between two of them as many others
 * as both sides have, in order, as changed ones.
 */
export function alignInOrder(
  beforeLength: number,
  afterLength: number,
  isSame: (before: number, after: number) => boolean,
): Alignment {
  const equal =
    beforeLength * afterLength <= MAX_CELLS ? commonSubsequence(beforeLength, afterLength, isSame) : [];
  const result: Alignment = [];
  let [i, j] = [0, 0];
  for (const [nextI, nextJ] of [...equal, [beforeLength, afterLength] as [number, number]]) {
    while (i < nextI && j < nextJ) result.push([i++, j++]);
    [i, j] = [nextI, nextJ];
    if (i < beforeLength) result.push([i++, j++]);
  }
  return result.filter(([, after]) => after < afterLength);
}

function commonSubsequence(
  rows: number,
  columns: number,
  isSame: (before: number, after: number) => boolean,
): Alignment {
  const width = columns + 1;
  const lengths = new Uint32Array((rows + 1) * width);
  const same = new Uint8Array((rows + 1) * width);
  const cell = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = rows - 1; i >= 0; i -= 1) {
    for (let j = columns - 1; j >= 0; j -= 1) {
      const matches = isSame(i, j);
      same[i * width + j] = Number(matches);
      lengths[i * width + j] = matches ? cell(i + 1, j + 1) + 1 : Math.max(cell(i + 1, j), cell(i, j + 1));
    }
  }
  const result: Alignment = [];
  let [i, j] = [0, 0];
  while (i < rows && j < columns) {
    if (same[i * width + j]) result.push([i++, j++]);
    else if (cell(i + 1, j) >= cell(i, j + 1)) i += 1;
    else j += 1;
  }
  return result;
}
