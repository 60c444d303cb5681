import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ConnectionLimits } from './limits';
import { refuse } from './status';

interface Watched {
  request: IncomingMessage;
  response: ServerResponse;
  /** The connection's counters at the last look. */
  read: number;
  written: number;
  /** Since when nothing of the answer was taken although something waits (ms); 0 while it flows. */
  stalledSince: number;
  /** Not yet seen for a whole interval, so nothing can be said of its pace. */
  isNew: boolean;
}

/**
 * Gives up on clients that hold a request open on purpose: a body that trickles, an answer that is not read. What waits
 * for us or for the cluster is not the client's fault and is left alone.
 */
export class Pace {
  private readonly watched = new Set<Watched>();
  private readonly timer: ReturnType<typeof setInterval>;

  constructor(private readonly limits: ConnectionLimits) {
    this.timer = setInterval(() => this.look(), limits.checkEveryMs).unref();
  }

  watch(request: IncomingMessage, response: ServerResponse): void {
    const { bytesRead: read, bytesWritten: written } = request.socket;
    const watched: Watched = { request, response, read, written, stalledSince: 0, isNew: true };
    this.watched.add(watched);
    response.once('close', () => this.watched.delete(watched));
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const watched of this.watched) {
      if (watched.isNew) watched.isNew = false;
      else if (this.isSlowToSend(watched)) refuseSlow(watched);
      else if (this.isSlowToTake(watched)) watched.response.destroy();
      watched.read = watched.request.socket.bytesRead;
      watched.written = watched.request.socket.bytesWritten;
    }
  }

  private isSlowToSend({ request, read }: Watched): boolean {
    if (request.complete || request.destroyed) return false;
    // A full buffer means that nobody here takes the bytes: the cluster is slow, or an answer is already on its way.
    if (request.readableLength >= request.readableHighWaterMark) return false;
    const wanted = (this.limits.minBodyBytesPerSecond * this.limits.checkEveryMs) / 1_000;
    return request.socket.bytesRead - read < wanted;
  }

  private isSlowToTake(watched: Watched): boolean {
    const { socket } = watched.request;
    if (socket.writableLength === 0 || socket.bytesWritten !== watched.written) {
      watched.stalledSince = 0;
      return false;
    }
    watched.stalledSince ||= Date.now();
    return Date.now() - watched.stalledSince >= this.limits.stalledAnswerMs;
  }
}

function refuseSlow({ request, response }: Watched): void {
  response.once('finish', () => request.socket.destroySoon());
  if (!response.headersSent) response.setHeader('Connection', 'close');
  refuse(response, {
    code: 408,
    reason: 'Timeout',
    message: 'The body of the request came too slowly, so it was given up.',
  });
}
