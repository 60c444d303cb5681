import { ApiError, type ApiErrorJson } from '@/lib/k8s/error';
import { errorJson } from './calls';
import type { FromInventory, ToInventory } from './messages';

/** So much of a body may be under way between the threads. */
const CREDIT_BYTES = 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;

type Post = (message: ToInventory, transfer?: readonly ArrayBuffer[]) => void;

/** The main thread's end of one body: sends it on as fast as the reader takes it, and no faster. */
export class BodySender {
  private credit = CREDIT_BYTES;
  private goOn: () => void = () => {};
  private isOver = false;

  constructor(
    private readonly stream: number,
    private readonly post: Post,
  ) {}

  async send(body: AsyncIterable<Uint8Array>, path: string): Promise<void> {
    let error: ApiErrorJson | undefined;
    try {
      for await (const chunk of body) {
        for (let from = 0; from < chunk.length && !this.isOver; from += CHUNK_BYTES) {
          // A copy, because a chunk is a part of a buffer that other chunks and the HTTP parser still look into: it
          // cannot be given away itself. The copy is.
          const bytes = new Uint8Array(chunk.subarray(from, from + CHUNK_BYTES));
          this.credit -= bytes.length;
          this.post({ type: 'chunk', stream: this.stream, bytes }, [bytes.buffer]);
        }
        while (this.credit <= 0 && !this.isOver) await new Promise<void>((resolve) => (this.goOn = resolve));
        if (this.isOver) return;
      }
    } catch (cause) {
      error = errorJson(cause, path);
    }
    if (!this.isOver) this.post({ type: 'end', stream: this.stream, ...(error ? { error } : {}) });
  }

  addCredit(bytes: number): void {
    this.credit += bytes;
    if (this.credit > 0) this.goOn();
  }

  /** Nobody reads any more. */
  cancel(): void {
    this.isOver = true;
    this.goOn();
  }
}

/** The inventory's end of one body. */
export class BodyReceiver {
  private readonly chunks: Uint8Array[] = [];
  private ended: { error?: ApiError } | undefined;
  private wake: () => void = () => {};

  constructor(
    private readonly stream: number,
    private readonly post: (message: FromInventory) => void,
  ) {}

  take(bytes: Uint8Array): void {
    this.chunks.push(bytes);
    this.wake();
  }

  end(error?: ApiErrorJson): void {
    this.ended ??= error ? { error: ApiError.fromJSON(error) } : {};
    this.wake();
  }

  /** What arrives, once. @throws the ApiError that ended it. */
  async *body(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const bytes = this.chunks.shift();
      if (bytes) {
        yield bytes;
        this.post({ type: 'credit', stream: this.stream, bytes: bytes.length });
      } else if (this.ended?.error) throw this.ended.error;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
