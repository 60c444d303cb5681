'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { formatVmQuery, parseVmQuery, type VmQuery } from '@/lib/kinds/vm/query';

const QUERY_PARAMS = ['ns', 'q', 'sort'];

/**
 * The list's query as the URL has it, and a function that writes it there. Typing replaces the entry of the history,
 * everything else makes one. Neither asks the server for a page: the rows come over the live socket.
 */
export function useVmQuery(): [VmQuery, (next: VmQuery, how: 'replace' | 'push') => void] {
  const params = useSearchParams();
  const pathname = usePathname();
  const query = useMemo(() => parseVmQuery(new URLSearchParams(params)), [params]);
  const setQuery = useCallback(
    (next: VmQuery, how: 'replace' | 'push') => {
      // What is no part of the query stays: columns, for one.
      const params = new URLSearchParams(window.location.search);
      for (const name of QUERY_PARAMS) params.delete(name);
      for (const [name, value] of Object.entries(formatVmQuery(next))) params.set(name, value);
      const search = params.toString();
      const url = search ? `${pathname}?${search}` : pathname;
      if (how === 'replace') window.history.replaceState(null, '', url);
      else window.history.pushState(null, '', url);
    },
    [pathname],
  );
  return [query, setQuery];
}
