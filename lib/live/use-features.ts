'use client';

import { useCallback, useEffect, useMemo, useSyncExternalStore } from 'react';
import { ApiError } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { type ClusterFeatures, clusterFeatures, type KubeVirt } from '@/lib/kinds/platform/features';
import { RESOURCES } from '@/lib/kinds/resources';
import { useOnSignedIn } from './sessions';

/** How long an answer counts: settings of a platform change by hand, and rarely. */
const FRESH_MS = 60_000;
const KUBEVIRTS = resourcePath(RESOURCES.kubevirts);

interface Asked {
  kubevirt: KubeVirt | undefined;
  /** Whether the cluster has answered, be it with a refusal. */
  arrived: boolean;
  at: number;
  asking: boolean;
}

const NOTHING: Asked = { kubevirt: undefined, arrived: false, at: Number.NEGATIVE_INFINITY, asking: false };
const known = new Map<string, Asked>();
const listeners = new Set<() => void>();

function set(cluster: string, asked: Asked): void {
  known.set(cluster, asked);
  for (const listener of listeners) listener();
}

/** Whom the cluster knows may list its KubeVirt, and hardly anybody may watch it (the role kubevirt.io:default). */
async function ask(cluster: string, force = false): Promise<void> {
  const before = known.get(cluster) ?? NOTHING;
  if (before.asking || (!force && Date.now() - before.at < FRESH_MS)) return;
  set(cluster, { ...before, asking: true });
  try {
    const { body } = await callApi<{ items?: KubeVirt[] }>(cluster, KUBEVIRTS);
    set(cluster, { kubevirt: body?.items?.[0], arrived: true, at: Date.now(), asking: false });
  } catch (error) {
    const isRefused = error instanceof ApiError && error.code >= 400 && error.code < 500;
    // What was known stays while the cluster is silent, and is asked for again with the next page.
    if (isRefused) set(cluster, { kubevirt: undefined, arrived: true, at: Date.now(), asking: false });
    else set(cluster, { ...before, asking: false });
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What the cluster's KubeVirt can do; `known` is false until it has answered, and where it may not be asked. */
export function useFeatures(cluster: string): ClusterFeatures & { isLoading: boolean } {
  const asked = useSyncExternalStore(
    subscribe,
    () => known.get(cluster) ?? NOTHING,
    () => NOTHING,
  );
  useEffect(() => void ask(cluster), [cluster]);
  useOnSignedIn(
    cluster,
    useCallback(() => void ask(cluster, true), [cluster]),
  );
  return useMemo(
    () => ({ ...clusterFeatures(asked.kubevirt), isLoading: !asked.arrived }),
    [asked.kubevirt, asked.arrived],
  );
}
