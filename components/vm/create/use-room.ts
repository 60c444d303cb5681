'use client';

import { useMemo } from 'react';
import type { Feed } from '@/lib/inventory/protocol';
import { cpuRatio, type KubeVirtSettings, nodeLoads } from '@/lib/kinds/platform/capacity';
import type { Node } from '@/lib/kinds/pod';
import { RESOURCES } from '@/lib/kinds/resources';
import { type Footprint, footprintOf, sumFootprints } from '@/lib/kinds/vm/create/footprint';
import {
  type LimitRange,
  type QuotaCost,
  quotaCosts,
  type RangeProblem,
  type ResourceQuota,
  rangeProblems,
} from '@/lib/kinds/vm/create/quota';
import { type Room, roomFor } from '@/lib/kinds/vm/create/room';
import type { VmDimension } from '@/lib/kinds/vm/dimensions';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import { INSTANCETYPE } from '@/lib/kinds/vm/form/instance-type';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { useObjects, useVmGroups } from '@/lib/live/use-live';
import { useInstanceTypes } from '../form/size/use-offers';

const BY_NODE: VmDimension[] = ['node'];
const MAX_NODES = 1_000;
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** What VMs that are to be made take, and whether there is room for it. */
export interface RoomOutlook {
  /** Of all of them; undefined while there is none. */
  footprint: Footprint | undefined;
  costs: readonly QuotaCost[];
  ranges: readonly RangeProblem[];
  /** For the largest of them; undefined while nodes are not known, or may not be listed. */
  room: Room | undefined;
  /** Why the quotas of the namespace are not known. */
  quotaFeed: Feed;
}

export function useRoom(cluster: string, namespace: string, drafts: readonly VmDraft[]): RoomOutlook {
  const quotas = useObjects<ResourceQuota>(cluster, { resource: RESOURCES.resourceQuotas, namespace });
  const limits = useObjects<LimitRange>(cluster, { resource: RESOURCES.limitRanges, namespace });
  const nodes = useObjects<Node>(cluster, { resource: RESOURCES.nodes });
  const kubevirts = useObjects<KubeVirtSettings>(cluster, { resource: RESOURCES.kubevirts });
  const classes = useObjects(cluster, { resource: RESOURCES.storageClasses });
  const byNode = useVmGroups(cluster, DEFAULT_VM_QUERY, BY_NODE, { limit: MAX_NODES });
  const types = useInstanceTypes(cluster, namespace);
  const ratio = cpuRatio(kubevirts.objects[0]);
  const groups = byNode.groups?.groups.node?.groups;
  return useMemo(() => {
    const each = drafts.map((draft) => {
      const matcher = INSTANCETYPE.read(draft.vm);
      return footprintOf(draft, matcher.name ? types.find(matcher) : undefined, ratio);
    });
    const footprint = sumFootprints(each);
    const largest = each.reduce<Footprint | undefined>(
      (most, one) => (most && most.memoryRequest >= one.memoryRequest ? most : one),
      undefined,
    );
    const defaultClass = classes.objects.find(
      ({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true',
    )?.metadata.name;
    const pods = each.filter(({ runs }) => runs).length;
    const areNodesKnown = nodes.objects.length > 0 && groups !== undefined;
    return {
      footprint,
      costs: footprint ? quotaCosts(quotas.objects, footprint, { pods, defaultClass }) : [],
      ranges: largest ? rangeProblems(limits.objects, largest) : [],
      room:
        largest && areNodesKnown
          ? roomFor(nodeLoads(nodes.objects, groups, undefined, ratio), largest)
          : undefined,
      quotaFeed: quotas.feed,
    };
  }, [drafts, types, ratio, classes, quotas, limits, nodes, groups]);
}
