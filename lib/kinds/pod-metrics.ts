import { parseQuantity } from '@/lib/units';
import type { VmUsage } from './vm/row';

interface Usage {
  cpu?: string;
  memory?: string;
}

/** metrics.k8s.io/v1beta1 PodMetrics; carries the labels of its pod. */
export interface PodMetrics {
  metadata: { name: string; namespace: string; labels?: Record<string, string> };
  timestamp?: string;
  containers?: { name: string; usage?: Usage }[] | null;
}

/** metrics.k8s.io/v1beta1 NodeMetrics */
export interface NodeMetrics {
  metadata: { name: string };
  timestamp?: string;
  usage?: Usage;
}

/** KubeVirt names the VM on its launcher since 1.0 so, before by the VMI's own label. */
const NAME_LABELS = ['vm.kubevirt.io/name', 'kubevirt.io/domain'];
const LAUNCHER_NAME = /^virt-launcher-(.+)-[a-z0-9]{5}$/;

/** Which VM (`namespace/name`) a launcher belongs to, and what it takes. Undefined for other pods. */
export function usageOfPod({ metadata, containers }: PodMetrics): { vm: string; usage: VmUsage } | undefined {
  const label = NAME_LABELS.map((name) => metadata.labels?.[name]).find(Boolean);
  const name = label ?? LAUNCHER_NAME.exec(metadata.name)?.[1];
  if (!name) return undefined;
  const usage: VmUsage = { cpuCores: 0, memoryBytes: 0 };
  for (const container of containers ?? []) {
    const { cpuCores, memoryBytes } = readUsage(container.usage);
    usage.cpuCores += cpuCores;
    usage.memoryBytes += memoryBytes;
  }
  return { vm: `${metadata.namespace}/${name}`, usage };
}

/** Cores and bytes of `{cpu: "12345n", memory: "123Ki"}`. */
export function readUsage(usage: Usage = {}): VmUsage {
  return { cpuCores: parseQuantity(usage.cpu) ?? 0, memoryBytes: parseQuantity(usage.memory) ?? 0 };
}
