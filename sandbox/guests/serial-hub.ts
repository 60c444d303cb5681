import { Duplex } from 'node:stream';

/** What a late joiner gets to see. */
export const SCROLL_BACK_BYTES = 64 * 1024;
/** A reader that lets this much pile up is dropped: a serial line that prints without end must not fill the memory. */
const SLOW_READER_BYTES = 1024 * 1024;

/**
 * Shares one serial line among any number of readers. QEMU serves a single client per socket, so the sandbox is that
 * client, keeps the scroll-back and hands out streams. What any reader writes goes to the guest.
 */
export class SerialHub {
  readonly #readers = new Set<Duplex>();
  #history: Buffer[] = [];
  #historyBytes = 0;
  #line: Duplex | undefined;

  constructor(history: Buffer = Buffer.alloc(0)) {
    this.#remember(history);
  }

  /** Reads from and writes to `line` from now on. */
  attach(line: Duplex): void {
    this.#line = line;
    line.on('data', (chunk: Buffer) => this.#spread(chunk));
    const detach = () => {
      if (this.#line === line) this.#line = undefined;
    };
    line.on('error', detach);
    line.on('close', detach);
  }

  open({ history }: { history: boolean }): Duplex {
    const reader = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, callback) => {
        // A guest that doesn't listen holds its writer up; one that has gone swallows what is typed.
        if (!this.#line?.writable) callback();
        else if (this.#line.write(chunk)) callback();
        else this.#line.once('drain', () => callback());
      },
      destroy: (error, callback) => {
        this.#readers.delete(reader);
        callback(error);
      },
    });
    if (history && this.#historyBytes > 0)
      reader.push(Buffer.concat(this.#history).subarray(-SCROLL_BACK_BYTES));
    this.#readers.add(reader);
    return reader;
  }

  /** Ends every reader's stream: the machine has gone. */
  close(): void {
    for (const reader of this.#readers) reader.push(null);
    this.#readers.clear();
    this.#line?.destroy();
  }

  #spread(chunk: Buffer): void {
    this.#remember(chunk);
    for (const reader of this.#readers) {
      if (reader.readableLength + chunk.length > SLOW_READER_BYTES) {
        reader.destroy(new Error('The reader is too slow for this serial line.'));
      } else {
        reader.push(chunk);
      }
    }
  }

  #remember(chunk: Buffer): void {
    // A copy of the end only: a slice would keep the whole chunk's memory.
    const kept = chunk.length > SCROLL_BACK_BYTES ? Buffer.from(chunk.subarray(-SCROLL_BACK_BYTES)) : chunk;
    if (kept.length === 0) return;
    this.#history.push(kept);
    this.#historyBytes += kept.length;
    if (this.#historyBytes > 2 * SCROLL_BACK_BYTES || this.#history.length > 512) {
      this.#history = [Buffer.from(Buffer.concat(this.#history).subarray(-SCROLL_BACK_BYTES))];
      this.#historyBytes = this.#history[0]?.length ?? 0;
    }
  }
}
