const BLOCK = 512;

export interface TarEntry {
  /** Without a leading `./` or `/`, and without a trailing `/`. */
  path: string;
  type: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';
  /** Of links: where they lead, as written. */
  target: string;
  size: number;
  /** The file's bytes, to be read before the next entry is asked for; what is not read is skipped. */
  body: AsyncIterable<Buffer>;
}

/**
 * Reads a tar stream entry by entry: ustar with GNU's long names and pax headers, as container layers are written.
 * @throws an Error `unexpected EOF` when the stream ends within an entry, `invalid tar header` on a bad checksum
 */
export async function* readTar(stream: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const source = new ByteSource(stream[Symbol.asyncIterator]());
  let extended: Record<string, string> = {};
  for (;;) {
    const header = await source.header();
    if (!header) return;
    const typeFlag = String.fromCharCode(header[156] ?? 0);
    const size = Number(extended.size ?? number(header.subarray(124, 136)));
    const padding = (BLOCK - (size % BLOCK)) % BLOCK;
    if (typeFlag === 'x' || typeFlag === 'g' || typeFlag === 'L' || typeFlag === 'K') {
      const words = await source.bytes(size);
      await source.bytes(padding);
      if (typeFlag === 'x') extended = { ...extended, ...paxRecords(words) };
      if (typeFlag === 'L') extended = { ...extended, path: text(words) };
      if (typeFlag === 'K') extended = { ...extended, linkpath: text(words) };
      continue;
    }
    const prefix = header.toString('latin1', 257, 262) === 'ustar' ? text(header.subarray(345, 500)) : '';
    const name = text(header.subarray(0, 100));
    const body = source.body(typeFlag === '5' || typeFlag === '1' || typeFlag === '2' ? 0 : size);
    yield {
      path: cleanPath(extended.path ?? (prefix ? `${prefix}/${name}` : name)),
      type: TYPES[typeFlag] ?? 'other',
      target: extended.linkpath ?? text(header.subarray(157, 257)),
      size,
      body,
    };
    extended = {};
    // What the reader left.
    for await (const _ of body);
    await source.bytes(padding);
  }
}

const TYPES: Record<string, TarEntry['type']> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '5': 'directory',
};

/** `./a//b/` and `/a/b` are `a/b`. */
export function cleanPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? field.length : end);
}

/** Octal digits, or a big-endian number behind a set first bit. */
function number(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) === 0) return Number.parseInt(text(field).trim() || '0', 8);
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
}

function paxRecords(block: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < block.length; ) {
    const space = block.indexOf(32, at);
    const length = Number(block.toString('latin1', at, space));
    if (space < 0 || !(length > 0)) break;
    const record = block.toString('utf8', space + 1, at + length - 1);
    const equals = record.indexOf('=');
    records[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return records;
}

class ByteSource {
  #rest: Buffer = Buffer.alloc(0);

  constructor(private readonly chunks: AsyncIterator<Uint8Array>) {}

  /** The next header block; undefined at the end of the archive. */
  async header(): Promise<Buffer | undefined> {
    if (!(await this.#fill())) return undefined;
    const block = await this.bytes(BLOCK);
    if (block.every((byte) => byte === 0)) {
      // The end is two such blocks; whatever pads the archive after them has to be read for its checksum.
      do this.#rest = Buffer.alloc(0);
      while (await this.#fill());
      return undefined;
    }
    const unsigned = block.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
    if (unsigned !== number(block.subarray(148, 156))) throw new Error('archive/tar: invalid tar header');
    return block;
  }

  async bytes(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.body(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The next `count` bytes as they come. An iterable of one use: another loop over it goes on where one stopped. */
  body(count: number): AsyncIterable<Buffer> {
    let left = count;
    const next = async (): Promise<IteratorResult<Buffer, undefined>> => {
      if (left === 0) return { done: true, value: undefined };
      if (!(await this.#fill())) throw new Error('unexpected EOF');
      const value = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(value.length);
      left -= value.length;
      return { done: false, value };
    };
    return { [Symbol.asyncIterator]: () => ({ next }) };
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.chunks.next();
      if (done) return false;
      this.#rest = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    return true;
  }
}
