import type { JsonPath } from '@/lib/k8s/json';
import { readFlow } from './flow';
import { type Line, readLine } from './lines';
import type { Entry, OutlineNode, Place, Scalar } from './outline';

export interface Outline {
  /** The whole text that the offsets count in. */
  text: string;
  root: OutlineNode | undefined;
  /** What may be written at the cursor; undefined in comments and in texts of several lines. */
  place: Place | undefined;
  /** Offsets of the document in the text. */
  from: number;
  to: number;
}

/** The outlines of all documents of a text; that with the cursor has its place. */
export function readOutlines(text: string, cursor?: number): Outline[] {
  return documentsOf(text).map(({ from, to }) => {
    const here = cursor !== undefined && cursor >= from && cursor <= to ? cursor : undefined;
    return new OutlineReader(text, from, to, here).read();
  });
}

/** The document that the cursor stands in; undefined on a line that separates two. */
export function outlineAt(text: string, cursor: number): Outline | undefined {
  const range = documentsOf(text).find(({ from, to }) => cursor >= from && cursor <= to);
  return range && new OutlineReader(text, range.from, range.to, cursor).read();
}

function documentsOf(text: string): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let from = 0;
  for (const mark of text.matchAll(/^(?:---|\.\.\.)(?=\s|$).*$/gm)) {
    if (mark.index > from) found.push({ from, to: mark.index - 1 });
    from = mark.index + mark[0].length + 1;
  }
  if (from <= text.length) found.push({ from, to: text.length });
  return found;
}

/** An open mapping or list, and where the next thing in it goes. */
interface Frame {
  node: Extract<OutlineNode, { kind: 'map' | 'seq' }>;
  column: number;
  path: JsonPath;
}

class OutlineReader {
  #root: OutlineNode | undefined;
  #place: Place | undefined;
  readonly #stack: Frame[] = [];

  constructor(
    readonly text: string,
    readonly from: number,
    readonly to: number,
    readonly cursor: number | undefined,
  ) {}

