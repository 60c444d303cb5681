import type { Duplex } from 'node:stream';

/** How many sockets each key (an address, a session) holds open, and whether it may have one more. */
export class SocketQuota {
  private readonly open = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** Counts `socket` until it closes; false when the key has all that it may have. */
  take(key: string, socket: Duplex): boolean {
    const count = this.open.get(key) ?? 0;
    if (count >= this.most) return false;
    this.open.set(key, count + 1);
    socket.once('close', () => {
      const left = (this.open.get(key) ?? 1) - 1;
      if (left > 0) this.open.set(key, left);
      else this.open.delete(key);
    });
    return true;
  }
}
