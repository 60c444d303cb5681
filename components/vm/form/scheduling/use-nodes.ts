'use client';

import { useMemo } from 'react';
import type { ApiErrorJson } from '@/lib/k8s/error';
import { RESOURCES } from '@/lib/kinds/resources';
import { type PlacedNode, taintText } from '@/lib/kinds/vm/form/node-match';
import { useObjects } from '@/lib/live/use-live';

export interface NodesKnown {
  nodes: readonly PlacedNode[];
  isLoading: boolean;
  /** Why they are not known: many users may not list nodes. */
  error: ApiErrorJson | undefined;
  labelKeys: readonly string[];
  valuesOf(key: string): readonly string[];
  /** As kubectl writes them. */
  taints: readonly string[];
}

/** Labels that KubeVirt and others put on nodes for machines to read; nobody selects by hand by them. */
const MACHINE_MADE =
  /^(cpu-(model|feature|vendor|timer)|cpu-model-migration|hyperv|machine-type|host-model|scheduling)[-\w]*\.node\.kubevirt\.io\//;

/** The cluster's nodes with what there is to choose from in their labels and taints, live. */
export function useNodes(cluster: string): NodesKnown {
  const { objects: nodes, feed } = useObjects<PlacedNode>(cluster, { resource: RESOURCES.nodes });
  return useMemo(() => {
    const labels = nodes.flatMap(({ metadata }) => Object.entries(metadata.labels ?? {}));
    return {
      nodes,
      isLoading: nodes.length === 0 && feed.state === 'loading',
      error:
        nodes.length === 0 && (feed.state === 'refused' || feed.state === 'paused') ? feed.error : undefined,
      labelKeys: [...new Set(labels.map(([key]) => key))].filter((key) => !MACHINE_MADE.test(key)).sort(),
      valuesOf: (key) =>
        [...new Set(labels.filter(([each]) => each === key).map(([, value]) => value))].sort(),
      taints: [...new Set(nodes.flatMap(({ spec }) => (spec?.taints ?? []).map(taintText)))].sort(),
    };
  }, [nodes, feed]);
}
