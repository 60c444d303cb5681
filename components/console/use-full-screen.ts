'use client';

import { useCallback, useSyncExternalStore } from 'react';

interface KeyboardLock {
  lock?: (keys?: string[]) => Promise<void>;
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
}

/**
 * Full screen of the whole document, so that menus and dialogs, which stand beside the console in it, show too; the
 * console covers the page by style meanwhile.
 */
export function useFullScreen(): { isFull: boolean; canFill: boolean; toggle: () => void } {
  const isFull = useSyncExternalStore(
    subscribe,
    () => document.fullscreenElement !== null,
    () => false,
  );
  const canFill = useSyncExternalStore(
    subscribe,
    () => document.fullscreenEnabled,
    () => true,
  );
  const toggle = useCallback(() => {
    if (document.fullscreenElement) {
      void document.exitFullscreen();
      return;
    }
    // Escape belongs to the guest where the browser can lock it; held down, it still leaves full screen.
    const { keyboard } = navigator as Navigator & { keyboard?: KeyboardLock };
    void document.documentElement
      .requestFullscreen()
      .then(() => keyboard?.lock?.(['Escape']))
      .catch(() => undefined);
  }, []);
  return { isFull, canFill, toggle };
}
