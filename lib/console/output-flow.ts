/** Bytes that the terminal may hold unparsed. */
export const WINDOW_BYTES = 256 * 1024;
/** Waiting bytes beyond which the oldest are skipped … */
export const HIGH_BYTES = 8 * 1024 * 1024;
/** … down to this many: more than the scroll-back of 10,000 lines can show. */
export const KEEP_BYTES = 2 * 1024 * 1024;

const NEWLINE = 0x0a;

export interface OutputTarget {
  /** Hands bytes to the terminal; `parsed` is called once it has taken them. */
  write(bytes: Uint8Array, parsed: () => void): void;
  /** Says, in order, that so many bytes are missing here. */
  skipped(bytes: number): void;
}

/**
 * Between the socket and the terminal. A browser's WebSocket cannot be paused, so a guest that prints without end would
 * fill the memory: the terminal gets a bounded window at a time, and when too much waits behind it, the oldest is
 * skipped up to the end of a line. What is skipped would have left the scroll-back unread. Closing the connection
 * instead would lose more, and would end a session that others cannot get back.
 */
export class OutputFlow {
  private queue: Uint8Array[] = [];
  private waiting = 0;
  private inFlight = 0;
  private missing = 0;

  constructor(private readonly target: OutputTarget) {}

  /** Bytes that wait behind the terminal's window. */
  get waitingBytes(): number {
    return this.waiting;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.queue.push(bytes);
    this.waiting += bytes.length;
    if (this.waiting > HIGH_BYTES) this.skip();
    this.pump();
  }

  private pump(): void {
    while (this.inFlight < WINDOW_BYTES) {
      const bytes = this.queue.shift();
      if (!bytes) return;
      if (this.missing > 0) {
        this.target.skipped(this.missing);
        this.missing = 0;
      }
      this.waiting -= bytes.length;
      this.inFlight += bytes.length;
      this.target.write(bytes, () => {
        this.inFlight -= bytes.length;
        this.pump();
      });
    }
  }

  private skip(): void {
    while (this.waiting > KEEP_BYTES) {
      const bytes = this.queue[0];
      if (!bytes) return;
      const excess = this.waiting - KEEP_BYTES;
      const whole = excess >= bytes.length;
      const lineEnd = whole ? -1 : bytes.indexOf(NEWLINE, excess);
      const cut = whole || lineEnd < 0 ? bytes.length : lineEnd + 1;
      if (cut === bytes.length) this.queue.shift();
      else this.queue[0] = bytes.subarray(cut);
      this.waiting -= cut;
      this.missing += cut;
    }
  }
}
