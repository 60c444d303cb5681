/** Text kept in the browser until it is saved, with what it started from. */
export interface Draft<Base = undefined> {
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
  base: Base;
}

const PREFIX = 'portlight.draft.';

/** The part of `localStorage` that is used; a test passes its own. */
export type DraftStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** Clusters whose drafts this page keeps no more: somebody signs out of them. */
const forgotten = new Set<string>();

function browserStore(): DraftStore | undefined {
  try {
    return localStorage;
  } catch {
    // Storage is switched off.
    return undefined;
  }
}

export function readDraft<Base>(key: string, store = browserStore()): Draft<Base> | undefined {
  try {
    const kept = store?.getItem(PREFIX + key);
    const draft: unknown = kept ? JSON.parse(kept) : undefined;
    return isDraft(draft) ? (draft as Draft<Base>) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns whether the browser took it; it refuses when its storage is full or switched off. */
export function keepDraft<Base>(key: string, draft: Draft<Base>, store = browserStore()): boolean {
  if (forgotten.has(clusterOf(key))) return false;
  try {
    store?.setItem(PREFIX + key, JSON.stringify(draft));
    return store !== undefined;
  } catch {
    return false;
  }
}

export function dropDraft(key: string, store = browserStore()): void {
  try {
    store?.removeItem(PREFIX + key);
  } catch {
    // Nothing was kept.
  }
}

/** Every key names its cluster second: `create/lab`, `object/lab/…`. */
function clusterOf(key: string): string {
  return key.split('/')[1] ?? '';
}

/** How many drafts for a cluster this browser keeps. */
export function draftCount(cluster: string, store = browserStore()): number {
  return keysOf(cluster, store).length;
}

/** Deletes the drafts for a cluster, and keeps none any more as long as this page lives. */
export function forgetDrafts(cluster: string, store = browserStore()): void {
  forgotten.add(cluster);
  for (const key of keysOf(cluster, store)) dropDraft(key, store);
}

function keysOf(cluster: string, store: DraftStore | undefined): string[] {
  if (!store) return [];
  return Array.from({ length: store.length }, (_, index) => store.key(index) ?? '')
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length))
    .filter((key) => clusterOf(key) === cluster);
}

function isDraft(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'text' in value &&
    typeof value.text === 'string' &&
    'at' in value &&
    typeof value.at === 'number'
  );
}
