'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useState } from 'react';

/** A place inside the console that someone wants to go to while edits would be lost. */
export interface Leaving {
  go: () => void;
  stay: () => void;
}

let isFree = false;

/** From now on this page is left without a question: the person was asked already. */
export function leaveFreely(): void {
  isFree = true;
}

/**
 * Asks the browser to ask before a tab with unsaved edits closes. Links inside the console are held only while the
 * edits are not kept as a draft: what comes back by itself needs no question.
 */
export function useLeaveGuard(isUnsaved: boolean, isKept: boolean): Leaving | undefined {
  const router = useRouter();
  const [href, setHref] = useState<string>();

  useEffect(() => {
    if (!isUnsaved) return;
    const ask = (event: BeforeUnloadEvent) => {
      if (!isFree) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [isUnsaved]);

  useEffect(() => {
    if (!isUnsaved || isKept) return;
    const hold = (event: MouseEvent) => {
      if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      if (!(link instanceof HTMLAnchorElement) || link.target === '_blank' || link.download) return;
      const isInside = link.origin === window.location.origin;
      if (!isInside || link.pathname === window.location.pathname) return;
      event.preventDefault();
      event.stopPropagation();
      setHref(link.pathname + link.search + link.hash);
    };
    // Before React's own handlers, which would have the router go already.
    document.addEventListener('click', hold, { capture: true });
    return () => document.removeEventListener('click', hold, { capture: true });
  }, [isUnsaved, isKept]);

  if (!href) return undefined;
  return {
    go: () => {
      setHref(undefined);
      router.push(href);
    },
    stay: () => setHref(undefined),
  };
}
