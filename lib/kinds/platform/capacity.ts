import type { K8sObject } from '@/lib/k8s/object';
import type { Node } from '@/lib/kinds/pod';
import type { NodeMetrics } from '@/lib/kinds/pod-metrics';
import { readUsage } from '@/lib/kinds/pod-metrics';
import type { VmGroup } from '@/lib/kinds/vm/dimensions';
import { parseQuantity } from '@/lib/units';
import { nodeTroubles } from './trouble';

/** Of one resource, in cores or bytes. */
export interface Amount {
  /** Measured; undefined where nobody measures. */
  used: number | undefined;
  /** What the guests that run were given. */
  requested: number;
  /** What there is for pods. */
  allocatable: number;
}

/** KubeVirt's default of `cpuAllocationRatio`: how many vCPUs share a core when VMs are placed. */
export const DEFAULT_CPU_RATIO = 10;

/** The part of a KubeVirt object that says how vCPUs become requests for processors. */
export interface KubeVirtSettings extends K8sObject {
  spec?: { configuration?: { developerConfiguration?: { cpuAllocationRatio?: number } } };
}

/** How many vCPUs KubeVirt counts as one core when it places VMs. */
export function cpuRatio(kubevirt: KubeVirtSettings | undefined): number {
  const ratio = kubevirt?.spec?.configuration?.developerConfiguration?.cpuAllocationRatio;
  return ratio && ratio > 0 ? ratio : DEFAULT_CPU_RATIO;
}

/** A node with what runs on it. */
export interface NodeLoad {
  name: string;
  vms: number;
  /** Cores; `requested` as KubeVirt asks the scheduler for vCPUs. */
  cpu: Amount;
  memory: Amount;
  vcpus: number;
  isReady: boolean;
  isCordoned: boolean;
  hasTrouble: boolean;
}

/**
 * Nodes with their load, worst first: those in trouble, then the fullest. `byNode` are the counts of VMs by node,
 * `metrics` what the cluster measures of nodes; without it, what the VMs on them use.
 */
export function nodeLoads(
  nodes: readonly Node[],
  byNode: readonly VmGroup[],
  metrics: ReadonlyMap<string, NodeMetrics> | undefined,
  ratio: number,
): NodeLoad[] {
  const groups = new Map(byNode.map((group) => [group.value, group]));
  return nodes
    .map((node) => nodeLoad(node, groups.get(node.metadata.name), metrics?.get(node.metadata.name), ratio))
    .sort(
      (a, b) =>
        Number(b.hasTrouble) - Number(a.hasTrouble) ||
        fullness(b) - fullness(a) ||
        (a.name < b.name ? -1 : 1),
    );
}

function nodeLoad(
  node: Node,
  group: VmGroup | undefined,
  metrics: NodeMetrics | undefined,
  ratio: number,
): NodeLoad {
  const { allocatable = {} } = node.status ?? {};
  const used = metrics ? readUsage(metrics.usage) : group?.usage;
  const troubles = nodeTroubles(node);
  const vcpus = group?.vcpus ?? 0;
  return {
    name: node.metadata.name,
    vms: group?.total ?? 0,
    vcpus,
    cpu: {
      used: used?.cpuCores,
      requested: vcpus / ratio,
      allocatable: parseQuantity(allocatable.cpu) ?? 0,
    },
    memory: {
      used: used?.memoryBytes,
      requested: group?.memoryBytes ?? 0,
      allocatable: parseQuantity(allocatable.memory) ?? 0,
    },
    isReady: !troubles.some(({ tone }) => tone === 'danger'),
    isCordoned: node.spec?.unschedulable === true,
    hasTrouble: troubles.length > 0,
  };
}

/** The largest share of anything that is asked for or used. */
function fullness({ cpu, memory }: NodeLoad): number {
  return Math.max(
    ...[cpu, memory].flatMap((amount) => [shareOf(amount.requested, amount), shareOf(amount.used, amount)]),
  );
}

/** From 0 up; more than 1 is more than there is. */
export function shareOf(part: number | undefined, { allocatable }: Amount): number {
  return part === undefined || allocatable <= 0 ? 0 : part / allocatable;
}

/** The whole cluster: what all nodes that work offer, what is asked for and used of it. */
export function clusterAmounts(loads: readonly NodeLoad[]): { cpu: Amount; memory: Amount; vcpus: number } {
  const working = loads.filter(({ isReady }) => isReady);
  const sum = (of: 'cpu' | 'memory'): Amount => {
    const measured = loads.flatMap((load) => load[of].used ?? []);
    return {
      used: measured.length > 0 ? measured.reduce((a, b) => a + b, 0) : undefined,
      requested: loads.reduce((total, load) => total + load[of].requested, 0),
      allocatable: working.reduce((total, load) => total + load[of].allocatable, 0),
    };
  };
  return {
    cpu: sum('cpu'),
    memory: sum('memory'),
    vcpus: loads.reduce((total, { vcpus }) => total + vcpus, 0),
  };
}

/** storage.k8s.io/v1 CSIStorageCapacity: what a driver says that it has left, of a class in a part of the cluster. */
export interface StorageCapacity extends K8sObject {
  storageClassName: string;
  capacity?: string;
}

/** Bytes that storage drivers say are left, by storage class; those that say nothing are missing. */
export function storageLeft(
  capacities: readonly StorageCapacity[],
): { storageClass: string; bytes: number }[] {
  const left = new Map<string, number>();
  for (const { storageClassName, capacity } of capacities) {
    const bytes = parseQuantity(capacity);
    if (bytes !== undefined) left.set(storageClassName, (left.get(storageClassName) ?? 0) + bytes);
  }
  return [...left]
    .map(([storageClass, bytes]) => ({ storageClass, bytes }))
    .sort((a, b) => (a.storageClass < b.storageClass ? -1 : 1));
}
