import type { ApiErrorJson } from '@/lib/k8s/error';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { LiveClient, LiveView } from './live-client';
import type { LiveState } from './live-state';

/** A cluster that a search should cover. */
export interface SearchedCluster {
  name: string;
  signedIn: boolean;
}

/** What one cluster has for a search, or why it has nothing to say. */
export interface ClusterHits {
  cluster: string;
  /** At most the search's limit, nearest first. */
  rows: VmRow[];
  /** How many match in all. */
  total: number;
  state:
    | { kind: 'waiting' }
    | { kind: 'found' }
    | { kind: 'signedOut' }
    /** The cluster does not answer; rows are the last known. */
    | { kind: 'silent'; error: ApiErrorJson }
    | { kind: 'refused'; error: ApiErrorJson };
}

const NOTHING: ClusterHits[] = [];

/**
 * One search over several clusters, live: the server filters and ranks, and no more than `limit` rows of a cluster
 * travel. A store in the sense of useSyncExternalStore. Clusters that nobody is signed in to are not asked.
 */
export function clusterSearch(
  client: LiveClient,
  clusters: SearchedCluster[],
  text: string,
  limit: number,
): { get: () => ClusterHits[]; subscribe: (listener: () => void) => () => void } {
  const wanted = text.trim();
  if (!wanted) return { get: () => NOTHING, subscribe: () => () => undefined };
  const query = { ...DEFAULT_VM_QUERY, text: wanted, closestFirst: true };
  const views = clusters.map(({ name, signedIn }) => ({
    name,
    view: signedIn ? client.view(name, { kind: 'vms', query, limit }) : undefined,
  }));
  let last: { states: (LiveState | undefined)[]; hits: ClusterHits[] } | undefined;
  return {
    get: () => {
      const states = views.map(({ view }) => view?.get());
      if (last && states.every((state, index) => state === last?.states[index])) return last.hits;
      last = { states, hits: views.map(({ name, view }) => hitsOf(name, view, limit)) };
      return last.hits;
    },
    subscribe: (listener) => {
      const stops = views.flatMap(({ view }) => (view ? [view.subscribe(listener)] : []));
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

function hitsOf(cluster: string, view: LiveView | undefined, limit: number): ClusterHits {
  if (!view) return { cluster, rows: [], total: 0, state: { kind: 'signedOut' } };
  const { rows, total, feed, arrived } = view.get();
  const found = { cluster, rows: rows.slice(0, limit), total };
  switch (feed.state) {
    case 'live':
      return { ...found, state: { kind: 'found' } };
    case 'loading':
      return { ...found, state: arrived ? { kind: 'found' } : { kind: 'waiting' } };
    case 'paused':
      if (isSignInNeeded(feed.error)) return { ...found, state: { kind: 'signedOut' } };
      return { ...found, state: { kind: 'silent', error: feed.error } };
    case 'refused':
      if (isSignInNeeded(feed.error)) return { ...found, rows: [], total: 0, state: { kind: 'signedOut' } };
      return { ...found, rows: [], total: 0, state: { kind: 'refused', error: feed.error } };
  }
}

/** The clusters that a search could not cover: nobody is signed in, they refuse, or they do not answer. */
export function notSearched(hits: ClusterHits[]): ClusterHits[] {
  return hits.filter(({ state }) => state.kind !== 'found' && state.kind !== 'waiting');
}
