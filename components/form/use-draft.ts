'use client';

import { useEffect, useRef, useState } from 'react';
import { type Draft, dropDraft, keepDraft } from './draft';

const KEEP_AFTER_MS = 300;

/**
 * Keeps a text in the browser while there is something to keep, and at once when the page goes away. Undefined
 * drops it. Returns whether it is safe: false when the browser doesn't take it.
 */
export function useDraft<Base>(key: string | undefined, draft: Omit<Draft<Base>, 'at'> | undefined): boolean {
  const [isSafe, setSafe] = useState(true);
  const pending = useRef<(() => void) | undefined>(undefined);
  // A draft of an earlier visit is offered back, and must outlive a page that has nothing to keep itself.
  const isOurs = useRef(false);
  const text = draft?.text;
  const base = draft?.base;

  useEffect(() => {
    if (!key) {
      setSafe(text === undefined);
      return;
    }
    if (text === undefined) {
      pending.current = undefined;
      if (isOurs.current) dropDraft(key);
      isOurs.current = false;
      setSafe(true);
      return;
    }
    const keep = () => {
      pending.current = undefined;
      isOurs.current = true;
      setSafe(keepDraft(key, { text, base: base as Base, at: Date.now() }));
    };
    pending.current = keep;
    const timer = setTimeout(keep, KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [key, text, base]);

  useEffect(() => {
    const flush = () => pending.current?.();
    window.addEventListener('pagehide', flush);
    document.addEventListener('visibilitychange', flush);
    return () => {
      flush();
      window.removeEventListener('pagehide', flush);
      document.removeEventListener('visibilitychange', flush);
    };
  }, []);
  return isSafe;
}
