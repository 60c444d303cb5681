'use client';

import { useEffect, useRef } from 'react';
import { savedViewsOf } from '@/lib/live/saved-views';

/** Opens somebody's start view when the list is opened without any parameters; once, so that all filters can be left. */
export function useStartView(cluster: string, user: string): void {
  const asked = useRef('');
  useEffect(() => {
    const key = JSON.stringify([cluster, user]);
    if (asked.current === key) return;
    asked.current = key;
    const { pathname, search } = window.location;
    const start = savedViewsOf(cluster, user)
      .get()
      .find(({ isStart }) => isStart);
    if (start && search === '') window.history.replaceState(null, '', `${pathname}?${start.search}`);
  }, [cluster, user]);
}
