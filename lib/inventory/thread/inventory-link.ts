import { ApiError } from '@/lib/k8s/error';
import {
  type ApiTransport,
  type Asker,
  type Clock,
  type Guard,
  type May,
  READER_KEY,
  SYSTEM_CLOCK,
} from '../transport';
import { Askers } from './askers';
import { BodySender } from './body-streams';
import { Calls, errorJson } from './calls';
import type { FromInventory, InventoryCalls, NetworkCalls, Port, ToInventory, Who } from './messages';

/** The socket of one tab, as the main thread has it. */
export interface LiveSocket<A extends Asker> {
  /** Who its owner is to a cluster. @throws ApiError 401 when nobody is signed in to it, 404 when there is none. */
  asker(cluster: string): Promise<A>;
  /** Sends a text frame. */
  send(data: Uint8Array): void;
  /** Bytes that the network has not taken yet. */
  buffered(): number;
  close(code: number, reason: string): void;
}

/** What the main thread has and the inventory needs. */
export interface Network<A extends Asker> {
  /** Serves viewers, and the readers of clusters by their names. */
  transport: ApiTransport<Asker>;
  guard?: Guard<A>;
  may?: May<A>;
  clock?: Clock;
}

/** Sockets with more than this unsent are reported, so that they get nothing new until they have caught up. */
const REPORTED_BYTES = 64 * 1024;
const LOOK_AGAIN_MS = 50;

interface Stream {
  abort: AbortController;
  sender: BodySender;
}

/** One life of the inventory's thread, seen from the main thread: does for it what needs sockets, network or credentials. */
export class InventoryLink<A extends Asker> {
  readonly calls: Calls<InventoryCalls, NetworkCalls>;
  readonly askers: Askers<A>;
  private readonly clock: Clock;
  private readonly sockets = new Map<number, LiveSocket<A>>();
  private readonly letGo = new Map<number, () => void>();
  private readonly streams = new Map<number, Stream>();
  private readonly holds = new Map<number, () => void>();
  private readonly slow = new Set<number>();
  private cancelLook: (() => void) | undefined;
  private lastSocket = 0;
  private isOver = false;

  constructor(
    private readonly port: Port<FromInventory, ToInventory>,
    private readonly network: Network<A>,
  ) {
    this.clock = network.clock ?? SYSTEM_CLOCK;
    this.askers = new Askers(this.clock);
    this.calls = new Calls((message) => this.post(message), {
      get: (...args) => this.get(...args),
      may: async (handle, check, fresh) => {
        const asker = this.askers.get(handle);
        return this.network.may ? this.network.may(asker, check, fresh) : { allowed: true };
      },
      asker: (socket, cluster) => this.asker(socket, cluster),
    });
    port.listen((message) => this.take(message));
  }

  /** A tab's socket is there; the returned functions pass on what it says, and that it has gone. */
  open(socket: LiveSocket<A>): { receive(text: string): void; close(): void } {
    this.lastSocket += 1;
    const id = this.lastSocket;
    this.sockets.set(id, socket);
    this.post({ type: 'opened', socket: id });
    return {
      receive: (text) => this.post({ type: 'message', socket: id, text }),
      close: () => {
        this.sockets.delete(id);
        this.slow.delete(id);
        this.letGo.get(id)?.();
        this.letGo.delete(id);
        this.post({ type: 'closed', socket: id });
      },
    };
  }

  /** Ends all that was done for the thread: it is to end, or has died. */
  close(code: number, reason: string): void {
    if (this.isOver) return;
    this.post({ type: 'close' });
    this.isOver = true;
    this.cancelLook?.();
    for (const release of this.holds.values()) release();
    for (const { abort, sender } of this.streams.values()) {
      sender.cancel();
      abort.abort();
    }
    const asked = { method: 'GET', path: '/' };
    this.calls.fail(new ApiError(503, 'ServiceUnavailable', 'The inventory starts again.', asked));
    this.askers.close();
    for (const socket of this.sockets.values()) socket.close(code, reason);
    this.sockets.clear();
  }

