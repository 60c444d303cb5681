'use client';

import { usePathname, useSearchParams } from 'next/navigation';
import { useCallback, useMemo } from 'react';
import { formatVmQuery, parseVmQuery, type VmQuery } from '@/lib/kinds/vm/query';

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
      const search = new URLSearchParams(formatVmQuery(next)).toString();
      const url = search ? `${pathname}?${search}` : pathname;
      if (how === 'replace') window.history.replaceState(null, '', url);
      else window.history.pushState(null, '', url);
    },
    [pathname],
  );
  return [query, setQuery];
}
