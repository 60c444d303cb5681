import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Change } from './history';
import type { KubeObject } from './objects';
import { keyOf, type State } from './state';
import { jsonOf, passingJson } from './texts';

const FILE = 'journal.jsonl';
const COMPACT_BYTES = 32 * 1024 * 1024;

interface Line {
  /** The store's version after this line. */
  v: number;
  resource?: string;
  /** Written: the object. */
  put?: KubeObject;
  /** Removed: the last state. */
  gone?: KubeObject;
}

/**
 * The store's state on disk: one JSON line per write, handed to the kernel before the write is acknowledged, so that
 * killing the process loses nothing (losing power may: lines are not synced one by one). A line torn by a crash can
 * only be the last one and was never acknowledged; it is cut off. The file starts with a line that holds nothing but
 * the version, and is rewritten when what is dead outweighs what lives.
 */
export class Journal {
  private readonly file: string;
  private descriptor: number;
  private bytes = 0;
  private bytesAfterCompaction = 0;

  /** Reads what is there into `state`. @throws Error naming file and line when the file is damaged before its end. */
  constructor(
    directory: string,
    private readonly state: State,
  ) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.file = path.join(directory, FILE);
    const good = existsSync(this.file) ? this.replay(readFileSync(this.file)) : 0;
    this.descriptor = openSync(this.file, 'a', 0o600);
    if (fstatSync(this.descriptor).size > good) ftruncateSync(this.descriptor, good);
    this.bytes = good;
    if (good > COMPACT_BYTES / 2) {
      this.bytesAfterCompaction = this.liveBytes();
      if (good > this.bytesAfterCompaction * 4) this.compact();
    }
  }

  append(change: Change): void {
    const field = change.type === 'DELETED' ? 'gone' : 'put';
    this.write(
      `{"v":${change.revision},"resource":${JSON.stringify(change.resource)},"${field}":${jsonOf(change.object)}}\n`,
    );
  }

  /** Rewrites the file when it has grown to several times what its live objects need. */
  compactIfDue(): void {
    if (this.bytes > COMPACT_BYTES && this.bytes > this.bytesAfterCompaction * 4) this.compact();
  }

  /** Writes the live objects to a new file and swaps it in. */
  compact(): void {
    const draft = `${this.file}.new`;
    const descriptor = openSync(draft, 'a', 0o600);
    ftruncateSync(descriptor, 0);
    let bytes = writeSync(descriptor, `{"v":${this.state.revision}}\n`);
    let block: string[] = [];
    const flush = () => {
      bytes += writeAll(descriptor, Buffer.from(block.join('')));
      block = [];
    };
    for (const resource of this.state.resources()) {
      for (const object of this.state.list(resource)) {
        const version = object.metadata.resourceVersion;
        block.push(`{"v":${version},"resource":${JSON.stringify(resource)},"put":${passingJson(object)}}\n`);
        if (block.length === 256) flush();
      }
    }
    flush();
    fsyncSync(descriptor);
    renameSync(draft, this.file);
    closeSync(this.descriptor);
    this.descriptor = descriptor;
    this.bytes = bytes;
    this.bytesAfterCompaction = bytes;
  }

  close(): void {
    fsyncSync(this.descriptor);
    closeSync(this.descriptor);
  }

  private liveBytes(): number {
    let bytes = 0;
    for (const resource of this.state.resources()) {
      for (const object of this.state.list(resource)) bytes += passingJson(object).length;
    }
    return bytes;
  }

  private write(line: string): void {
    try {
      this.bytes += writeAll(this.descriptor, Buffer.from(line));
    } catch (error) {
      // Half a line in the middle would make the rest unreadable.
      ftruncateSync(this.descriptor, this.bytes);
      throw error;
    }
  }

  /** Applies every whole line; returns the length of the part that is good. */
  private replay(content: Buffer): number {
    let start = 0;
    let number = 0;
    while (start < content.length) {
      const end = content.indexOf(10, start);
      if (end < 0) return start;
      number += 1;
      const line = parse(content.toString('utf8', start, end));
      if (!line) {
        if (end === content.length - 1) return start;
        throw new Error(`${this.file} is damaged at line ${number}`);
      }
      this.applyLine(line);
      start = end + 1;
    }
    return start;
  }

  private applyLine({ v, resource, put, gone }: Line): void {
    const { state } = this;
    const object = put ?? gone;
    if (!object || !resource) {
      state.revision = v;
      state.forgetHistory(v);
      return;
    }
    // A resource that this version of the sandbox no longer serves.
    if (!state.has(resource)) return;
    const previous = state.get(resource, keyOf(object.metadata.namespace, object.metadata.name));
    const type = gone ? 'DELETED' : previous ? 'MODIFIED' : 'ADDED';
    const change: Change = { revision: v, resource, type, object, ...(previous ? { previous } : {}) };
    state.apply(change, v > state.compacted(resource));
  }
}

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

function writeAll(descriptor: number, bytes: Buffer): number {
  let written = 0;
  while (written < bytes.length) written += writeSync(descriptor, bytes, written);
  return bytes.length;
}