  private take(message: FromInventory): void {
    if (this.isOver) return;
    switch (message.type) {
      case 'frames':
        this.send(message.frames);
        return;
      case 'refuse':
        this.sockets.get(message.socket)?.close(1008, message.reason);
        return;
      case 'credit':
        this.streams.get(message.stream)?.sender.addCredit(message.bytes);
        return;
      case 'cancel':
        this.streams.get(message.stream)?.sender.cancel();
        this.streams.get(message.stream)?.abort.abort();
        return;
      case 'hold':
        this.hold(message);
        return;
      case 'release':
        this.holds.get(message.hold)?.();
        this.holds.delete(message.hold);
        return;
      default:
        this.calls.take(message);
    }
  }

  private async get(stream: number, who: Who, path: string, streaming: boolean) {
    const abort = new AbortController();
    const sender = new BodySender(stream, (message, transfer) => this.post(message, transfer));
    this.streams.set(stream, { abort, sender });
    try {
      const { signal } = abort;
      const answer = await this.network.transport.get(this.whoIs(who), path, { signal, streaming });
      const { body, ...head } = answer;
      void sender.send(body, path).finally(() => this.streams.delete(stream));
      return head;
    } catch (cause) {
      this.streams.delete(stream);
      throw cause;
    }
  }

  private whoIs(who: Who): Asker {
    if (typeof who === 'number') return this.askers.get(who);
    if (who.key === READER_KEY) return who;
    throw new ApiError(401, 'Unauthorized', 'Nobody asks.', { method: 'GET', path: '/' });
  }

  private async asker(id: number, cluster: string) {
    const socket = this.sockets.get(id);
    const asked = { method: 'GET', path: '/api/live' };
    if (!socket) throw new ApiError(401, 'Unauthorized', 'The socket has gone.', asked);
    const remote = this.askers.remote(await socket.asker(cluster));
    const release = this.askers.hold(remote.handle);
    if (this.sockets.has(id)) {
      const before = this.letGo.get(id);
      this.letGo.set(id, () => {
        before?.();
        release();
      });
    } else release();
    return remote;
  }

  private hold({ hold, handle, checks }: Extract<FromInventory, { type: 'hold' }>): void {
    const letGo = this.askers.hold(handle);
    const release = this.network.guard?.hold({
      who: this.askers.get(handle),
      checks,
      over: (error) => this.post({ type: 'over', hold, error: errorJson(error, '/') }),
      denied: (check, reason) => this.post({ type: 'denied', hold, check, reason }),
    });
    this.holds.set(hold, () => {
      release?.();
      letGo();
    });
  }

  private send(frames: Extract<FromInventory, { type: 'frames' }>['frames']): void {
    for (const { data, to } of frames) {
      for (const id of to) {
        const socket = this.sockets.get(id);
        if (!socket) continue;
        socket.send(data);
        if (socket.buffered() > REPORTED_BYTES) this.slow.add(id);
      }
    }
    this.report(true);
  }

  /** Says how much slow sockets still have to send, until they have none of it. */
  private report(taken: boolean): void {
    const sockets = [...this.slow].map((id): [number, number] => [id, this.sockets.get(id)?.buffered() ?? 0]);
    this.post({ type: 'buffered', sockets, taken });
    for (const [id, bytes] of sockets) if (bytes <= REPORTED_BYTES) this.slow.delete(id);
    if (this.slow.size === 0 || this.cancelLook) return;
    this.cancelLook = this.clock.after(LOOK_AGAIN_MS, () => {
      this.cancelLook = undefined;
      this.report(false);
    });
  }

  private post(message: ToInventory, transfer?: readonly ArrayBuffer[]): void {
    if (!this.isOver) this.port.post(message, transfer);
  }
}
