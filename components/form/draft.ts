/** Text kept in the browser until it is saved, with what it started from. */
export interface Draft<Base = undefined> {
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
  base: Base;
}

const PREFIX = 'portlight.draft.';

/** The part of `localStorage` that is used; a test passes its own. */
export type DraftStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

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
