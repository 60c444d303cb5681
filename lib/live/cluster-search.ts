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
  /** Namespaces to search where the whole cluster may not be listed: those that one has looked at before. */
  namespaces?: string[];
}

/** What one cluster has for a search, or why it has nothing to say. */
export interface ClusterHits {
  cluster: string;
  /** At most the search's limit, nearest first. */
  rows: VmRow[];
  /** How many match in all. */
  total: number;
  /** Present where the whole cluster may not be listed: the namespaces that were searched. */
  only?: string[];
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
  const parts = clusters.map(({ name, signedIn, namespaces = [] }): Part => {
    const view = (within: string[]) =>
      client.view(name, {
        kind: 'vms',
        query: { ...query, namespaces: within },
        window: { from: 0, count: limit },
      });
    return {
      name,
      namespaces,
      ...(signedIn ? { whole: view([]) } : {}),
      ...(signedIn && namespaces.length > 0 ? { some: view(namespaces) } : {}),
    };
  });
  let last: { states: (LiveState | undefined)[]; hits: ClusterHits[] } | undefined;
  return {
    get: () => {
      const states = parts.flatMap(({ whole, some }) => [whole?.get(), some?.get()]);
      if (last && states.every((state, index) => state === last?.states[index])) return last.hits;
      last = { states, hits: parts.map((part) => hitsOf(part, limit)) };
      return last.hits;
    },
    subscribe: (listener) => {
      const stops: (() => void)[] = [];
      for (const { whole, some } of parts) {
        let isNarrowed = false;
        const narrow = () => {
          if (isNarrowed || !some || !isForbidden(whole)) return;
          isNarrowed = true;
          stops.push(some.subscribe(listener));
        };
        if (whole) {
          stops.push(
            whole.subscribe(() => {
              narrow();
              listener();
            }),
          );
        }
        narrow();
      }
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

interface Part {
  name: string;
  namespaces: string[];
  /** Over all namespaces; absent where nobody is signed in. */
  whole?: LiveView;
  /** Over those that one has looked at before, asked only when the other is forbidden. */
  some?: LiveView;
}

function isForbidden(view: LiveView | undefined): boolean {
  const feed = view?.get().feed;
  return feed?.state === 'refused' && feed.error.code === 403;
}

function hitsOf({ name, namespaces, whole, some }: Part, limit: number): ClusterHits {
  if (!some || !isForbidden(whole)) return readView(name, whole, limit);
  const narrowed = readView(name, some, limit);
  // Not even there: then the refusal over all namespaces says it.
  return narrowed.state.kind === 'refused' ? readView(name, whole, limit) : { ...narrowed, only: namespaces };
}

function readView(cluster: string, view: LiveView | undefined, limit: number): ClusterHits {
  if (!view) return { cluster, rows: [], total: 0, state: { kind: 'signedOut' } };
  const { rows, total, feed, arrived } = view.get();
  const found = { cluster, rows: rows.slice(0, limit), total };
  switch (feed.state) {
    case 'live':
    case 'catching-up':
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

/** The clusters that a search did not cover: nobody is signed in, they refuse, they do not answer, or only a part may be seen. */
export function notSearched(hits: ClusterHits[]): ClusterHits[] {
  return hits.filter(({ state, only }) => only || (state.kind !== 'found' && state.kind !== 'waiting'));
}
