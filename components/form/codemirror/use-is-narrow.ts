'use client';

import { useSyncExternalStore } from 'react';

/** Below this two texts side by side are too narrow to read (PatternFly's `lg`). */
const QUERY = '(max-width: 61.9rem)';

export function useIsNarrow(): boolean {
  return useSyncExternalStore(subscribe, read, () => false);
}

function subscribe(listener: () => void): () => void {
  const query = window.matchMedia(QUERY);
  query.addEventListener('change', listener);
  return () => query.removeEventListener('change', listener);
}

function read(): boolean {
  return window.matchMedia(QUERY).matches;
}
