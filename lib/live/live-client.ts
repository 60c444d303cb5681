import type { ClientMessage, ServerMessage, Subscription, Window } from '@/lib/inventory/protocol';
import { ApiError } from '@/lib/k8s/error';
import { isSignInNeeded, tellSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { type LiveState, LOADING_STATE, reduceLive } from './live-state';

const RECONNECT_MIN_MS = 500;
const RECONNECT_MAX_MS = 15_000;
// The server pings every 20 s, but browsers hide pings from scripts; a dead network shows as `close` sooner or later.
const LINGER_MS = 1_000;

/** The part of a browser's WebSocket that is used; a test passes its own. */
export interface LiveSocket {
  send(text: string): void;
  close(): void;
}

export interface LiveSocketEvents {
  opened: () => void;
  message: (text: string) => void;
  closed: () => void;
}

export interface LiveClientOptions {
  /** Opens a socket to `/api/live`; called again for every reconnect. */
  open: (events: LiveSocketEvents) => LiveSocket;
  /** From 0 to 1, spreads reconnects; Math.random unless a test says otherwise. */
  random?: () => number;
}

/** The socket itself: `paused` means that the console's own server does not answer. */
export type LiveStatus =
  | { state: 'connecting' }
  | { state: 'live' }
  /** `retryAt` in ms since the epoch. */
  | { state: 'paused'; retryAt: number };

export interface WaitOptions {
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Nobody saw the awaited change in time; the change may still come. */
export class WaitTimeout extends Error {
  override readonly name = 'WaitTimeout';
}

/** One subscription, shared by all who ask for the same; a store in the sense of useSyncExternalStore. */
export interface LiveView {
  get: () => LiveState;
  /** Shows another stretch of a `vms` subscription that has an owner; see the protocol. */
  move: (window: Window, hold?: boolean) => void;
  /** Keeps the subscription open until the returned function is called. */
  subscribe: (listener: () => void) => () => void;
}

interface Entry {
  id: string;
  key: string;
  cluster: string;
  subscription: Subscription;
  state: LiveState;
  listeners: Set<() => void>;
  lingering?: ReturnType<typeof setTimeout> | undefined;
  /** Whether the current socket knows of it. */
  sent: boolean;
  hold: boolean;
}

/**
 * The browser's end of `/api/live`: one socket, any number of subscriptions, equal ones shared. It connects when the
 * first subscription is there, reconnects with back-off and subscribes anew; what was last known stays readable.
 */
export class LiveClient {
  private readonly entries = new Map<string, Entry>();
  private readonly byId = new Map<string, Entry>();
  private readonly statusListeners = new Set<() => void>();
  private status: LiveStatus = { state: 'connecting' };
  private socket: LiveSocket | undefined;
  private isOpen = false;
  private attempts = 0;
  private nextId = 1;
  private connectedAt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private closed = false;

  constructor(private readonly options: LiveClientOptions) {}

  /**
   * The view of a subscription. Nothing is asked from the server until somebody subscribes to the view. With an `owner`
   * its window can be moved, and it is shared by those of the same owner only.
   */
  view(cluster: string, subscription: Subscription, owner = ''): LiveView {
    // Who moves the window shares it with nobody, and it stays theirs wherever it stands.
    const isOwned = owner !== '' && subscription.kind === 'vms';
    const what = JSON.stringify(isOwned ? { ...subscription, window: undefined } : subscription);
    const key = `${cluster} ${owner} ${what}`;
    return {
      get: () => this.entries.get(key)?.state ?? LOADING_STATE,
      move: (window, hold = false) => this.moveWindow(key, window, hold),
      subscribe: (listener) => this.attach(key, cluster, subscription, listener),
    };
  }

  /**
   * Resolves with the first state for which `predicate` holds, once a snapshot is there.
   * @throws WaitTimeout, ApiError when the API refuses the subscription, or the signal's reason.
   */
  waitFor(
    cluster: string,
    subscription: Subscription,
    predicate: (state: LiveState) => boolean,
    { timeoutMs, signal }: WaitOptions,
  ): Promise<LiveState> {
    return new Promise((resolve, reject) => {
      const view = this.view(cluster, subscription);
      const finish = (settle: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        detach();
        settle();
      };
      const abort = () => finish(() => reject(signal?.reason));
      const check = () => {
        const state = view.get();
        const { feed } = state;
        if (feed.state === 'refused') finish(() => reject(ApiError.fromJSON(feed.error)));
        else if (state.arrived && predicate(state)) finish(() => resolve(state));
      };
      const timer = setTimeout(
        () => finish(() => reject(new WaitTimeout(`Not seen within ${Math.round(timeoutMs / 1000)} s`))),
        timeoutMs,
      );
      const detach = view.subscribe(check);
      if (signal?.aborted) abort();
      else {
        signal?.addEventListener('abort', abort);
        check();
      }
    });
  }

  getStatus = (): LiveStatus => this.status;

  subscribeStatus = (listener: () => void): (() => void) => {
    this.statusListeners.add(listener);
    return () => this.statusListeners.delete(listener);
  };

  /** Tries at once instead of at `retryAt`, e.g. when the browser says that the network is back. */
  reconnectNow(): void {
    if (this.status.state !== 'paused') return;
    clearTimeout(this.retry);
    this.connect();
  }

  /** Leaves the socket for a new one, e.g. because somebody signed in: a socket keeps the credentials it began with. */
  reopen(): void {
    if (this.closed) return;
    if (this.socket) {
      this.dropSocket();
      this.connect();
    } else this.reconnectNow();
  }

  /** Ends the socket for good. */
  close(): void {
    this.closed = true;
    clearTimeout(this.retry);
    for (const entry of this.entries.values()) clearTimeout(entry.lingering);
    this.dropSocket();
  }

  private attach(key: string, cluster: string, subscription: Subscription, listener: () => void): () => void {
    const entry = this.entries.get(key) ?? this.addEntry(key, cluster, subscription);
    clearTimeout(entry.lingering);
    entry.lingering = undefined;
    entry.listeners.add(listener);
    if (!this.socket && !this.closed && this.status.state !== 'paused') this.connect();
    else this.sendSubscribe(entry);
    return () => {
      entry.listeners.delete(listener);
      // Moving between pages and React's double effects drop and take the same subscription within moments.
      if (entry.listeners.size === 0 && !this.closed) {
        clearTimeout(entry.lingering);
        entry.lingering = setTimeout(() => this.removeEntry(entry), LINGER_MS);
      }
    };
  }

  private moveWindow(key: string, window: Window, hold: boolean): void {
    const entry = this.entries.get(key);
    if (entry?.subscription.kind !== 'vms') return;
    const before = entry.subscription.window;
    if (before?.from === window.from && before.count === window.count && hold === entry.hold) return;
    // A new socket subscribes with the window as it is now.
    entry.subscription = { ...entry.subscription, window };
    entry.hold = hold;
    if (this.isOpen && entry.sent)
      this.send({ type: 'window', id: entry.id, window, ...(hold ? { hold } : {}) });
  }

  private addEntry(key: string, cluster: string, subscription: Subscription): Entry {
    const entry: Entry = {
      id: String(this.nextId++),
      key,
      cluster,
      subscription,
      state: LOADING_STATE,
      listeners: new Set(),
      sent: false,
      hold: false,
    };
    this.entries.set(key, entry);
    this.byId.set(entry.id, entry);
    return entry;
  }

  private removeEntry(entry: Entry): void {
    this.entries.delete(entry.key);
    this.byId.delete(entry.id);
    if (entry.sent && this.isOpen) this.send({ type: 'unsubscribe', id: entry.id });
  }

  private connect(): void {
    this.connectedAt = Date.now();
    this.setStatus({ state: 'connecting' });
    const ifCurrent = (react: () => void) => {
      if (this.socket === socket) react();
    };
    const socket = this.options.open({
      opened: () => ifCurrent(() => this.opened()),
      message: (text) => ifCurrent(() => this.receive(JSON.parse(text) as ServerMessage)),
      closed: () =>
        ifCurrent(() => {
          this.dropSocket();
          this.scheduleReconnect();
        }),
    });
    this.socket = socket;
  }

  private opened(): void {
    this.isOpen = true;
    this.setStatus({ state: 'live' });
    for (const entry of this.entries.values()) this.sendSubscribe(entry);
  }

  private dropSocket(): void {
    const { socket } = this;
    this.socket = undefined;
    this.isOpen = false;
    for (const entry of this.entries.values()) entry.sent = false;
    socket?.close();
  }

  private scheduleReconnect(): void {
    const ceiling = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** this.attempts++);
    const delay = ceiling * (0.5 + 0.5 * (this.options.random ?? Math.random)());
    this.setStatus({ state: 'paused', retryAt: Date.now() + delay });
    this.retry = setTimeout(() => this.connect(), delay);
  }

  private receive(message: ServerMessage): void {
    this.attempts = 0;
    const entry = this.byId.get(message.id);
    if (!entry) return;
    const state = reduceLive(entry.state, message);
    if (state !== entry.state) {
      entry.state = state;
      for (const listener of [...entry.listeners]) listener();
    }
    if (message.type !== 'feed' || message.feed.state !== 'refused') return;
    const { error } = message.feed;
    const { cluster } = entry;
    if (isSignInNeeded(error))
      tellSignInNeeded({ cluster, error, askedAt: this.connectedAt, isWrite: false });
  }

  private sendSubscribe(entry: Entry): void {
    if (!this.isOpen || entry.sent) return;
    entry.sent = true;
    const { id, cluster, subscription, hold } = entry;
    this.send({ type: 'subscribe', id, cluster, subscription });
    if (hold && subscription.kind === 'vms' && subscription.window) {
      this.send({ type: 'window', id, window: subscription.window, hold });
    }
  }

  private send(message: ClientMessage): void {
    this.socket?.send(JSON.stringify(message));
  }

  private setStatus(status: LiveStatus): void {
    if (status.state === this.status.state && status.state !== 'paused') return;
    this.status = status;
    for (const listener of [...this.statusListeners]) listener();
  }
}
