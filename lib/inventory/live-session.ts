import { ApiError } from '@/lib/k8s/error';
import type { InventoryService } from './inventory-service';
import { parseClientMessage } from './live-message';
import { messagesFor, type Shown } from './live-messages';
import type { LiveSource } from './live-source';
import { type ClientMessage, type Feed, MAX_NAMED, type Subscription } from './protocol';
import type { Lease } from './shared-pool';
import type { Asker } from './transport';

/** Changes within this time travel together, unless the sink says otherwise. */
const BATCH_MS = 50;
/** A reader with more than this still unsent gets nothing new; what it missed is one difference later. */
const MAX_UNSENT_BYTES = 512 * 1024;
const SLOW_READER_MS = 100;
const MAX_SUBSCRIPTIONS = 200;

/** Named VMs come all at once. */
const ALL_NAMED = { from: 0, count: MAX_NAMED };

/** The socket of one tab. */
export interface LiveSink {
  send(text: string): void;
  /** Bytes handed to `send` that the network has not taken yet. */
  unsent(): number;
  /** Within how many milliseconds changes travel together. */
  batchMs?(): number;
  /** Ends the socket: the client breaks the protocol. */
  refuse(reason: string): void;
}

interface Open {
  id: string;
  /** Absent until it is known who asks. */
  lease?: Lease<LiveSource>;
  refusal?: Feed;
  stop: () => void;
  dirty: boolean;
  shown: Shown;
}

/**
 * One tab's subscriptions. Nothing is queued: what changed is computed against what was last sent, when the socket has
 * room for it. So a slow reader costs no memory and skips straight to the newest state.
 */
export class LiveSession<A extends Asker = Asker> {
  private readonly open = new Map<string, Open>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly inventory: InventoryService<A>,
    /** Who this tab is to a cluster. @throws ApiError 401 when nobody is signed in to it, 404 when there is none. */
    private readonly asker: (cluster: string) => Promise<A>,
    private readonly sink: LiveSink,
  ) {}

  receive(text: string): void {
    const message = parseClientMessage(text);
    if (!message) {
      this.sink.refuse('That is no message of the live protocol.');
      return;
    }
    if (message.type === 'window') {
      this.moveWindow(message);
      return;
    }
    this.drop(message.id);
    if (message.type === 'unsubscribe') return;
    if (this.open.size >= MAX_SUBSCRIPTIONS) {
      this.sink.refuse(`More than ${MAX_SUBSCRIPTIONS} subscriptions on one socket.`);
      return;
    }
    const { id, cluster, subscription } = message;
    const window = subscription.kind === 'vms' ? subscription.window : undefined;
    const entry: Open = { id, stop: () => {}, dirty: false, shown: { window: window ?? ALL_NAMED } };
    this.open.set(id, entry);
    void this.asker(cluster).then(
      (asker) => this.begin(entry, asker, subscription),
      (cause: unknown) => this.refuseEntry(entry, cause, cluster),
    );
  }

  close(): void {
    clearTimeout(this.timer);
    for (const id of [...this.open.keys()]) this.drop(id);
  }

  private moveWindow({ id, window, hold = false }: Extract<ClientMessage, { type: 'window' }>): void {
    const entry = this.open.get(id);
    // What was dropped a moment ago may still be moved by a message on its way.
    if (!entry) return;
    const { shown } = entry;
    const isSame = shown.window.from === window.from && shown.window.count === window.count;
    shown.window = window;
    if (!hold || !isSame) delete shown.held;
    if (hold) shown.held ??= 'next';
    this.mark(entry, 0);
  }

  private begin(entry: Open, asker: A, subscription: Subscription): void {
    if (this.open.get(entry.id) !== entry) return;
    entry.lease = this.inventory.open(asker, subscription);
    entry.stop = entry.lease.value.onChange(() => this.mark(entry));
    this.mark(entry, 0);
  }

  /** Nobody is signed in to that cluster, or there is none: said in place of rows. */
  private refuseEntry(entry: Open, cause: unknown, cluster: string): void {
    const request = { method: 'GET', path: `/api/live ${cluster}` };
    const error = cause instanceof ApiError ? cause : new ApiError(0, 'Unreachable', String(cause), request);
    entry.refusal = { state: 'refused', error: error.toJSON() };
    this.mark(entry, 0);
  }

  private mark(entry: Open, ms = this.sink.batchMs?.() ?? BATCH_MS): void {
    entry.dirty = true;
    this.schedule(ms);
  }

  private drop(id: string): void {
    const entry = this.open.get(id);
    if (!entry) return;
    entry.stop();
    entry.lease?.release();
    this.open.delete(id);
  }

  private schedule(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, ms);
  }

  private flush(): void {
    for (const entry of this.open.values()) {
      if (!entry.dirty) continue;
      if (this.sink.unsent() > MAX_UNSENT_BYTES) {
        this.schedule(SLOW_READER_MS);
        return;
      }
      entry.dirty = false;
      const reading = entry.lease?.value.read() ?? {
        loaded: false,
        feed: entry.refusal ?? { state: 'loading' },
      };
      const recordOf = (uid: string) => entry.lease?.value.record?.(uid);
      for (const message of messagesFor(entry.id, entry.shown, reading, recordOf)) {
        this.sink.send(JSON.stringify(message));
      }
    }
  }
}
