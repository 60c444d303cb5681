'use client';

import { useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { Feed, Subscription, VmGroups, Window } from '@/lib/inventory/protocol';
import type { K8sObject } from '@/lib/k8s/object';
import type { Resource } from '@/lib/k8s/resource';
import type { VmDimension } from '@/lib/kinds/vm/dimensions';
import type { VmQuery } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { VmCounts } from '@/lib/kinds/vm/status';
import type { LiveView } from './live-client';
import { useLiveClient } from './live-provider';
import {
  isForbidden,
  type LiveState,
  LOADING_STATE,
  lastKnown,
  type ObjectsState,
  type VmRowsState,
} from './live-state';

/** What shows of a list besides its query. */
export interface WindowOptions {
  /** What the server rendered into the page; shows until the first snapshot. */
  initial?: VmRowsState;
  /** Namespaces to look into when the whole cluster may not be listed. */
  known?: string[];
  /** The same rows stay in their places, and still change, while this is true. */
  hold?: boolean;
}

/**
 * A window of the VMs that match, live. When the query changes, the rows of the old one stay until those of the new one
 * are there; `moved` says that a held window stands in an order that is no longer the answer's.
 */
export function useVmWindow(
  cluster: string,
  query: VmQuery,
  window: Window,
  { initial, known = [], hold = false }: WindowOptions = {},
): Required<VmRowsState> {
  const [isNarrow, setNarrow] = useState(initial !== undefined && isPartial(initial.feed));
  const isTold = isNarrow && known.length > 0 && query.namespaces.length === 0;
  const owner = useId();
  const view = useView(cluster, { kind: 'vms', query, window, ...(isTold ? { known } : {}) }, owner);
  const state = useSyncExternalStore(view.subscribe, view.get, () => LOADING_STATE);
  const { from, count } = window;
  useEffect(() => view.move({ from, count }, hold), [view, from, count, hold]);
  if (!isNarrow && isPartial(state.feed)) setNarrow(true);
  const [last, setLast] = useState<{ cluster: string; state: VmRowsState } | undefined>();
  const counts = state.arrived || isForbidden(state.feed);
  if (counts && last?.state !== state) setLast({ cluster, state });
  if (counts) return state;
  const before = last?.cluster === cluster ? last.state : initial;
  if (!before) return state;
  // What was refused over all namespaces may be seen in those that are asked for now.
  if (isTold && state.feed.state === 'loading' && isForbidden(before.feed)) return LOADING_STATE;
  const shown = { from: 0, moved: false, ...before };
  if (before === initial && state.feed.state === 'loading')
    return { ...shown, feed: lastKnown(initial.feed) };
  return { ...shown, feed: state.feed.state === 'loading' ? before.feed : state.feed };
}

/** VMs by name (`namespace/name`, at most 500), live, in that order, as far as they exist. */
export function useNamedVms(cluster: string, names: string[]): { rows: VmRow[]; feed: Feed } {
  const { rows, feed } = useLiveState(cluster, { kind: 'vm-rows', vms: names });
  return { rows, feed };
}

/**
 * How many VMs match for each value of the dimensions, live; `groups` is undefined until that is known. When the query
 * changes, the old numbers stay until the new ones are there. `initial` is what the server rendered.
 */
export function useVmGroups(
  cluster: string,
  query: VmQuery,
  by: VmDimension[],
  { limit, known = [], initial }: { limit?: number; known?: string[]; initial?: VmGroups } = {},
): { groups: VmGroups | undefined; feed: Feed } {
  const [isNarrow, setNarrow] = useState(false);
  const isTold = isNarrow && known.length > 0 && query.namespaces.length === 0;
  const { groups, feed } = useLiveState(cluster, {
    kind: 'vm-groups',
    query,
    by,
    ...(limit === undefined ? {} : { limit }),
    ...(isTold ? { known } : {}),
  });
  if (!isNarrow && isPartial(feed)) setNarrow(true);
  const [last, setLast] = useState<{ cluster: string; groups: VmGroups } | undefined>();
  if (groups && last?.groups !== groups) setLast({ cluster, groups });
  if (isForbidden(feed)) return { groups: undefined, feed };
  return { groups: groups ?? (last?.cluster === cluster ? last.groups : initial), feed };
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
  const view = useView(cluster, subscription);
  return useSyncExternalStore(view.subscribe, view.get, () => LOADING_STATE);
}

function useView(cluster: string, subscription: Subscription, owner = ''): LiveView {
  const client = useLiveClient();
  // Callers pass fresh objects on every render; what they say is what counts. An owned window is moved, not asked anew.
  const isOwned = owner !== '' && subscription.kind === 'vms';
  const key = JSON.stringify(isOwned ? { ...subscription, window: undefined } : subscription);
  const latest = useRef(subscription);
  latest.current = subscription;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` is what `latest` says.
  return useMemo(() => client.view(cluster, latest.current, owner), [client, cluster, key, owner]);
}
