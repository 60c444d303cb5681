'use client';

import type { Subscription } from '@/lib/inventory/protocol';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { RESOURCES } from '@/lib/kinds/resources';
import { useLiveStatus } from '@/lib/live/live-provider';
import { useObjects } from '@/lib/live/use-live';

export type ClusterHealth =
  | { state: 'live' }
  | { state: 'connecting' }
  /** Nobody is signed in any more; the session line says why. */
  | { state: 'signedOut' }
  /** Who is silent (the console's own server, or the cluster behind it), and when the next try is (ms since the epoch). */
  | { state: 'paused'; silent: 'console' | 'cluster'; retryAt?: number; words?: string };

const NAMESPACES: Omit<Extract<Subscription, { kind: 'objects' }>, 'kind'> = {
  resource: RESOURCES.namespaces,
};

/**
 * Whether the live data of a cluster is live. Every page needs the namespaces anyway, so their watch is the pulse; a
 * cluster that refuses to list them does answer.
 */
export function useClusterHealth(cluster: string): ClusterHealth {
  const status = useLiveStatus();
  const { feed } = useObjects(cluster, NAMESPACES);
  if (status.state === 'paused') {
    return {
      state: 'paused',
      silent: 'console',
      ...('retryAt' in status ? { retryAt: status.retryAt } : {}),
    };
  }
  if (status.state === 'connecting' || feed.state === 'loading') return { state: 'connecting' };
  if (feed.state === 'paused') {
    if (isSignInNeeded(feed.error)) return { state: 'signedOut' };
    return { state: 'paused', silent: 'cluster', retryAt: feed.retryAt, words: feed.error.message };
  }
  return { state: 'live' };
}
