import type { JsonPath } from '@/lib/k8s/json';
import type { Mapping, OutlineNode, Place, Scalar, Sequence } from './outline';

export interface FlowResult {
  node: OutlineNode;
  /** Behind its last character. */
  end: number;
  isClosed: boolean;
  place: Place | undefined;
}

/** Reads `{…}` or `[…]` from its opening bracket on, closed or not. */
export function readFlow(
  text: string,
  start: number,
  limit: number,
  cursor: number | undefined,
  path: JsonPath,
): FlowResult {
  const reader = new FlowReader(text, limit, cursor);
  const node = reader.value(start, path);
  return { node, end: reader.at, isClosed: reader.isClosed, place: reader.place };
}

class FlowReader {
  at = 0;
  isClosed = true;
  place: Place | undefined;

  constructor(
    readonly text: string,
    readonly limit: number,
    readonly cursor: number | undefined,
  ) {}

  value(start: number, path: JsonPath): OutlineNode {
    this.at = start;
    const opening = this.text[start];
    if (opening === '{') return this.#mapping(path);
    if (opening === '[') return this.#sequence(path);
    return this.#scalar();
  }

  #mapping(path: JsonPath): Mapping {
    const map: Mapping = { kind: 'map', entries: [] };
    this.at += 1;
    while (this.#skip((from) => this.#note('key', path, from, from, false))) {
      const char = this.text[this.at];
      if (char === '}') return this.#close(map);
      if (char === ']') break;
      if (char === ',') {
        this.at += 1;
        continue;
      }
      const key = this.#scalar(true);
      const afterKey = this.at;
      this.#skip(() => undefined);
      const hasColon = this.text[this.at] === ':';
      if (this.#covers(key.from, afterKey)) this.#note('key', path, key.from, key.to, hasColon);
      const entry = {
        key: key.text,
        from: key.from,
        to: key.to,
        value: undefined as OutlineNode | undefined,
      };
      map.entries.push(entry);
      if (!hasColon) continue;
      this.at += 1;
      entry.value = this.#inner([...path, key.text]);
    }
    this.isClosed = false;
    return map;
  }

  #sequence(path: JsonPath): Sequence {
    const list: Sequence = { kind: 'seq', items: [] };
    this.at += 1;
    while (this.at < this.limit) {
      const value = this.#inner([...path, list.items.length]);
      if (value) list.items.push({ value });
      const char = this.text[this.at];
      if (char === ']') return this.#close(list);
      if (char === '}' || this.at >= this.limit) break;
      this.at += char === ',' || !value ? 1 : 0;
    }
    this.isClosed = false;
    return list;
  }

  /** A value after a colon or between commas; undefined where there is none. */
  #inner(path: JsonPath): OutlineNode | undefined {
    const found = this.#skip((from) => this.#note('value', path, from, from, false));
    if (!found || ',}]'.includes(this.text[this.at] ?? ',')) return undefined;
    const from = this.at;
    const value = this.value(from, path);
    if (value.kind === 'scalar' && this.#covers(from, this.at))
      this.#note('value', path, from, value.to, false);
    this.#skip(() => undefined);
    return value;
  }

  #scalar(isKey = false): Scalar {
    const from = this.at;
    const quote = this.text[from];
    if (quote === '"' || quote === "'") {
      let end = from + 1;
      while (end < this.limit && this.text[end] !== quote && this.text[end] !== '\n') {
        end += this.text[end] === '\\' && quote === '"' ? 2 : 1;
      }
      const isQuoted = this.text[end] === quote;
      this.at = Math.min(this.limit, isQuoted ? end + 1 : end);
      return {
        kind: 'scalar',
        text: this.text.slice(from + 1, Math.min(end, this.limit)),
        from,
        to: this.at,
      };
    }
    const stop = isKey ? /[,[\]{}\n]|:/ : /[,[\]{}\n]|:(?=[\s,[\]{}]|$)/;
    const length = this.text.slice(from, this.limit).search(stop);
    // A stray character must not hold the reader up.
    this.at = length < 0 ? this.limit : from + Math.max(length, 1);
    const text = this.text.slice(from, this.at).trimEnd();
    return { kind: 'scalar', text, from, to: from + text.length };
  }

  /** Over white space and comments; false at the end. `met` is told when the cursor stands in between. */
  #skip(met: (cursor: number) => void): boolean {
    const from = this.at;
    for (;;) {
      const char = this.text[this.at] ?? '';
      if (this.at >= this.limit) break;
      if (char === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.limit : Math.min(end, this.limit);
      } else if (/\s/.test(char)) this.at += 1;
      else break;
    }
    if (this.cursor !== undefined && this.cursor >= from && this.cursor <= this.at) {
      const next = this.text[this.at] ?? '';
      if (this.cursor < this.at || this.at >= this.limit || ',}]'.includes(next)) met(this.cursor);
    }
    return this.at < this.limit;
  }

  #close<T>(node: T): T {
    this.at += 1;
    return node;
  }

  #covers(from: number, to: number): boolean {
    return this.cursor !== undefined && this.cursor >= from && this.cursor <= to;
  }

  #note(kind: 'key' | 'value', path: JsonPath, from: number, to: number, hasColon: boolean): void {
    const quote = /["']/.test(this.text[from] ?? '') && from < to ? (this.text[from] ?? '') : '';
    const word = this.text.slice(from + quote.length, this.cursor);
    // Behind a word that is typed comes nothing new.
    this.place ??= { path, kind, word, from, to, quote, column: 0, hasColon, isFlow: true, list: undefined };
  }
}
