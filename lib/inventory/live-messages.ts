import type { K8sObject } from '@/lib/k8s/object';
import type { VmRecord, VmRow } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';
import type { LiveReading } from './live-source';
import { isSessionOver, type ServerMessage, type VmGroups, type Window } from './protocol';
import type { RowsView } from './sorted-rows';

/** What a client has of one subscription, as last sent. */
export interface Shown {
  window: Window;
  /** The uids that stay in their places; `next` until the window was read once. */
  held?: string[] | 'next';
  vms?: { version: number; from: number; rows: VmRow[]; total: number; moved: boolean };
  counts?: VmCounts;
  groups?: VmGroups;
  objects?: K8sObject[];
  feed?: string;
}

/** A VM by its uid, whether or not it matches. */
type RecordOf = (uid: string) => VmRecord | undefined;

/** What brings the client from what it has to what there is; remembers it in `shown` as sent. */
export function messagesFor(
  id: string,
  shown: Shown,
  reading: LiveReading,
  recordOf: RecordOf,
): ServerMessage[] {
  const { feed } = reading;
  const messages = feed.state === 'refused' ? [] : contentsFor(id, shown, reading, recordOf);
  const state = JSON.stringify(feed);
  if (state !== shown.feed) messages.push({ type: 'feed', id, feed });
  shown.feed = state;
  // What is forbidden the client drops by itself. What a session showed it keeps: its user may be back soon.
  if (feed.state === 'refused' && !isSessionOver(feed)) {
    delete shown.vms;
    delete shown.counts;
    delete shown.groups;
    delete shown.objects;
  }
  return messages;
}

function contentsFor(id: string, shown: Shown, reading: LiveReading, recordOf: RecordOf): ServerMessage[] {
  const { loaded, vms, counts, groups, objects } = reading;
  const messages: ServerMessage[] = [];
  // Rows of a list that is under way are shown as they come; numbers wait for all of them.
  if (vms && (loaded || shown.vms || vms.length > 0)) {
    const message = windowMessage(id, shown, vms, recordOf);
    if (message) messages.push(message);
  }
  if (counts && (loaded || shown.counts)) {
    if (counts !== shown.counts) messages.push({ type: 'vm-counts', id, counts });
    shown.counts = counts;
  }
  if (groups && (loaded || shown.groups)) {
    if (groups !== shown.groups) messages.push({ type: 'vm-groups', id, ...groups });
    shown.groups = groups;
  }
  if (objects && (loaded || shown.objects)) {
    const message = shown.objects
      ? objectsDelta(id, shown.objects, objects)
      : ({ type: 'objects', id, objects } as const);
    if (message) messages.push(message);
    shown.objects = objects;
  }
  return messages;
}

function windowMessage(
  id: string,
  shown: Shown,
  vms: RowsView,
  recordOf: RecordOf,
): ServerMessage | undefined {
  const before = shown.vms;
  const { from, count } = shown.window;
  const isMoved = before?.from !== from;
  // A held window also changes when a row of it does that no longer matches, which no version tells.
  if (before && !isMoved && before.version === vms.version && !shown.held && before.rows.length <= count) {
    const isWhole = before.rows.length === Math.min(count, Math.max(0, vms.length - from));
    if (isWhole && !before.moved) return undefined;
  }
  const now = vms.slice(from, count);
  if (shown.held === 'next') {
    shown.held = before && !isMoved ? before.rows.map(({ uid }) => uid) : now.map(({ row }) => row.uid);
  }
  const { held } = shown;
  const records = held ? held.flatMap((uid) => recordOf(uid) ?? []) : now;
  const rows = records.map(({ row }) => row);
  const moved = held !== undefined && !isSameOrder(now, held);
  const total = vms.length;
  shown.vms = { version: vms.version, from, rows, total, moved };
  if (!before || isMoved) return snapshot(id, from, total, rows);
  return delta(id, before, shown.vms);
}

function isSameOrder(records: VmRecord[], uids: string[]): boolean {
  return records.length === uids.length && records.every(({ row }, index) => row.uid === uids[index]);
}

function snapshot(id: string, from: number, total: number, rows: VmRow[]): ServerMessage {
  return { type: 'vms', id, total, from, rows };
}

type SentWindow = NonNullable<Shown['vms']>;

function delta(id: string, before: SentWindow, after: SentWindow): ServerMessage | undefined {
  const { from, total, rows, moved } = after;
  const common = { type: 'vms-delta', id, total, from, ...(moved ? { moved } : {}) } as const;
  const sameOrder =
    before.rows.length === rows.length && rows.every((row, index) => row.uid === before.rows[index]?.uid);
  const known = sameOrder ? undefined : new Map(before.rows.map((row) => [row.uid, row]));
  const upserts = rows.filter((row, index) => row !== (known ? known.get(row.uid) : before.rows[index]));
  if (sameOrder) {
    const isNews = upserts.length > 0 || total !== before.total || moved !== before.moved;
    return isNews ? { ...common, upserts } : undefined;
  }
  // When most rows are new, a delta would be larger than the window itself.
  if (!moved && upserts.length > rows.length / 2) return snapshot(id, from, total, rows);
  return { ...common, upserts, order: rows.map(({ uid }) => uid) };
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
