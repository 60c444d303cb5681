'use client';

import { useSyncExternalStore } from 'react';

const TICK_MS = 1000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

// One clock for all ages on a page, which stands still while nobody looks.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) now = Date.now();
  timer ??= setInterval(() => {
    if (document.hidden) return;
    now = Date.now();
    for (const each of [...listeners]) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/**
 * What `derive` makes of the present time (ms since the epoch), again each second; React renders only when it changes.
 * Server and browser disagree about "now", so let the element suppress the hydration warning.
 */
export function useFromNow<T extends string | number | boolean>(derive: (now: number) => T): T {
  const read = () => derive(timer ? now : Date.now());
  return useSyncExternalStore(subscribe, read, read);
}
