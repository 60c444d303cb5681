import type { MetricsSource } from '../api/aggregated-metrics';
import type { ClusterApi, KubeObject, ObjectMeta } from '../api/objects';
import { clock } from '../clock';
import { isTrue } from '../controllers/conditions';
import type { DeadNodes } from '../controllers/dead-nodes';
import { holdsGuest } from '../controllers/launchers';
import { timestamp } from '../controllers/time';
import { type Pod, type VirtualMachineInstance, VMIS } from '../controllers/types';
import { modelledUsage, type Usage } from './modelled-usage';
import type { Measured, UsageSampler } from './usage-sampler';

/** Modelled usage changes as often as measured usage would. */
const MODEL_WINDOW_MS = 15_000;
const NAME_LABEL = 'vm.kubevirt.io/name';
const NANO = 1e9;
const KIBI = 1024;

/**
 * metrics-server: what the guests' processes take, told of their launcher pods, and of nodes as the sum of their pods.
 * Pods without a guest are missing, as metrics-server misses pods that it could not measure: their containers hold no
 * programs. Without a sampler machines are mere states, and their usage is a model like they are.
 */
export class MetricsServer implements MetricsSource {
  private sums: { window: number; byNode: Map<string, Usage> } | undefined;

  constructor(
    private readonly cluster: ClusterApi,
    private readonly sampler: UsageSampler | undefined,
    private readonly deadNodes: Pick<DeadNodes, 'has'>,
  ) {}

  pods(namespace?: string): KubeObject[] {
    const metrics: KubeObject[] = [];
    const at = clock.millis();
    for (const pod of this.cluster.list<Pod>('pods', namespace)) {
      const usage = this.usageOf(pod, at);
      if (!usage) continue;
      metrics.push({
        kind: 'PodMetrics',
        ...head(pod, at, usage.windowMs),
        containers: [{ name: 'compute', usage: quantities(usage) }],
      });
    }
    return metrics;
  }

  nodes(): KubeObject[] {
    const at = clock.millis();
    const sums = this.perNode(at);
    return this.cluster
      .list('nodes')
      .filter(({ metadata }) => !this.deadNodes.has(metadata.name))
      .map((node) => ({
        kind: 'NodeMetrics',
        ...head(node, at, MODEL_WINDOW_MS),
        usage: quantities(sums.get(node.metadata.name) ?? { cpuCores: 0, memoryBytes: 0 }),
      }));
  }

  private usageOf(pod: Pod, at: number): Measured | undefined {
    const { metadata, spec, status } = pod;
    const name = metadata.labels?.[NAME_LABEL];
    if (!name || status?.phase !== 'Running' || this.deadNodes.has(spec.nodeName)) return undefined;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, metadata.namespace, name);
    // While it migrates, the guest is still in the launcher that it started in.
    if (vmi?.status?.phase !== 'Running' || !holdsGuest(pod, vmi)) return undefined;
    if (this.sampler) return this.sampler.of(vmi.metadata.uid);
    const moment = Math.floor(at / MODEL_WINDOW_MS) * MODEL_WINDOW_MS;
    const paused = isTrue(vmi.status, 'Paused');
    return { ...modelledUsage(vmi.metadata.uid, vmi.spec, moment, paused), windowMs: MODEL_WINDOW_MS };
  }

  /** Added up once for each window: of a large cluster that is work. */
  private perNode(at: number): ReadonlyMap<string, Usage> {
    const window = Math.floor(at / MODEL_WINDOW_MS);
    if (!this.sampler && this.sums?.window === window) return this.sums.byNode;
    const byNode = new Map<string, Usage>();
    for (const pod of this.cluster.list<Pod>('pods')) {
      const usage = this.usageOf(pod, at);
      const node = pod.spec.nodeName;
      if (!usage || !node) continue;
      const sum = byNode.get(node) ?? { cpuCores: 0, memoryBytes: 0 };
      sum.cpuCores += usage.cpuCores;
      sum.memoryBytes += usage.memoryBytes;
      byNode.set(node, sum);
    }
    this.sums = { window, byNode };
    return byNode;
  }
}

function head({ metadata }: KubeObject, at: number, windowMs: number) {
  const { name, namespace, labels } = metadata;
  const time = timestamp(at);
  // What is made at the moment has neither a uid nor a version.
  const own = { name, ...(namespace ? { namespace } : {}), creationTimestamp: time } as ObjectMeta;
  return {
    apiVersion: 'metrics.k8s.io/v1beta1',
    metadata: labels ? { ...own, labels } : own,
    timestamp: time,
    window: `${(windowMs / 1000).toFixed(3).replace(/\.?0+$/, '')}s`,
  };
}

/** As metrics-server writes them: nanocores, and KiB. */
function quantities({ cpuCores, memoryBytes }: Usage): { cpu: string; memory: string } {
  return { cpu: `${Math.round(cpuCores * NANO)}n`, memory: `${Math.round(memoryBytes / KIBI)}Ki` };
}
