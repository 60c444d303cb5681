'use client';

import { useMemo, useSyncExternalStore } from 'react';
import type { Text } from '@/lib/text';
import type { BulkItem } from './bulk-item';
import type { BulkContext, BulkRequest } from './bulk-runs';
import { bulkStore } from './bulk-store';
import { useLiveClient } from './live-provider';

export interface Bulk {
  start: (request: BulkRequest) => void;
  /** What has begun ends; the rest is not started. */
  stop: (id: string) => void;
  /** Does once more what failed or had not begun. */
  repeat: (id: string) => void;
  /** Goes on with what a reload of the tab left open. */
  resume: () => void;
}

/** What runs one action on many VMs, loaded when it is needed. `id` is that of the run's task. */
export function useBulk(say: (message: Text) => string): Bulk {
  const client = useLiveClient();
  return useMemo(() => {
    const context: BulkContext = { client, say };
    const runs = () => import('./bulk-runs');
    return {
      start: (request) => void runs().then(({ startBulk }) => startBulk(context, request)),
      stop: (id) => void runs().then(({ stopBulk }) => stopBulk(id)),
      repeat: (id) => void runs().then(({ repeatBulk }) => repeatBulk(context, id)),
      resume: () => void runs().then(({ resumeBulks }) => resumeBulks(context)),
    };
  }, [client, say]);
}

const NONE: BulkItem[] = [];

/** The VMs of a run, by the id of its task; anew whenever something has become of one. */
export function useBulkItems(id: string): BulkItem[] {
  const version = useSyncExternalStore(
    bulkStore.subscribe,
    () => bulkStore.version(id),
    () => 0,
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the items are changed in place, and `version` says so
  return useMemo(() => [...(bulkStore.get(id)?.items ?? NONE)], [id, version]);
}
