import type { FromInventory } from './messages';

/** So many posts may wait for the main thread; beyond, all sockets count as slow until it has caught up. */
const MAX_POSTS_UNDER_WAY = 50;

/** Sends texts to sockets of the main thread: all of one turn in one post, and a text that several get only once. */
export class SocketWriter {
  private waiting = new Map<string, number[]>();
  private readonly buffered = new Map<number, number>();
  private underWay = 0;
  private isDue = false;
  private readonly encoder = new TextEncoder();

  constructor(private readonly post: (message: FromInventory, transfer: readonly ArrayBuffer[]) => void) {}

  send(socket: number, text: string): void {
    const to = this.waiting.get(text);
    if (to) to.push(socket);
    else this.waiting.set(text, [socket]);
    if (this.isDue) return;
    this.isDue = true;
    // After all timers that are due: the sessions of many tabs send at the same time.
    setImmediate(() => this.flush());
  }

  /** Bytes that the network has not taken, as far as the main thread told. */
  unsent(socket: number): number {
    return this.underWay > MAX_POSTS_UNDER_WAY ? Number.POSITIVE_INFINITY : (this.buffered.get(socket) ?? 0);
  }

  /** @param taken whether this answers a post. */
  heard(sockets: [number, number][], taken: boolean): void {
    if (taken) this.underWay -= 1;
    for (const [socket, bytes] of sockets) {
      if (bytes > 0) this.buffered.set(socket, bytes);
      else this.buffered.delete(socket);
    }
  }

  forget(socket: number): void {
    this.buffered.delete(socket);
  }

  private flush(): void {
    this.isDue = false;
    const frames = [...this.waiting].map(([text, to]) => ({ data: this.encoder.encode(text), to }));
    this.waiting = new Map();
    this.underWay += 1;
    this.post(
      { type: 'frames', frames },
      frames.map(({ data }) => data.buffer),
    );
  }
}
