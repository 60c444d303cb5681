import type { VmGroups } from '@/lib/inventory/protocol';
import { fieldTerm, literal, printTerm } from '@/lib/kinds/vm/language/print';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { SearchedCluster } from './cluster-search';
import type { LiveClient, LiveView } from './live-client';
import type { LiveState } from './live-state';

/** Where VMs are, and what they keep their data in. */
export type Place =
  /** `total`: how many VMs are there. */
  | { kind: 'node' | 'namespace'; cluster: string; name: string; total: number }
  | { kind: 'volume'; cluster: string; name: string; vm: Pick<VmRow, 'namespace' | 'name'> };

/** So many of a kind and cluster are worth showing. */
const SHOWN = 4;
const MOST_VALUES = 1_000;
const NOTHING: Place[] = [];

interface Part {
  cluster: string;
  groups: LiveView;
  volumes: LiveView;
}

/**
 * Nodes, namespaces and volumes of VMs that have all words of a text in their name, live: the server counts and filters,
 * and what nobody may see is not among it. A store in the sense of useSyncExternalStore.
 */
export function placeSearch(
  client: LiveClient,
  clusters: SearchedCluster[],
  text: string,
): { get: () => Place[]; subscribe: (listener: () => void) => () => void } {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return { get: () => NOTHING, subscribe: () => () => undefined };
  const wanted = words.map((word) => printTerm(fieldTerm('volume', [literal(word)]))).join(' ');
  const parts = clusters
    .filter(({ signedIn }) => signedIn)
    .map(({ name, namespaces = [] }): Part => {
      const known = namespaces.length > 0 ? { known: namespaces } : {};
      const query = DEFAULT_VM_QUERY;
      return {
        cluster: name,
        groups: client.view(name, {
          kind: 'vm-groups',
          query,
          by: ['node', 'namespace'],
          limit: MOST_VALUES,
          ...known,
        }),
        volumes: client.view(name, {
          kind: 'vms',
          query: { ...query, text: wanted },
          window: { from: 0, count: SHOWN },
          ...known,
        }),
      };
    });
  let last: { states: LiveState[]; places: Place[] } | undefined;
  return {
    get: () => {
      const states = parts.flatMap(({ groups, volumes }) => [groups.get(), volumes.get()]);
      if (last && states.every((state, index) => state === last?.states[index])) return last.places;
      last = { states, places: parts.flatMap((part) => placesOf(part, words)) };
      return last.places;
    },
    subscribe: (listener) => {
      const stops = parts.flatMap(({ groups, volumes }) => [
        groups.subscribe(listener),
        volumes.subscribe(listener),
      ]);
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

function placesOf({ cluster, groups, volumes }: Part, words: string[]): Place[] {
  const has = (name: string) => words.every((word) => name.toLowerCase().includes(word));
  const found = (kind: 'node' | 'namespace', counted: VmGroups | undefined) =>
    (counted?.groups[kind]?.groups ?? [])
      .filter(({ value }) => value !== '' && has(value))
      .slice(0, SHOWN)
      .map(({ value, total }): Place => ({ kind, cluster, name: value, total }));
  const counted = groups.get().groups;
  const claims = volumes
    .get()
    .rows.flatMap(({ namespace, name, volumes: names }) =>
      names
        .filter(has)
        .map((claim): Place => ({ kind: 'volume', cluster, name: claim, vm: { namespace, name } })),
    );
  return [...found('node', counted), ...found('namespace', counted), ...claims.slice(0, SHOWN)];
}
