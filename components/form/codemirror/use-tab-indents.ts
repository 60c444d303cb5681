'use client';

import { useSyncExternalStore } from 'react';

const KEY = 'portlight.editor.tabIndents';
const listeners = new Set<() => void>();

/** The reader's choice that Tab indents in editors, kept in the browser. */
export function useTabIndents(): [indents: boolean, choose: (indents: boolean) => void] {
  const indents = useSyncExternalStore(subscribe, read, () => false);
  return [indents, choose];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function read(): boolean {
  try {
    return localStorage.getItem(KEY) === 'true';
  } catch {
    return false;
  }
}

function choose(indents: boolean): void {
  try {
    localStorage.setItem(KEY, String(indents));
  } catch {
    // A browser that keeps nothing: the choice cannot hold, and Tab stays what it was.
  }
  for (const listener of listeners) listener();
}
