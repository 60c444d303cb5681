import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Style } from './render';

/** A token of the text as `yaml` keeps it with its nodes. */
interface Token {
  type: string;
  offset: number;
  source?: string;
}

/** Columns, starts and ends in a text whose syntax tree was read with `keepSourceTokens`. */
export interface Layout {
  text: string;
}

export function lineStart({ text }: Layout, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** The offset of the line's end, before its line break. */
export function lineEnd({ text }: Layout, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return end > offset && text[end - 1] === '\r' ? end - 1 : end;
}

/** The offset after the line's break. */
export function nextLine({ text }: Layout, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

export function columnOf(layout: Layout, offset: number): number {
  return offset - lineStart(layout, offset);
}

export function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Where a key stands, with its anchor or tag. */
export function pairStart(pair: Pair): number {
  const first = tokens(pair.srcToken?.start).find(isProp);
  return first?.offset ?? (isNodeLike(pair.key) ? startOf(pair.key) : 0);
}

/** After the colon and, if there is one, the value's anchor or tag. */
export function colonEnd(pair: Pair): number {
  const sep = tokens(pair.srcToken && 'sep' in pair.srcToken ? pair.srcToken.sep : undefined);
  const last = sep.findLast((token) => token.type === 'map-value-ind' || isProp(token));
  if (last) return last.offset + (last.source?.length ?? 1);
  return isNodeLike(pair.key) ? (pair.key.range?.[1] ?? 0) : 0;
}

/** The offsets of a block list's dashes. */
export function dashes(seq: YAMLSeq): number[] {
  const token: unknown = seq.srcToken;
  if (typeof token !== 'object' || token === null || !('items' in token) || !Array.isArray(token.items)) {
    return [];
  }
  return token.items.flatMap((item: { start?: unknown }) => {
    const dash = tokens(item.start).find(({ type }) => type === 'seq-item-ind');
    return dash ? [dash.offset] : [];
  });
}

/** Where the last character of a node's own stands: comments and line breaks after it don't count. */
export function contentEnd(layout: Layout, node: unknown, fallback: number): number {
  if (isScalar(node) && isBlockScalar(node)) {
    const end = node.range?.[1] ?? fallback;
    if (layout.text[end - 1] !== '\n') return end;
    return layout.text[end - 2] === '\r' ? end - 2 : end - 1;
  }
  if (isScalar(node) || isAlias(node)) return Math.max(fallback, node.range?.[1] ?? fallback);
  if (!isCollection(node)) return fallback;
  if (node.flow) return node.range?.[1] ?? fallback;
  if (isMap(node)) {
    const last = node.items.at(-1);
    return last ? pairEnd(layout, last) : fallback;
  }
  if (isSeq(node)) {
    const dash = dashes(node).at(-1);
    return contentEnd(layout, node.items.at(-1), dash === undefined ? fallback : dash + 1);
  }
  return fallback;
}

export function pairEnd(layout: Layout, pair: Pair): number {
  return contentEnd(layout, pair.value, colonEnd(pair));
}

export function isBlockScalar(node: unknown): boolean {
  return isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
}

/** A key as a mapping of plain values has it. */
export function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? keyText(pair.key.value) : String(pair.key);
}

function keyText(value: unknown): string {
  return typeof value === 'symbol' ? (value.description ?? '') : value === null ? '' : String(value);
}

/** Whether a pair takes in another mapping's entries (`<<: *base`). */
export function isMerge(pair: Pair): boolean {
  return isScalar(pair.key) && keyOf(pair) === '<<' && pair.key.type === 'PLAIN';
}

/** Reads from a document how its text is written. */
export function styleOf(text: string, document: Document): Style {
  const style: Style = {
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    step: 2,
    indentSeq: false,
    isJson: /^(?:\{\s*["}]|\[)/.test(
      text.slice(isNodeLike(document.contents) ? startOf(document.contents) : 0),
    ),
  };
  const found = { map: false, seq: false };
  const waiting: unknown[] = [document.contents];
  const layout = { text };
  while (waiting.length > 0 && !(found.map && found.seq)) {
    const node = waiting.shift();
    if (isSeq(node)) waiting.push(...node.items);
    if (!isMap(node) || node.flow) continue;
    for (const pair of node.items) {
      waiting.push(pair.value);
      if (!isCollection(pair.value) || pair.value.flow || !isNodeLike(pair.key)) continue;
      const deeper = columnOf(layout, blockStart(pair.value)) - columnOf(layout, startOf(pair.key));
      // Not by destructuring: the minifier of Next 16.4 makes `[style.step, !1] = …` of it, which no browser reads.
      if (isMap(pair.value) && !found.map && deeper > 0) {
        style.step = deeper;
        found.map = true;
      }
      if (isSeq(pair.value) && !found.seq) {
        style.indentSeq = deeper > 0;
        found.seq = true;
      }
    }
  }
  return style;
}

/** Where the first key or dash of a block collection stands. */
export function blockStart(node: YAMLMap | YAMLSeq | Node): number {
  if (isMap(node)) {
    const first = node.items[0];
    return first ? pairStart(first) : startOf(node);
  }
  return isSeq(node) ? (dashes(node)[0] ?? startOf(node)) : startOf(node);
}

function isProp({ type }: Token): boolean {
  return type === 'anchor' || type === 'tag';
}

function tokens(value: unknown): Token[] {
  // The tokens of a tree that was read with `keepSourceTokens`; absent in one that was not.
  return Array.isArray(value) ? (value as Token[]) : [];
}

export function isNodeLike(value: unknown): value is Node {
  return isScalar(value) || isAlias(value) || isCollection(value);
}
