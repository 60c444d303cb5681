/**
 * Reads the items of a list as its body comes, those of each chunk together, without ever holding the whole of it: an
 * API that knows no pages (metrics-server) answers for ten thousand pods in one piece. Any JSON object with an array
 * `items` of objects will do.
 * @throws SyntaxError when an item is not JSON, or when the body ends in the middle.
 */
export async function* readItems<T>(body: AsyncIterable<Uint8Array>): AsyncGenerator<T[]> {
  const decoder = new TextDecoder();
  const cutter = new ItemCutter();
  for await (const chunk of body) {
    const items = cutter.take(decoder.decode(chunk, { stream: true }));
    // The caller names the type of the list that was asked for.
    if (items.length > 0) yield items.map((text) => JSON.parse(text) as T);
  }
  cutter.end();
}

/**
 * The same for a reader that needs the list's other fields too: hands on the items of each chunk, and returns the list
 * without them. What a page of objects weighs is never in memory at once, and whatever else waits has its turn between.
 */
export async function readList<T, L>(
  body: AsyncIterable<Uint8Array>,
  take: (items: T[]) => void,
): Promise<L> {
  const decoder = new TextDecoder();
  const cutter = new ItemCutter();
  let isFirst = true;
  for await (const chunk of body) {
    // Chunks that are there already would be read one after the other without it.
    if (!isFirst) await new Promise((resolve) => setImmediate(resolve));
    isFirst = false;
    const items = cutter.take(decoder.decode(chunk, { stream: true }));
    if (items.length > 0) take(items.map((text) => JSON.parse(text) as T));
  }
  return JSON.parse(cutter.end()) as L;
}

/** Before the array's first item, and inside of an item: depth of braces and brackets counted from the outermost. */
const ITEMS_DEPTH = 2;

/** Finds where items begin and end, counting braces outside of strings. */
class ItemCutter {
  private rest = '';
  private at = 0;
  private depth = 0;
  private inString = false;
  /** Where the item that is being read begins in `rest`; -1 between items. */
  private start = -1;
  private key = '';
  private keyStart = -1;
  private inItems = false;
  /** What is no item, and from where on `rest` is not in it yet; -1 inside of the items. */
  private outside = '';
  private outsideFrom = 0;

  take(text: string): string[] {
    this.rest += text;
    const items: string[] = [];
    for (; this.at < this.rest.length; this.at += 1) {
      const code = this.rest.charCodeAt(this.at);
      if (this.inString) {
        if (code === BACKSLASH) {
          // What is escaped may come with the next chunk.
          if (this.at + 1 >= this.rest.length) break;
          this.at += 1;
        } else if (code === QUOTE) this.endString();
      } else if (code === QUOTE) this.beginString();
      else if (code === BRACE || code === BRACKET) this.open(code);
      else if (code === BRACE_END || code === BRACKET_END) {
        const item = this.close();
        if (item !== undefined) items.push(item);
      }
    }
    this.forget();
    return items;
  }

  /** Returns the text without the items. */
  end(): string {
    if (this.depth > 0 || this.inString) throw new SyntaxError('The list broke off in the middle.');
    return this.outside;
  }

  private beginString(): void {
    this.inString = true;
    if (this.depth === 1) this.keyStart = this.at + 1;
  }

  private endString(): void {
    this.inString = false;
    if (this.depth === 1) this.key = this.rest.slice(this.keyStart, this.at);
  }

  private open(code: number): void {
    this.depth += 1;
    if (this.depth === ITEMS_DEPTH) {
      this.inItems = code === BRACKET && this.key === 'items';
      if (this.inItems) this.leaveOut();
    }
    if (this.depth === ITEMS_DEPTH + 1 && this.inItems) this.start = this.at;
  }

  private close(): string | undefined {
    this.depth -= 1;
    if (this.depth === ITEMS_DEPTH - 1 && this.outsideFrom < 0) this.outsideFrom = this.at;
    if (this.depth !== ITEMS_DEPTH || this.start < 0) return undefined;
    const item = this.rest.slice(this.start, this.at + 1);
    this.start = -1;
    return item;
  }

  private leaveOut(): void {
    this.outside += this.rest.slice(this.outsideFrom, this.at + 1);
    this.outsideFrom = -1;
  }

  /** Drops what has been read, but for the item or the key that is not complete. */
  private forget(): void {
    const keyFrom = this.inString && this.depth === 1 ? this.keyStart : this.at;
    const from = this.start >= 0 ? this.start : keyFrom;
    if (this.outsideFrom >= 0) {
      this.outside += this.rest.slice(this.outsideFrom, from);
      this.outsideFrom = 0;
    }
    this.rest = this.rest.slice(from);
    this.at -= from;
    if (this.start >= 0) this.start = 0;
    this.keyStart -= from;
  }
}

const QUOTE = 34;
const BRACKET = 91;
const BACKSLASH = 92;
const BRACKET_END = 93;
const BRACE = 123;
const BRACE_END = 125;
