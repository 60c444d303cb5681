'use client';

import { useRef, useSyncExternalStore } from 'react';

/**
 * Which row stood on top belongs to the entry of the browser's history, so that Back, Forward and a reload lead to it.
 * Next's own entries are kept as they are; one that has its mark is not taken for a navigation.
 */
const KEY = 'portlightTopRow';

export function keepTopRow(row: number): void {
  const state = window.history.state as Record<string, unknown> | null;
  if (!state || state[KEY] === row) return;
  window.history.replaceState({ ...state, [KEY]: row }, '');
}

/** The row to begin with: what this entry of the history keeps when the page comes up. */
export function useKeptTopRow(): number {
  const kept = useRef<number>(undefined);
  const read = () => {
    kept.current ??= keptTopRow();
    return kept.current;
  };
  // The server's HTML begins at the top, whatever the history says.
  return useSyncExternalStore(neverChanges, read, () => 0);
}

const neverChanges = () => () => undefined;

function keptTopRow(): number {
  const state = window.history.state as Record<string, unknown> | null;
  const row = state?.[KEY];
  return typeof row === 'number' && row > 0 ? row : 0;
}
