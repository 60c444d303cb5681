'use client';

import { useMemo, useState, useSyncExternalStore } from 'react';
import type { Feed, Subscription } from '@/lib/inventory/protocol';
import type { K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmCounts } from '@/lib/kinds/vm/status';
import { useLiveClient } from './live-provider';
import {
  isForbidden,
  type LiveState,
  LOADING_STATE,
  lastKnown,
  type ObjectsState,
  type VmRowsState,
} from './live-state';

/**
 * The rows of the VM list that match, live. `initial` is what the server rendered into the page and shows until the
 * first snapshot. When the query changes, the rows of the old one stay until those of the new one are there. `known`:
 * namespaces to look into when the whole cluster may not be listed.
 */
export function useVmRows(
  cluster: string,
  query: VmQuery,
  initial?: VmRowsState,
  known: string[] = [],
): VmRowsState {
  const [isNarrow, setNarrow] = useState(initial !== undefined && isPartial(initial.feed));
  const isTold = isNarrow && known.length > 0 && query.namespaces.length === 0;
  const state = useLiveState(cluster, { kind: 'vms', query, ...(isTold ? { known } : {}) });
  if (!isNarrow && isPartial(state.feed)) setNarrow(true);
  const [last, setLast] = useState<{ cluster: string; state: VmRowsState } | undefined>();
  const counts = state.arrived || isForbidden(state.feed);
  if (counts && last?.state !== state) setLast({ cluster, state });
  if (counts) return state;
  const before = last?.cluster === cluster ? last.state : initial;
  if (!before) return state;
  // What was refused over all namespaces may be seen in those that are asked for now.
  if (isTold && state.feed.state === 'loading' && isForbidden(before.feed)) return LOADING_STATE;
  if (before === initial && state.feed.state === 'loading')
    return { ...initial, feed: lastKnown(initial.feed) };
  return { ...before, feed: state.feed.state === 'loading' ? before.feed : state.feed };
}

/** Whether only a part of the cluster may be seen, if any. */
function isPartial(feed: Feed): boolean {
  return isForbidden(feed) || (feed.state === 'live' && feed.only !== undefined);
}

/** How many VMs of each tone a cluster has, live; undefined until that is known. `known` as for `useVmRows`. */
export function useVmCounts(
  cluster: string,
  known: string[] = [],
): { counts: VmCounts | undefined; feed: Feed } {
  const [isNarrow, setNarrow] = useState(false);
  const isTold = isNarrow && known.length > 0;
  const { counts, feed } = useLiveState(cluster, { kind: 'vm-counts', ...(isTold ? { known } : {}) });
  if (!isNarrow && isPartial(feed)) setNarrow(true);
  return { counts, feed };
}

/** Whole objects of one kind, live: all, of a namespace, or those that selectors name. */
export function useObjects<T extends K8sObject = K8sObject>(
  cluster: string,
  subscription: Omit<Extract<Subscription, { kind: 'objects' }>, 'kind'>,
): { objects: T[]; feed: Feed } {
  const { objects, feed } = useLiveState(cluster, { kind: 'objects', ...subscription });
  return { objects: objects as T[], feed };
}

/**
 * One object, live. `gone` is true when the API says that there is none; `object` is then what was last known of it,
 * if it was ever seen here.
 */
export function useObject<T extends K8sObject = K8sObject>(
  cluster: string,
  resource: Resource,
  namespace: string | undefined,
  name: string,
): { object: T | undefined; feed: Feed; gone: boolean } {
  const state = useLiveState(cluster, objectSubscription(resource, namespace, name));
  const object = state.objects[0];
  const key = `${cluster}/${resource.plural}/${namespace}/${name}`;
  const [last, setLast] = useState<{ key: string; object: K8sObject } | undefined>();
  const forbidden = isForbidden(state.feed);
  // Objects come before the word that they may be seen again: for a moment there are both.
  if (forbidden && last) setLast(undefined);
  else if (!forbidden && object && last?.object !== object) setLast({ key, object });
  const shown = object ?? (last?.key === key && !forbidden ? last.object : undefined);
  return { object: shown as T | undefined, feed: state.feed, gone: state.arrived && !object };
}

/** The subscription to one object by its name, e.g. for `LiveClient.waitFor`. */
export function objectSubscription(
  resource: Resource,
  namespace: string | undefined,
  name: string,
): Extract<Subscription, { kind: 'objects' }> {
  return {
    kind: 'objects',
    resource,
    ...(namespace ? { namespace } : {}),
    fieldSelector: `metadata.name=${name}`,
  };
}

export type { ObjectsState, VmRowsState };

function useLiveState(cluster: string, subscription: Subscription): LiveState {
  const client = useLiveClient();
  // Callers pass fresh objects on every render; what they say is what counts.
  const key = JSON.stringify(subscription);
  const view = useMemo(() => client.view(cluster, JSON.parse(key) as Subscription), [client, cluster, key]);
  return useSyncExternalStore(view.subscribe, view.get, () => LOADING_STATE);
}
