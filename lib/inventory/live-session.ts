import { ApiError } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';
import type { InventoryService } from './inventory-service';
import { parseClientMessage } from './live-message';
import type { LiveReading, LiveSource } from './live-source';
import { type Feed, isSessionOver, type ServerMessage, type Subscription } from './protocol';
import type { Lease } from './shared-pool';
import type { Asker } from './transport';

/** Changes within this time travel together. */
const BATCH_MS = 50;
/** A reader with more than this still unsent gets nothing new; what it missed is one difference later. */
const MAX_UNSENT_BYTES = 512 * 1024;
const SLOW_READER_MS = 100;
const MAX_SUBSCRIPTIONS = 200;

/** The socket of one tab. */
export interface LiveSink {
  send(text: string): void;
  /** Bytes handed to `send` that the network has not taken yet. */
  unsent(): number;
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
  /** What the client has, as last sent. */
  vms?: VmRow[];
  total?: number;
  counts?: VmCounts;
  objects?: K8sObject[];
  feed?: string;
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
    this.drop(message.id);
    if (message.type === 'unsubscribe') return;
    if (this.open.size >= MAX_SUBSCRIPTIONS) {
      this.sink.refuse(`More than ${MAX_SUBSCRIPTIONS} subscriptions on one socket.`);
      return;
    }
    const { id, cluster, subscription } = message;
    const entry: Open = { id, stop: () => {}, dirty: false };
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

  private mark(entry: Open, ms = BATCH_MS): void {
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
      for (const message of messagesFor(entry)) this.sink.send(JSON.stringify(message));
    }
  }
}

/** What brings the client from what it has to what there is; remembers it as sent. */
function messagesFor(entry: Open): ServerMessage[] {
  const reading: LiveReading = entry.lease?.value.read() ?? {
    loaded: false,
    feed: entry.refusal ?? { state: 'loading' },
  };
  const { feed } = reading;
  const messages = feed.state === 'refused' ? [] : contentsFor(entry, reading);
  const state = JSON.stringify(feed satisfies Feed);
  if (state !== entry.feed) messages.push({ type: 'feed', id: entry.id, feed });
  entry.feed = state;
  // What is forbidden the client drops by itself. What a session showed it keeps: its user may be back soon.
  if (feed.state === 'refused' && !isSessionOver(feed)) {
    delete entry.vms;
    delete entry.counts;
    delete entry.objects;
  }
  return messages;
}

function contentsFor(entry: Open, reading: LiveReading): ServerMessage[] {
  const { loaded, vms, total = vms?.length ?? 0, counts, objects } = reading;
  const messages: ServerMessage[] = [];
  if (vms && (loaded || entry.vms)) {
    const delta = entry.vms && vmsDelta(entry.id, entry.vms, vms, total);
    if (!entry.vms) messages.push(vmsSnapshot(entry.id, vms, total));
    else if (delta) messages.push(delta);
    else if (total !== entry.total) messages.push({ type: 'vms-delta', id: entry.id, total, upserts: [] });
    entry.vms = vms;
    entry.total = total;
  }
  if (counts && (loaded || entry.counts)) {
    if (counts !== entry.counts) messages.push({ type: 'vm-counts', id: entry.id, counts });
    entry.counts = counts;
  }
  if (objects && (loaded || entry.objects)) {
    const message = entry.objects
      ? objectsDelta(entry.id, entry.objects, objects)
      : ({ type: 'objects', id: entry.id, objects } as const);
    if (message) messages.push(message);
    entry.objects = objects;
  }
  return messages;
}

function vmsSnapshot(id: string, rows: VmRow[], total: number): ServerMessage {
  return { type: 'vms', id, total, rows };
}

function vmsDelta(id: string, before: VmRow[], after: VmRow[], total: number): ServerMessage | undefined {
  if (before === after) return undefined;
  const sameOrder =
    before.length === after.length && after.every((row, index) => row.uid === before[index]?.uid);
  const known = sameOrder ? undefined : new Map(before.map((row) => [row.uid, row]));
  const upserts = after.filter((row, index) => row !== (known ? known.get(row.uid) : before[index]));
  if (sameOrder) return upserts.length > 0 ? { type: 'vms-delta', id, total, upserts } : undefined;
  // When most rows are new, a delta would be larger than the list itself.
  if (upserts.length > after.length / 2) return vmsSnapshot(id, after, total);
  return { type: 'vms-delta', id, total, upserts, order: after.map((row) => row.uid) };
}

function objectsDelta(id: string, before: K8sObject[], after: K8sObject[]): ServerMessage | undefined {
  if (before === after) return undefined;
  const known = new Map(before.map((object) => [object.metadata.uid, object]));
  const upserts = after.filter((object) => known.get(object.metadata.uid) !== object);
  for (const object of after) known.delete(object.metadata.uid);
  const removes = [...known.keys()];
  return upserts.length > 0 || removes.length > 0
    ? { type: 'objects-delta', id, upserts, removes }
    : undefined;
}
