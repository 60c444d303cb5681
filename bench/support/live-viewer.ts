import { WebSocket } from 'ws';
import type { ClientMessage, ServerMessage, Subscription, Window } from '@/lib/inventory/protocol';
import { DEFAULT_VM_QUERY, type VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import { wallClock } from '../api/generator';

const RECONNECT_MS = 500;

export interface ViewerOptions {
  query?: VmQuery;
  window?: Window;
  /** Called for each mark that arrives: its number, when it was due, and when it came (ms since the epoch). */
  onMark?: (number: number, sent: number, came: number, row: VmRow) => void;
  subscription?: Subscription;
}

/** One open VM list as a browser's tab has it, without the browser. Comes back by itself when its socket breaks. */
export class LiveViewer {
  rows: VmRow[] = [];
  total = 0;
  feed = 'loading';
  /** As the server last said. */
  from = 0;
  window: Window;
  hold = false;
  moved = false;
  messages = 0;
  bytes = 0;
  readonly query: VmQuery;
  private socket: WebSocket | undefined;
  private closed = false;
  private readonly seen = new Map<string, string>();
  private readonly waiting = new Set<() => void>();

  constructor(
    private readonly url: string,
    private readonly cluster: string,
    private readonly options: ViewerOptions = {},
  ) {
    this.query = options.query ?? DEFAULT_VM_QUERY;
    this.window = options.window ?? { from: 0, count: 50 };
  }

  /** Resolves when the socket is open and the subscription sent. */
  connect(): Promise<void> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/api/live`, {
      origin: this.url,
      perMessageDeflate: false,
    });
    this.socket = socket;
    socket.on('message', (data: Buffer) => {
      this.messages += 1;
      this.bytes += data.length;
      this.receive(JSON.parse(String(data)) as ServerMessage);
    });
    socket.on('close', () => {
      this.feed = 'disconnected';
      if (!this.closed) setTimeout(() => void this.connect().catch(() => {}), RECONNECT_MS);
    });
    return new Promise((resolve, reject) => {
      socket.on('error', reject);
      socket.on('open', () => {
        const { query } = this;
        const subscription = this.options.subscription ?? { kind: 'vms', query, window: this.window };
        this.send({ type: 'subscribe', id: 'list', cluster: this.cluster, subscription });
        resolve();
      });
    });
  }

  /** Looks at another stretch of the list, or holds what it looks at in place. */
  move(window: Window, hold = false): void {
    this.window = window;
    this.hold = hold;
    if (!hold) this.moved = false;
    this.send({ type: 'window', id: 'list', window, ...(hold ? { hold } : {}) });
  }

  /** Reads nothing for a while: the server's buffer for this viewer fills. */
  pause(ms: number): void {
    this.socket?.pause();
    setTimeout(() => this.socket?.resume(), ms);
  }

  /** Breaks the socket off; the viewer comes back. */
  drop(): void {
    this.socket?.terminate();
  }

  async until(holds: () => boolean, timeoutMs: number, inVain = () => 'waited in vain'): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.waiting.delete(check);
        reject(new Error(`Not within ${timeoutMs / 1_000} s: ${inVain()}`));
      }, timeoutMs);
      const check = () => {
        if (!holds()) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve();
      };
      this.waiting.add(check);
      check();
    });
  }

  close(): void {
    this.closed = true;
    this.socket?.terminate();
  }

  private send(message: ClientMessage): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private receive(message: ServerMessage): void {
    if (message.type === 'vms') {
      this.rows = message.rows;
      this.take(message);
      this.mark(message.rows);
    } else if (message.type === 'vms-delta') {
      const known = new Map(this.rows.map((row) => [row.uid, row]));
      for (const row of message.upserts) known.set(row.uid, row);
      const order = message.order ?? this.rows.map(({ uid }) => uid);
      const rows = order.flatMap((uid) => known.get(uid) ?? []);
      // A window that does not add up would hide a fault of the protocol.
      if (rows.length !== order.length) throw new Error('The server named a row that it never sent');
      this.rows = rows;
      this.take(message);
      this.moved = message.moved ?? false;
      this.mark(message.upserts);
    } else if (message.type === 'feed') this.feed = message.feed.state;
    for (const check of [...this.waiting]) check();
  }

  private take({ total, from }: { total: number; from: number }): void {
    this.total = total;
    this.from = from;
  }

  private mark(rows: VmRow[]): void {
    const { onMark } = this.options;
    if (!onMark) return;
    const came = wallClock();
    for (const row of rows) {
      if (!row.description.startsWith('sent ') || this.seen.get(row.uid) === row.description) continue;
      this.seen.set(row.uid, row.description);
      const [, sent, number] = row.description.split(' ');
      onMark(Number(number), Number(sent), came, row);
    }
  }
}

export async function openLive(
  url: string,
  cluster: string,
  options: ViewerOptions = {},
): Promise<LiveViewer> {
  const viewer = new LiveViewer(url, cluster, options);
  await viewer.connect();
  return viewer;
}
