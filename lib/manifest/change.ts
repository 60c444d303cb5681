import { isAlias, isCollection, isMap, isSeq, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import { sameJson } from '@/lib/k8s/patch';
import { type Alignment, alignByName, alignInOrder, entryNames } from './align';
import { isMapping } from './manifest';
import { addBelow, addToFlow, moveParts, type Part, partOfItem, partOfPair, removePart } from './parts';
import { blockLines, flowPair, flowText, hang } from './render';
import { replace } from './replace';
import { JS_OPTIONS, type Slot, type Work } from './rewriting';
import { colonEnd, columnOf, dashes, isMerge, isNodeLike, keyOf, pairEnd, pairStart, startOf } from './tree';

export function change(
  work: Work,
  node: unknown,
  before: unknown,
  after: unknown,
  slot: Slot,
  level: number,
): void {
  if (isNodeLike(node) && 'anchor' in node && node.anchor) work.finals.set(node, after);
  if (isAlias(node)) {
    const source = node.resolve(work.document);
    if (!work.finals.has(source) || !sameJson(work.finals.get(source), after)) {
      replace(work, node, after, slot);
    }
    return;
  }
  const isSame = sameJson(before, after);
  if (isSame && !(work.hasAliases && isCollection(node))) return;
  const canDescend = isSame || level < work.depth;
  if (isMap(node) && isMapping(before) && isMapping(after) && canDescend) {
    if (changeMap(work, node, before, after, slot, level)) return;
  } else if (isSeq(node) && Array.isArray(before) && Array.isArray(after) && canDescend) {
    if (changeSeq(work, node, before, after, slot, level)) return;
  }
  replace(work, node, after, slot);
}

/** False when the mapping has to be written anew. */
function changeMap(
  work: Work,
  map: YAMLMap,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  slot: Slot,
  level: number,
): boolean {
  const wanted = Object.keys(after).filter((key) => after[key] !== undefined);
  const own = map.items.filter((pair) => !isMerge(pair));
  const kept = own.filter((pair) => wanted.includes(keyOf(pair)));
  const keptKeys = new Set(kept.map(keyOf));
  const merged = mergedEntries(work, map);
  if (!merged || Object.keys(merged).some((key) => !wanted.includes(key))) return false;
  if (kept.length === 0 && kept.length === map.items.length && wanted.length > 0) return false;
  if (kept.length === 0 && own.length === map.items.length) return wanted.length === 0 && own.length === 0;
  const removed = own.filter((pair) => !keptKeys.has(keyOf(pair)));
  for (const pair of map.items) {
    if (isMerge(pair) || !keptKeys.has(keyOf(pair))) continue;
    const key = keyOf(pair);
    change(work, pair.value, before[key], after[key], pairSlot(work, map, pair), level + 1);
  }
  const stable = map.items.filter((pair) => !removed.includes(pair));
  const added = wanted.filter((key) => !keptKeys.has(key) && !sameJson(merged[key], after[key]));
  for (const key of added) addPair(work, map, stable, wanted, key, after[key], slot);
  for (const pair of removed) {
    removePart(work, map, map.items.map(partOfPair(work)), map.items.indexOf(pair));
  }
  return true;
}

/** What merge keys bring in, as it will be after this change; undefined when the anchor of one goes. */
function mergedEntries(work: Work, map: YAMLMap): Record<string, unknown> | undefined {
  const result: Record<string, unknown> = {};
  for (const pair of map.items.filter(isMerge)) {
    for (const source of isSeq(pair.value) ? pair.value.items : [pair.value]) {
      const node = isAlias(source) ? source.resolve(work.document) : source;
      // Anchors stand before their aliases: one that was not met again is not there any more.
      if (isAlias(source) && !work.finals.has(node)) return undefined;
      const value = isAlias(source)
        ? work.finals.get(node)
        : isNodeLike(node)
          ? node.toJS(work.document, JS_OPTIONS)
          : undefined;
      if (isMapping(value)) Object.assign(result, { ...value, ...result });
    }
  }
  return result;
}

function pairSlot(work: Work, map: YAMLMap, pair: Pair): Slot {
  if (map.flow) return { kind: 'flow', column: 0, after: colonEnd(pair) };
  return { kind: 'pair', column: columnOf(work, pairStart(pair)), after: colonEnd(pair) };
}

function addPair(
  work: Work,
  map: YAMLMap,
  stable: readonly Pair[],
  wanted: readonly string[],
  key: string,
  value: unknown,
  slot: Slot,
): void {
  const earlier = wanted.slice(0, wanted.indexOf(key)).reverse();
  const inMap = (name: string) => stable.find((pair) => !isMerge(pair) && keyOf(pair) === name);
  const previous = earlier.map(inMap).find((pair) => pair !== undefined) ?? stable.find(isMerge);
  const first = stable[0];
  if (map.flow || slot.kind === 'flow') {
    const text = flowPair(key, value, work.style);
    addToFlow(work, startOf(map), text, previous && pairEnd(work, previous), first && pairStart(first));
    return;
  }
  const anchor = previous ?? first;
  if (!anchor) return;
  const column = columnOf(work, pairStart(anchor));
  const text = hang(blockLines({ [key]: value }, work.style), column, work.style);
  addBelow(work, text, column, previous && pairEnd(work, previous), pairStart(anchor));
}

/** False when the list has to be written anew. */
function changeSeq(
  work: Work,
  seq: YAMLSeq,
  before: readonly unknown[],
  after: readonly unknown[],
  slot: Slot,
  level: number,
): boolean {
  const parts = seq.items.map(partOfItem(work, seq));
  const alignment = align(before, after);
  if (alignment.length === 0 || parts.length !== before.length) {
    return before.length === 0 && after.length === 0;
  }
  const isMoved = alignment.some(([, at], index) => at < (alignment[index - 1]?.[1] ?? -1));
  const isOnlyMoved =
    isMoved &&
    before.length === after.length &&
    alignment.length === before.length &&
    alignment.every(([i, j]) => sameJson(before[i], after[j]));
  if (isOnlyMoved) return moveParts(work, seq, parts, alignment);
  for (const [i, j] of alignment) {
    change(work, seq.items[i], before[i], after[j], itemSlot(work, seq, i), level + 1);
  }
  addItems(work, seq, parts, after, alignment, slot);
  const kept = new Set(alignment.map(([i]) => i));
  parts.forEach((_, index) => {
    if (!kept.has(index)) removePart(work, seq, parts, index);
  });
  return true;
}

function align(before: readonly unknown[], after: readonly unknown[]): Alignment {
  const names = entryNames(before);
  const otherNames = entryNames(after);
  if (names && otherNames) return alignByName(names, otherNames);
  return alignInOrder(before.length, after.length, (i, j) => sameJson(before[i], after[j]));
}

function itemSlot(work: Work, seq: YAMLSeq, index: number): Slot {
  const dash = dashes(seq)[index];
  if (seq.flow || dash === undefined) return { kind: 'flow', column: 0, after: startOf(seq) };
  const item = seq.items[index];
  const start = isNodeLike(item) ? startOf(item) : dash + 1;
  const anchor = /^\s*[&!]/.exec(work.text.slice(dash + 1, start));
  return { kind: 'item', column: columnOf(work, dash), after: anchor ? start : dash + 1 };
}

function addItems(
  work: Work,
  seq: YAMLSeq,
  parts: readonly Part[],
  after: readonly unknown[],
  alignment: Alignment,
  slot: Slot,
): void {
  const source = new Map(alignment.map(([i, j]) => [j, i]));
  const first = parts[Math.min(...alignment.map(([i]) => i))];
  if (!first) return;
  let previous: Part | undefined;
  after.forEach((value, index) => {
    const from = source.get(index);
    if (from !== undefined) {
      previous = parts[from];
      return;
    }
    if (seq.flow || slot.kind === 'flow') {
      addToFlow(work, startOf(seq), flowText(value, work.style), previous?.end, first.start);
      return;
    }
    const column = columnOf(work, first.start);
    addBelow(
      work,
      hang(blockLines([value], work.style), column, work.style),
      column,
      previous?.end,
      first.start,
    );
  });
}
