import type { Socket } from 'node:net';
import { closeFrame, FrameTracker, PING_FRAME } from './frame-tracker';

const KEEP_ALIVE_MS = 15_000;
/** After one side ended, the other may still send this long. */
const HALF_CLOSED_MS = 5_000;
/** Pings that a client may leave unanswered before it counts as gone. */
const MAX_UNANSWERED = 3;
/** A client that was told to go has this long to do so. */
const ENDING_MS = 1_000;

/**
 * Two sockets whose bytes are copied to each other, with back-pressure, nothing parsed. Of the bytes to the client only
 * the frame boundaries are followed, so that a ping can keep the connection alive without cutting a frame in two.
 * The client's pongs travel on to the cluster, which ignores them and so stays awake as well.
 */
export class Splice {
  private readonly frames = new FrameTracker();
  private readonly closeListeners: (() => void)[] = [];
  private unanswered = 0;
  private closed = false;
  private ending = false;

  constructor(
    private readonly client: Socket,
    private readonly cluster: Socket,
    private readonly isWebSocket: boolean,
  ) {
    for (const socket of [client, cluster]) {
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.on('error', () => this.destroy());
      socket.on('close', () => this.closeSoon(socket));
    }
  }

  onClose(listener: () => void): void {
    this.closeListeners.push(listener);
  }

  /** `fromClient` and `fromCluster` are what each side sent right behind its part of the handshake. */
  start(fromClient: Buffer, fromCluster: Buffer): void {
    if (fromClient.length > 0) this.cluster.write(fromClient);
    if (fromCluster.length > 0) {
      this.frames.push(fromCluster);
      this.client.write(fromCluster);
    }
    copy(this.cluster, this.client, (chunk) => this.frames.push(chunk));
    copy(this.client, this.cluster, () => {
      this.unanswered = 0;
    });
  }

  /** Sends a ping when it fits between two frames; ends the connection of a client that has answered none. */
  ping(): void {
    if (!this.isWebSocket || this.ending || !this.frames.canInject || this.client.writableNeedDrain) return;
    if (this.unanswered >= MAX_UNANSWERED) {
      this.destroy();
      return;
    }
    this.unanswered += 1;
    this.client.write(PING_FRAME);
  }

  /**
   * Ends both sides for a reason of the server's own, which a WebSocket client is told behind the frame that is under
   * way. Nothing more passes to the cluster, and to the client only the rest of that frame.
   */
  end(code: number, reason = ''): void {
    if (this.ending || this.closed) return;
    this.ending = true;
    for (const socket of [this.client, this.cluster]) socket.removeAllListeners('data');
    // What the client still sends is read and dropped: bytes that nobody reads would reset it before it has the reason.
    this.client.on('data', () => undefined);
    setTimeout(() => this.destroy(), ENDING_MS).unref();
    if (!this.isWebSocket) this.destroy();
    else if (this.frames.canInject) this.sayGoodbye(code, reason);
    else {
      this.cluster.on('data', (chunk: Buffer) => {
        this.client.write(chunk.subarray(0, this.frames.pushFrame(chunk)));
        if (this.frames.canInject) this.sayGoodbye(code, reason);
      });
    }
  }

  private sayGoodbye(code: number, reason: string): void {
    this.cluster.destroy();
    this.client.end(closeFrame(code, reason));
    this.client.resume();
  }

  private closeSoon(ended: Socket): void {
    const other = ended === this.client ? this.cluster : this.client;
    if (this.ending && ended === this.cluster) return;
    if (other.destroyed) this.destroy();
    // What was already written to the other side may still be under way.
    else setTimeout(() => this.destroy(), HALF_CLOSED_MS).unref();
    if (!other.destroyed) other.end();
  }

  private destroy(): void {
    this.client.destroy();
    this.cluster.destroy();
    if (this.closed) return;
    this.closed = true;
    for (const listener of this.closeListeners) listener();
  }
}

function copy(from: Socket, to: Socket, see: (chunk: Buffer) => void): void {
  from.on('data', (chunk: Buffer) => {
    see(chunk);
    if (!to.destroyed && !to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
}
