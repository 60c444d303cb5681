'use client';

import { useEffect, useState } from 'react';
import type { ClusterReport } from '@/lib/inventory/cluster-report';

const EVERY_MS = 10_000;

/** How each cluster does, by name, asked every ten seconds while `active` and the tab is seen. */
export function useClusterReports(active: boolean): ReadonlyMap<string, ClusterReport> {
  const [reports, setReports] = useState<ReadonlyMap<string, ClusterReport>>(new Map());
  useEffect(() => {
    if (!active) return;
    const stop = new AbortController();
    const ask = async () => {
      if (document.hidden) return;
      const response = await fetch('/api/clusters', { cache: 'no-store', signal: stop.signal });
      if (!response.ok) return;
      const { clusters } = (await response.json()) as { clusters: ClusterReport[] };
      setReports(new Map(clusters.map((report) => [report.name, report])));
    };
    // A console that does not answer is told by the line under the masthead.
    const tryToAsk = () => void ask().catch(() => undefined);
    tryToAsk();
    const timer = setInterval(tryToAsk, EVERY_MS);
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [active]);
  return reports;
}
