import { sameJson } from '@/lib/k8s/patch';
import { entryName, entryNames } from './align';
import type { StepPath } from './field-path';
import { isMapping, type ManifestObject } from './manifest';

/** One place where two objects differ. */
export interface Difference {
  path: StepPath;
  /** Undefined where there was nothing. */
  before?: unknown;
  /** Undefined where nothing is left. */
  after?: unknown;
  /** Of an entry that is new in a list: the name of the one before it, empty for the first. */
  follows?: string;
}

/**
 * What turns `before` into `after`, as small as names allow: mappings by key, lists of named entries by name, every
 * other list as one value. A list whose entries changed places is one value too. Null counts as "not there".
 */
export function differences(before: unknown, after: unknown, path: StepPath = []): Difference[] {
  if (isAbsent(before) && isAbsent(after)) return [];
  if (sameJson(before, after)) return [];
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => differences(before[key], after[key], [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const names = entryNames(before);
    const others = entryNames(after);
    if (names && others && !isReordered(names, others) && before.length > 0 && after.length > 0) {
      return [
        ...names.flatMap((name) =>
          differences(entryOf(before, name), entryOf(after, name), [...path, { name }]),
        ),
        ...others.flatMap((name, index) =>
          names.includes(name)
            ? []
            : [{ path: [...path, { name }], after: after[index], follows: others[index - 1] ?? '' }],
        ),
      ];
    }
  }
  return [
    {
      path,
      ...(isAbsent(before) ? {} : { before }),
      ...(isAbsent(after) ? {} : { after }),
    },
  ];
}

/** A copy of the object with these differences made, whatever stands at their places; all else is shared. */
export function applyDifferences(object: ManifestObject, found: readonly Difference[]): ManifestObject {
  const result = found.reduce<unknown>((value, each) => applied(value, each.path, each), object);
  return isMapping(result) ? result : object;
}

function applied(value: unknown, path: StepPath, difference: Difference): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return difference.after;
  if (typeof step === 'string') {
    const mapping = isMapping(value) ? { ...value } : {};
    const inner = applied(mapping[step], rest, difference);
    if (inner === undefined) delete mapping[step];
    else mapping[step] = inner;
    return mapping;
  }
  const list: unknown[] = Array.isArray(value) ? [...value] : [];
  const at = typeof step === 'number' ? step : list.findIndex((entry) => entryName(entry) === step.name);
  const inner = applied(at < 0 ? undefined : list[at], rest, difference);
  if (at >= 0) list.splice(at, 1, ...(inner === undefined ? [] : [inner]));
  else if (inner !== undefined) list.splice(placeAfter(list, difference.follows), 0, inner);
  return list;
}

function placeAfter(list: readonly unknown[], follows: string | undefined): number {
  if (follows === '') return 0;
  const at = list.findIndex((entry) => entryName(entry) === follows);
  return at < 0 ? list.length : at + 1;
}

/** What two people made of one object. */
export interface Merge {
  /** Both changes; where they clash, `mine`. */
  merged: ManifestObject;
  /** Fields that both changed, and differently. */
  conflicts: StepPath[];
}

/** Puts two changes of one object together: by keys, and in lists by the names of entries. */
export function mergeThreeWay(base: ManifestObject, mine: ManifestObject, theirs: ManifestObject): Merge {
  const conflicts: StepPath[] = [];
  const merged = merge(base, mine, theirs, [], conflicts);
  return { merged: isMapping(merged) ? merged : mine, conflicts };
}

function merge(
  base: unknown,
  mine: unknown,
  theirs: unknown,
  path: StepPath,
  conflicts: StepPath[],
): unknown {
  if (isEqual(mine, theirs) || isEqual(base, theirs)) return mine;
  if (isEqual(base, mine)) return theirs;
  if (isMapping(mine) && isMapping(theirs) && (isMapping(base) || isAbsent(base))) {
    const from = isMapping(base) ? base : {};
    const result: ManifestObject = {};
    for (const key of union(Object.keys(theirs), Object.keys(mine))) {
      const inner = merge(from[key], mine[key], theirs[key], [...path, key], conflicts);
      if (inner !== undefined) result[key] = inner;
    }
    return result;
  }
  if (Array.isArray(mine) && Array.isArray(theirs) && (Array.isArray(base) || isAbsent(base))) {
    const names = [base ?? [], mine, theirs].map((list) => entryNames(Array.isArray(list) ? list : []));
    const [from, own, others] = names;
    if (from && own && others) {
      const order = isReordered(from, own) ? union(own, others) : union(others, own);
      const lists = [Array.isArray(base) ? base : [], mine, theirs] as const;
      return order.flatMap((name) => {
        const [b, m, t] = lists.map((list) => entryOf(list, name));
        const entry = merge(b, m, t, [...path, { name }], conflicts);
        return entry === undefined ? [] : [entry];
      });
    }
  }
  conflicts.push(path);
  return mine;
}

/** All of both in the order of the first, what only the second has after what stands before it there. */
function union(first: readonly string[], second: readonly string[]): string[] {
  const result = [...first];
  second.forEach((key, index) => {
    if (result.includes(key)) return;
    const previous = second[index - 1];
    result.splice(previous === undefined ? 0 : result.indexOf(previous) + 1, 0, key);
  });
  return result;
}

/** Whether the names that both have stand in another order. */
function isReordered(before: readonly string[], after: readonly string[]): boolean {
  const common = before.filter((name) => after.includes(name));
  const others = after.filter((name) => before.includes(name));
  return common.some((name, index) => others[index] !== name);
}

function entryOf(list: readonly unknown[], name: string): unknown {
  return list.find((entry) => entryName(entry) === name);
}

function isEqual(a: unknown, b: unknown): boolean {
  return sameJson(a, b) || (isAbsent(a) && isAbsent(b));
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
