'use client';

import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { type ClusterHits, clusterSearch, type SearchedCluster } from './cluster-search';
import { useLiveClient } from './live-provider';
import { type Place, placeSearch } from './place-search';
import { useSeenNamespaces } from './recent';

const TYPING_MS = 150;
const NOTHING: ClusterHits[] = [];
const NO_PLACES: Place[] = [];

/** What all clusters have for a text, live, once typing rests. `isSettled` is false while an answer is awaited. */
export function useClusterSearch(
  clusters: (Pick<SearchedCluster, 'name' | 'signedIn'> & { user?: string })[],
  text: string,
  limit: number,
): { hits: ClusterHits[]; places: Place[]; searched: string; isSettled: boolean } {
  const client = useLiveClient();
  const searched = useResting(text.trim());
  const seen = useSeenNamespaces();
  const key = JSON.stringify(
    clusters.map(({ name, signedIn, user = '' }): SearchedCluster => {
      const own = seen.filter((place) => place.cluster === name && place.user === user);
      return { name, signedIn, namespaces: own.map(({ namespace }) => namespace).sort() };
    }),
  );
  const search = useMemo(
    () => clusterSearch(client, JSON.parse(key) as SearchedCluster[], searched, limit),
    [client, key, searched, limit],
  );
  const hits = useSyncExternalStore(search.subscribe, search.get, () => NOTHING);
  const found = useMemo(
    () => placeSearch(client, JSON.parse(key) as SearchedCluster[], searched),
    [client, key, searched],
  );
  const places = useSyncExternalStore(found.subscribe, found.get, () => NO_PLACES);
  const isSettled = searched === text.trim() && hits.every(({ state }) => state.kind !== 'waiting');
  return { hits, places, searched, isSettled };
}

/** The text as it was when typing last rested; an empty one counts at once. */
function useResting(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    if (text === '') {
      setRested('');
      return;
    }
    const timer = setTimeout(() => setRested(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return text === '' ? '' : rested;
}
