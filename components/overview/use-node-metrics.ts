'use client';

import { useEffect, useState } from 'react';
import { ApiError } from '@/lib/k8s/error';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import type { NodeMetrics } from '@/lib/kinds/pod-metrics';
import { RESOURCES } from '@/lib/kinds/resources';
import { mayI } from '@/lib/live/use-access';

const REFRESH_MS = 30_000;

export type NodeMetricsState =
  | { state: 'loading' | 'absent' | 'refused' | 'failing' }
  | { state: 'measured'; nodes: ReadonlyMap<string, NodeMetrics> };

/**
 * What the cluster measures of its nodes, asked every 30 s, since that API cannot be watched. Whether there is such an
 * API and a right to it is asked first, and nothing while not `active`: a question that will fail is not sent.
 */
export function useNodeMetrics(cluster: string, active: boolean): NodeMetricsState {
  const [state, setState] = useState<NodeMetricsState>({ state: 'loading' });
  useEffect(() => {
    if (!active) return;
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async () => {
      try {
        const next = await readMetrics(cluster, abort.signal);
        if (!abort.signal.aborted) setState(next);
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof ApiError)) throw error;
        setState({ state: 'failing' });
      }
      if (!abort.signal.aborted) timer = setTimeout(read, REFRESH_MS);
    };
    void read();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [cluster, active]);
  return state;
}

interface GroupList {
  groups?: { name: string }[];
}

/** @throws ApiError when the cluster does not answer. */
async function readMetrics(cluster: string, signal: AbortSignal): Promise<NodeMetricsState> {
  const resource = RESOURCES.nodeMetrics;
  const { body } = await callApi<GroupList>(cluster, '/apis', { signal });
  if (!body.groups?.some(({ name }) => name === resource.group)) return { state: 'absent' };
  if (!(await mayI(cluster, '', { verb: 'list', resource }))) return { state: 'refused' };
  const list = await callApi<{ items?: NodeMetrics[] }>(cluster, resourcePath(resource), { signal });
  return {
    state: 'measured',
    nodes: new Map((list.body.items ?? []).map((node) => [node.metadata.name, node])),
  };
}
