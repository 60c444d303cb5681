import { type Feed, isSessionOver, type ServerMessage, type VmGroups } from '@/lib/inventory/protocol';
import type { K8sObject } from '@/lib/k8s/object';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';

/** The VM list as one subscription sees it, in the server's order. */
export interface VmRowsState {
  rows: VmRow[];
  /** How many rows match in all. */
  total: number;
  /** The place of the first of `rows` in the whole answer. */
  from?: number;
  /** The window is held, and the answer's order is another one by now. */
  moved?: boolean;
  feed: Feed;
}

/** Objects as one subscription sees them, in no particular order. */
export interface ObjectsState {
  objects: K8sObject[];
  feed: Feed;
}

/** What the client holds for one subscription; `arrived` is true from the first snapshot on. */
export interface LiveState {
  arrived: boolean;
  rows: VmRow[];
  total: number;
  from: number;
  moved: boolean;
  objects: K8sObject[];
  counts?: VmCounts;
  groups?: VmGroups;
  feed: Feed;
}

export const LOADING_STATE: LiveState = {
  arrived: false,
  rows: [],
  total: 0,
  from: 0,
  moved: false,
  objects: [],
  feed: { state: 'loading' },
};

/**
 * Folds one message into what is known. Rows and objects that did not change keep their identity, and so does the
 * whole state when the message says nothing new, so that React renders only what changed.
 */
export function reduceLive(state: LiveState, message: ServerMessage): LiveState {
  switch (message.type) {
    case 'feed': {
      const feed = lastKnown(message.feed);
      if (isSame(state.feed, feed)) return state;
      // What is forbidden goes with the word of it.
      return isForbidden(feed) ? { ...LOADING_STATE, feed } : { ...state, feed };
    }
    case 'vms': {
      const rows = keepIdentity(state.rows, message.rows, (row) => row.uid, isSame);
      const { total, from } = message;
      const isSameWindow =
        rows === state.rows && state.total === total && state.from === from && !state.moved;
      return state.arrived && isSameWindow
        ? state
        : { ...state, arrived: true, rows, total, from, moved: false };
    }
    case 'vms-delta': {
      const rows = patchRows(state.rows, message.upserts, message.order);
      const { total, moved = false } = message;
      if (rows === state.rows && state.total === total && state.moved === moved) return state;
      return { ...state, rows, total, moved };
    }
    case 'vm-counts':
      return isSame(state.counts, message.counts)
        ? state
        : { ...state, arrived: true, counts: message.counts };
    case 'vm-groups': {
      const { all, groups } = message;
      return { ...state, arrived: true, groups: { all, groups } };
    }
    case 'objects': {
      const objects = keepIdentity(state.objects, message.objects, uidOf, isSameVersion);
      return state.arrived && objects === state.objects ? state : { ...state, arrived: true, objects };
    }
    case 'objects-delta': {
      const objects = patchObjects(state.objects, message.upserts, message.removes);
      return objects === state.objects ? state : { ...state, objects };
    }
  }
}

/**
 * A feed that ended with the session is one that pauses, without a next try: what it showed is the last known until
 * somebody signs in again.
 */
export function lastKnown(feed: Feed): Feed {
  if (feed.state !== 'refused' || !isSessionOver(feed)) return feed;
  return { state: 'paused', since: 0, retryAt: 0, error: feed.error };
}

/** Whether a feed says that nothing of it may be shown (any more). */
export function isForbidden(feed: Feed): boolean {
  return feed.state === 'refused' && !isSessionOver(feed);
}

const uidOf = (object: K8sObject): string => object.metadata.uid;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const isSameVersion = (a: K8sObject, b: K8sObject): boolean =>
  a.metadata.resourceVersion === b.metadata.resourceVersion;

/** `next`, with every entry that equals its predecessor replaced by it, and `previous` itself when all do in order. */
function keepIdentity<T>(
  previous: T[],
  next: T[],
  keyOf: (entry: T) => string,
  equal: (a: T, b: T) => boolean,
): T[] {
  const known = new Map(previous.map((entry) => [keyOf(entry), entry]));
  let changed = previous.length !== next.length;
  const merged = next.map((entry, index) => {
    const old = known.get(keyOf(entry));
    const kept = old !== undefined && equal(old, entry) ? old : entry;
    if (kept !== previous[index]) changed = true;
    return kept;
  });
  return changed ? merged : previous;
}

function patchRows(rows: VmRow[], upserts: VmRow[], order: string[] | undefined): VmRow[] {
  const changed = new Map(upserts.map((row) => [row.uid, row]));
  if (!order) return changed.size === 0 ? rows : rows.map((row) => changed.get(row.uid) ?? row);
  const known = new Map(rows.map((row) => [row.uid, row]));
  return order.flatMap((uid) => changed.get(uid) ?? known.get(uid) ?? []);
}

function patchObjects(objects: K8sObject[], upserts: K8sObject[], removes: string[]): K8sObject[] {
  if (upserts.length === 0 && removes.length === 0) return objects;
  const gone = new Set(removes);
  const changed = new Map(upserts.map((object) => [uidOf(object), object]));
  const kept = objects.flatMap((object) => {
    const uid = uidOf(object);
    const replacement = changed.get(uid);
    changed.delete(uid);
    return gone.has(uid) && !replacement ? [] : (replacement ?? object);
  });
  return [...kept, ...changed.values()];
}
