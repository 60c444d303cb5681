'use client';

import { useEffect, useRef, useState } from 'react';
import type { VmQuery } from '@/lib/kinds/vm/query';

type SetQuery = (next: VmQuery, how: 'replace' | 'push') => void;

/** The URL follows what is told within this time; a later change comes from elsewhere. */
const ECHO_MS = 2000;

/**
 * The query as it was told last. The URL follows as a transition, which a busy page puts off: a second click meanwhile
 * must build on the first one and not undo it.
 */
export function useToldQuery(query: VmQuery, setQuery: SetQuery): [VmQuery, SetQuery] {
  const [told, setTold] = useState(query);
  const pending = useRef<{ keys: string[]; since: number }>({ keys: [], since: 0 });
  const latest = useRef(query);
  latest.current = query;
  const key = JSON.stringify(query);
  useEffect(() => {
    const { keys, since } = pending.current;
    const at = Date.now() - since < ECHO_MS ? keys.indexOf(key) : -1;
    if (at >= 0) {
      keys.splice(0, at + 1);
      return;
    }
    keys.length = 0;
    setTold(latest.current);
  }, [key]);
  return [
    told,
    (next, how) => {
      pending.current.keys.push(JSON.stringify(next));
      pending.current.since = Date.now();
      setTold(next);
      setQuery(next, how);
    },
  ];
}
