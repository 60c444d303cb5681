import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { Path } from './field-path';
import type { Range } from './problem';

/** What `locate` needs of a text and of one of its documents. */
interface Placed {
  text: string;
  range(from: number, to: number): Range;
}

/**
 * The place of a field in a document. Keys match without regard to case, because KubeVirt's sentences say
 * `disks[0].Name`; a missing field gives its nearest existing parent.
 */
export function locate(source: Placed, document: { node: Node | null }, path: Path): Range {
  let node: unknown = document.node;
  let place = nodeSpan(document.node) ?? [0, 0];
  let rest = path;
  while (rest.length > 0) {
    const step = stepInto(node, rest);
    if (!step) break;
    node = step.value;
    rest = rest.slice(step.used);
    // A value on the line of its key is the thing itself; a block is best shown by its key.
    place = (rest.length === 0 && isScalar(node) && !isBlock(node) ? nodeSpan(node) : undefined) ?? step.span;
  }
  const end = source.text.indexOf('\n', place[0]);
  return source.range(place[0], Math.min(place[1], end < 0 ? source.text.length : end));
}

interface Step {
  value: unknown;
  used: number;
  span: readonly [number, number];
}

function stepInto(node: unknown, rest: Path): Step | undefined {
  const head = rest[0];
  if (isSeq(node)) {
    const index = typeof head === 'number' ? head : Number.NaN;
    const item = node.items[index];
    const span = nodeSpan(item);
    return span ? { value: item, used: 1, span } : undefined;
  }
  if (!isMap(node)) return undefined;
  for (let used = 1; used <= rest.length; used += 1) {
    const key = rest.slice(0, used).join('.').toLowerCase();
    const pair = node.items.find(
      (item) => isScalar(item.key) && String(item.key.value).toLowerCase() === key,
    );
    const span = nodeSpan(pair?.key);
    if (pair && span) return { value: pair.value, used, span };
  }
  return undefined;
}

/** Offsets of a node of the syntax tree. */
export function nodeSpan(node: unknown): readonly [number, number] | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node) || !Array.isArray(node.range))
    return undefined;
  const [from, to] = node.range as number[];
  return from === undefined || to === undefined ? undefined : [from, to];
}

function isBlock(node: unknown): boolean {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
}

/** Where the innermost quote or bracket was opened that is still open at an offset; undefined when none is. */
export function openedBefore(root: Node | null, offset: number): number | undefined {
  let found: number | undefined;
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isMap(node)) waiting.push(...node.items.flatMap(({ key, value }) => [key, value]));
    if (isSeq(node)) waiting.push(...node.items);
    const span = nodeSpan(node);
    const isOpen = (isMap(node) || isSeq(node)) && node.flow;
    const isQuoted = isScalar(node) && /^QUOTE/.test(node.type ?? '');
    if (!span || !(isOpen || isQuoted) || span[0] >= offset || span[1] < offset) continue;
    if (found === undefined || span[0] > found) found = span[0];
  }
  return found;
}
