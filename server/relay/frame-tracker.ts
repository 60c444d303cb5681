/** The opcode of a frame that ends a WebSocket. */
const CLOSE = 0x8;
const MAX_REASON_BYTES = 123;

/**
 * Follows where WebSocket frames begin and end in a stream of bytes that is passed on untouched (RFC 6455 section
 * 5.2). Only between two frames may a ping or a close of our own be put in.
 */
export class FrameTracker {
  private readonly header = new Uint8Array(14);
  private headerLength = 0;
  private payloadLeft = 0;
  private closing = false;

  /** True when the bytes so far end with a whole frame, and none of them closed the socket. */
  get canInject(): boolean {
    return this.headerLength === 0 && this.payloadLeft === 0 && !this.closing;
  }

  push(chunk: Uint8Array): void {
    this.follow(chunk, false);
  }

  /** Follows a chunk no further than to the end of the frame that is under way; returns how many bytes that took. */
  pushFrame(chunk: Uint8Array): number {
    return this.canInject ? 0 : this.follow(chunk, true);
  }

  private follow(chunk: Uint8Array, onlyThisFrame: boolean): number {
    let offset = 0;
    while (offset < chunk.length) {
      if (onlyThisFrame && this.canInject) return offset;
      if (this.payloadLeft > 0) {
        const skipped = Math.min(this.payloadLeft, chunk.length - offset);
        this.payloadLeft -= skipped;
        offset += skipped;
        continue;
      }
      this.header[this.headerLength++] = chunk[offset++] ?? 0;
      if (this.headerLength >= 2 && this.headerLength === this.headerSize()) this.beginPayload();
    }
    return offset;
  }

  private headerSize(): number {
    const second = this.header[1] ?? 0;
    const length = second & 0x7f;
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0);
  }

  private beginPayload(): void {
    const view = new DataView(this.header.buffer);
    const length = (this.header[1] ?? 0) & 0x7f;
    this.payloadLeft =
      length === 126 ? view.getUint16(2) : length === 127 ? Number(view.getBigUint64(2)) : length;
    if (((this.header[0] ?? 0) & 0xf) === CLOSE) this.closing = true;
    this.headerLength = 0;
  }
}

/** A ping without content, as a server sends it. */
export const PING_FRAME = Uint8Array.of(0x89, 0x00);

/** A close as a server sends it. Of a reason longer than a control frame takes (123 bytes) the end is cut off. */
export function closeFrame(code: number, reason = ''): Uint8Array {
  let words = reason;
  while (Buffer.byteLength(words) > MAX_REASON_BYTES) words = `${words.replace(/…$/, '').slice(0, -1)}…`;
  const text = Buffer.from(words);
  return Uint8Array.of(0x88, 2 + text.length, code >> 8, code & 0xff, ...text);
}