  read(): Outline {
    let at = this.from;
    while (at <= this.to) {
      const end = this.text.indexOf('\n', at);
      at = this.#line(readLine(this.text, at, end < 0 || end > this.to ? this.to : end)) + 1;
    }
    return { text: this.text, root: this.#root, place: this.#place, from: this.from, to: this.to };
  }

  /** Takes in one line; returns where the last line of what began on it ends. */
  #line(line: Line): number {
    const cursor = this.#cursorIn(line);
    for (const dash of line.dashes) this.#addItem(dash);
    const hasContent = line.value.to > line.value.from || line.key !== undefined;
    if (!hasContent) {
      if (cursor !== undefined && !this.#isInComment(line, cursor)) this.#atNothing(line, cursor);
      return line.to;
    }
    const column = line.content - line.from;
    if (!line.key) return this.#bare(line, column, cursor);
    const entry: Entry = { key: line.key.text, from: line.key.from, to: line.key.to, value: undefined };
    const frame = this.#mapAt(column);
    frame.node.entries.push(entry);
    const path = [...frame.path, entry.key];
    if (cursor !== undefined && cursor >= entry.from && cursor <= entry.to) {
      this.#note('key', frame.path, entry.from, entry.to, column, true);
    }
    const isBehind = cursor !== undefined && cursor > line.colon && !this.#isInComment(line, cursor);
    return this.#value(line, path, column, isBehind ? cursor : undefined, (value) => {
      entry.value = value;
    });
  }

  /** A line without a colon: an entry of a list, a key that is being typed, or the rest of a text. */
  #bare(line: Line, column: number, cursor: number | undefined): number {
    const isCursorHere = cursor !== undefined && cursor >= line.content && !this.#isInComment(line, cursor);
    if (line.dashes.length > 0 || (this.#stack.length === 0 && /[{[]/.test(this.text[line.content] ?? ''))) {
      const frame = this.#stack.at(-1);
      const path = frame ? childPath(frame) : [];
      return this.#value(line, path, column, isCursorHere ? cursor : undefined, (value) => {
        if (frame) setChild(frame, value);
        else this.#root = value;
      });
    }
    if (isCursorHere) this.#open(column, line.value.from, line.value.to);
    return line.to;
  }

  #value(
    line: Line,
    path: JsonPath,
    column: number,
    cursor: number | undefined,
    set: (value: OutlineNode) => void,
  ): number {
    const { from, to } = line.value;
    const first = this.text[from] ?? '';
    const isKeyed = line.key !== undefined;
    if (to > from && (first === '|' || first === '>')) {
      // A list entry's text may stand as far left as its dash allows.
      const parent = isKeyed ? column : (line.dashes.at(-1) ?? 0);
      return this.#blockText(line, parent, set);
    }
    if (to > from && (first === '{' || first === '[')) {
      const flow = readFlow(this.text, from, this.to, this.cursor, path);
      const isRoot = path.length === 0;
      const kept = flow.isClosed || isRoot ? flow : readFlow(this.text, from, line.to, this.cursor, path);
      set(kept.node);
      if (kept.place) this.#place = { ...kept.place, column };
      const end = this.text.indexOf('\n', Math.max(kept.end - 1, from));
      return end < 0 || end > this.to ? this.to : end;
    }
    if (to > from && (first === '"' || first === "'")) {
      const end = this.#quoteEnd(from, first);
      const isLong = end > line.to;
      set(this.#scalar(from, isLong ? end : to));
      if (cursor !== undefined && !isLong) this.#noteValue(line, path, column, cursor);
      if (!isLong) return line.to;
      const lineEnd = this.text.indexOf('\n', end);
      return lineEnd < 0 || lineEnd > this.to ? this.to : lineEnd;
    }
    if (to > from) set(this.#scalar(from, to));
    if (cursor !== undefined) this.#noteValue(line, path, column, cursor);
    return line.to;
  }

  #noteValue(line: Line, path: JsonPath, column: number, cursor: number): void {
    const { from, to } = line.value;
    // Behind a value, with a space between: there is nothing to say.
    if (to > from && cursor > to) return;
    const isKeyed = line.key !== undefined;
    const start = to > from ? from : cursor;
    if (cursor >= start)
      this.#note(isKeyed ? 'value' : 'open', path, start, to > from ? to : start, column, false);
  }

  /** `|` and `>`: every deeper line belongs to the text, and so do the empty ones between. */
  #blockText(line: Line, column: number, set: (value: OutlineNode) => void): number {
    let end = line.to;
    let at = line.to + 1;
    let hasText = false;
    while (at <= this.to) {
      const next = this.text.indexOf('\n', at);
      const to = next < 0 || next > this.to ? this.to : next;
      const content = this.text.slice(at, to);
      const isBlank = content.trim() === '';
      if (!isBlank && content.search(/\S/) <= column) break;
      if (!isBlank) hasText = true;
      // A line that only the cursor stands on belongs to what its column says.
      const isCursor = this.cursor !== undefined && this.cursor >= at && this.cursor <= to;
      if (isBlank && isCursor && (this.cursor ?? 0) - at <= column) break;
      end = to;
      at = to + 1;
    }
    set({
      kind: 'scalar',
      text: hasText ? this.text.slice(line.to + 1, end) : '',
      from: line.value.from,
      to: end,
    });
    return end;
  }

  #quoteEnd(from: number, quote: string): number {
    for (let at = from + 1; at < this.to; at += 1) {
      if (quote === '"' && this.text[at] === '\\') at += 1;
      else if (this.text[at] === quote) return at + 1;
    }
    // Never closed: somebody is typing it, and what follows is no part of it.
    return from;
  }

  #scalar(from: number, to: number): Scalar {
    const raw = this.text.slice(from, to);
    const quoted = /^(["'])([\s\S]*?)\1?$/.exec(raw);
    return { kind: 'scalar', text: quoted?.[2] ?? raw, from, to };
  }

  /** The cursor stands on an empty line, or behind dashes that nothing follows. */
  #atNothing(line: Line, cursor: number): void {
    const frame = this.#stack.at(-1);
    const dash = line.dashes.at(-1);
    if (dash !== undefined) {
      if (frame && cursor > line.from + dash) {
        this.#note('open', childPath(frame), cursor, cursor, cursor - line.from, false);
      }
      return;
    }
    this.#open(cursor - line.from, cursor, cursor);
  }

  /** Something new at a column, which belongs to whatever is open there. */
  #open(column: number, from: number, to: number): void {
    const open = this.#stack.filter((frame) => frame.column <= column);
    const same = open.filter((frame) => frame.column === column);
    const map = same.findLast(({ node }) => node.kind === 'map');
    const list = same.findLast(({ node }) => node.kind === 'seq');
    const last = open.at(-1);
    if (map && map === same.at(-1)) {
      this.#note('key', map.path, from, to, column, false, pendingList(map));
      return;
    }
    if (map) {
      this.#note('key', map.path, from, to, column, false, list?.path);
      return;
    }
    if (list) {
      this.#note('open', list.path, from, to, column, false);
      return;
    }
    if (!last) {
      // Before anything else, or left of it.
      this.#note(this.#root?.kind === 'map' ? 'key' : 'open', [], from, to, column, false);
      return;
    }
    const child = currentChild(last);
    if (child === undefined || child.kind !== 'scalar') {
      this.#note('open', childPath(last), from, to, column, false);
    }
  }

  #note(
    kind: Place['kind'],
    path: JsonPath,
    from: number,
    to: number,
    column: number,
    hasColon: boolean,
    list?: JsonPath,
  ): void {
    const first = this.text[from] ?? '';
    const quote = to > from && (first === '"' || first === "'") ? first : '';
    const word = this.text.slice(Math.min(from + quote.length, this.cursor ?? from), this.cursor);
    this.#place = { path, kind, word, from, to, quote, column, hasColon, isFlow: false, list };
  }

  #addItem(column: number): void {
    while (this.#stack.length > 0 && (this.#stack.at(-1)?.column ?? -1) > column) this.#stack.pop();
    const top = this.#stack.at(-1);
    if (top?.column === column && top.node.kind === 'seq') {
      top.node.items.push({ value: undefined });
      return;
    }
    const node: OutlineNode = { kind: 'seq', items: [{ value: undefined }] };
    this.#push(node, column);
  }

  #mapAt(column: number): Frame & { node: Extract<OutlineNode, { kind: 'map' }> } {
    for (;;) {
      const top = this.#stack.at(-1);
      if (!top || top.column < column) break;
      if (top.column === column && top.node.kind === 'map') return { ...top, node: top.node };
      this.#stack.pop();
    }
    // A root that begins further right than the next of its keys is still one mapping.
    if (this.#stack.length === 0 && this.#root?.kind === 'map') {
      const frame = { node: this.#root, column, path: [] };
      this.#stack.push(frame);
      return frame;
    }
    const node: OutlineNode = { kind: 'map', entries: [] };
    return { ...this.#push(node, column), node };
  }

  #push(node: Frame['node'], column: number): Frame {
    const parent = this.#stack.at(-1);
    const frame = { node, column, path: parent ? childPath(parent) : [] };
    if (parent) setChild(parent, node);
    else this.#root = node;
    this.#stack.push(frame);
    return frame;
  }

  #cursorIn({ from, to }: Line): number | undefined {
    const { cursor } = this;
    return cursor !== undefined && cursor >= from && cursor <= to ? cursor : undefined;
  }

  #isInComment({ comment }: Line, cursor: number): boolean {
    return comment !== undefined && cursor > comment;
  }
}

function childPath({ node, path }: Frame): JsonPath {
  return node.kind === 'map' ? [...path, node.entries.at(-1)?.key ?? ''] : [...path, node.items.length - 1];
}

function currentChild({ node }: Frame): OutlineNode | undefined {
  return (node.kind === 'map' ? node.entries : node.items).at(-1)?.value;
}

function setChild({ node }: Frame, value: OutlineNode): void {
  const last = (node.kind === 'map' ? node.entries : node.items).at(-1);
  if (last) last.value = value;
}

/** The key before has no value yet: a list may begin at the key's own column. */
function pendingList(map: Frame): JsonPath | undefined {
  const child = currentChild(map);
  return map.node.kind === 'map' && map.node.entries.length > 0 && (!child || child.kind === 'seq')
    ? childPath(map)
    : undefined;
}
