import type { ClusterApi } from '../api/objects';
import type { MetricsEndpoints } from '../api/pod-proxy';
import type { DeadNodes } from '../controllers/dead-nodes';
import { holdsGuest } from '../controllers/launchers';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import { type Pod, type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../controllers/types';
import type { VirtHandler } from '../controllers/virt-handler';
import type { GuestStats } from '../guests/guest-stats';
import type { ConnectionLog } from '../kubevirt/connections';
import { addComponents, leader } from './component-metrics';
import { addDomain, addMemory, addProcessor, instanceLabels } from './domain-metrics';
import { Exposition, TEXT_FORMAT } from './exposition';
import { COMPONENTS, DOMAIN, FAMILIES, type FamilyName, INVENTORY, type MetricSink } from './families';
import { addInstances, addMigrations, addSnapshots } from './instance-metrics';
import { addMachine } from './machine-metrics';
import { ModelledCounters } from './modelled-counters';
import { addServer, type RequestCounts } from './server-metrics';
import { addState } from './state-metrics';
import { addUsage, addVolumes, type ContainerUsage } from './usage-metrics';

/** Whoever asks again within this time gets the same figures: several scrapers cost the guests no more than one. */
const FRESH_MS = 5000;
const NAME_LABEL = 'vm.kubevirt.io/name';

export interface ExporterSources {
  cluster: ClusterApi;
  virtHandler: Pick<VirtHandler, 'guestOf'>;
  deadNodes: Pick<DeadNodes, 'has'>;
  connections: ConnectionLog;
  requests: RequestCounts;
  /** Where the images of volumes lie. */
  directory: string;
}

/**
 * What the metrics endpoints of a real cluster's API server, kubelets, kube-state-metrics and KubeVirt components tell
 * together, measured when somebody asks and never in between.
 */
export class MetricsExporter implements MetricsEndpoints {
  private readonly modelled = new ModelledCounters();
  private made: { at: number; exposition: Promise<Exposition<FamilyName>> } | undefined;

  constructor(private readonly sources: ExporterSources) {}

  async all() {
    return inTextFormat((await this.measured()).text());
  }

  /** What one of KubeVirt's pods tells at its port; figures of instances come from the node that they are on. */
  async ofPod(pod: Pod, port: string) {
    if (!listens(pod, port) || this.sources.deadNodes.has(pod.spec.nodeName)) return undefined;
    const program = pod.metadata.labels?.['kubevirt.io'];
    const { name } = pod.metadata;
    const leads = program === 'virt-controller' && leader(this.sources.cluster, program) === name;
    const text = (await this.measured()).text((family, labels) => {
      if (family in DOMAIN) return program === 'virt-handler' && labels.node === pod.spec.nodeName;
      if (family in INVENTORY) return leads;
      if (!(family in COMPONENTS)) return false;
      return labels.pod === undefined ? program === 'virt-api' : labels.pod === name;
    });
    return inTextFormat(text);
  }

  private measured(): Promise<Exposition<FamilyName>> {
    const at = performance.now();
    if (this.made && at - this.made.at < FRESH_MS) return this.made.exposition;
    const exposition = this.collect();
    this.made = { at, exposition };
    // What failed is not kept.
    exposition.catch(() => {
      this.made = undefined;
    });
    return exposition;
  }

  private async collect(): Promise<Exposition<FamilyName>> {
    const { cluster, connections, requests, directory } = this.sources;
    const exposition = new Exposition<FamilyName>(FAMILIES);
    const vmis = cluster.list<VirtualMachineInstance>(VMIS);
    const usage = await this.addDomains(exposition, vmis);
    await addVolumes(exposition, cluster, directory);
    this.addMachines(exposition);
    addInstances(exposition, cluster, vmis);
    addMigrations(exposition, cluster, vmis);
    addSnapshots(exposition, cluster);
    addComponents(exposition, cluster, connections);
    addState(exposition, cluster);
    addUsage(exposition, cluster, this.perPod(vmis, usage), (node) => this.sources.deadNodes.has(node));
    addServer(exposition, cluster, requests);
    return exposition;
  }

  private addMachines(sink: MetricSink): void {
    const { cluster } = this.sources;
    const byNamespace = new Map<string, Map<string, PersistentVolumeClaim>>();
    for (const claim of cluster.list<PersistentVolumeClaim>(PVCS)) {
      const { namespace = '', name } = claim.metadata;
      const claims = byNamespace.get(namespace) ?? new Map<string, PersistentVolumeClaim>();
      byNamespace.set(namespace, claims.set(name, claim));
    }
    for (const vm of cluster.list<VirtualMachine>(VMS)) {
      addMachine(sink, cluster, vm, byNamespace.get(vm.metadata.namespace ?? '') ?? new Map());
    }
  }

  /** Asks all running guests at once. Returns what each takes, by the instance's uid. */
  private async addDomains(
    sink: MetricSink,
    vmis: readonly VirtualMachineInstance[],
  ): Promise<Map<string, ContainerUsage>> {
    const { virtHandler, deadNodes } = this.sources;
    const running = vmis.filter(
      ({ status }) => status?.phase === 'Running' && !deadNodes.has(status.nodeName),
    );
    const usage = new Map<string, ContainerUsage>();
    await Promise.all(
      running.map(async (vmi) => {
        const guest = virtHandler.guestOf(vmi);
        if (!guest) return;
        const labels = instanceLabels(vmi);
        // One that ends at this moment, or is too busy to answer, has no figures this time.
        const stats = await guest.stats().catch(() => null);
        if (stats) {
          addDomain(sink, labels, stats);
          usage.set(vmi.metadata.uid, usageOf(stats));
        } else if (stats === undefined && guest.pid === undefined) {
          const { cpuSeconds, memory } = this.modelled.of(vmi);
          addProcessor(sink, labels, cpuSeconds, 0);
          addMemory(sink, labels, memory);
          usage.set(vmi.metadata.uid, { cpuSeconds, residentBytes: memory.residentBytes });
        }
      }),
    );
    this.modelled.keep(new Set(running.map(({ metadata }) => metadata.uid)));
    return usage;
  }

  /** A guest's usage is that of the launcher which holds it. */
  private perPod(
    vmis: readonly VirtualMachineInstance[],
    usage: ReadonlyMap<string, ContainerUsage>,
  ): Map<string, ContainerUsage> {
    const byKey = new Map(vmis.map((vmi) => [`${vmi.metadata.namespace}/${vmi.metadata.name}`, vmi]));
    const found = new Map<string, ContainerUsage>();
    for (const pod of this.sources.cluster.list<Pod>('pods')) {
      const { metadata, status } = pod;
      const name = metadata.labels?.[NAME_LABEL];
      const vmi =
        name && status?.phase === 'Running' ? byKey.get(`${metadata.namespace}/${name}`) : undefined;
      const taken = vmi && holdsGuest(pod, vmi) ? usage.get(vmi.metadata.uid) : undefined;
      if (taken) found.set(metadata.uid, taken);
    }
    return found;
  }
}

function inTextFormat(text: string): { text: string; contentType: string } {
  return { text, contentType: TEXT_FORMAT };
}

/** Whether a pod answers Prometheus at a port, given by its number or its name. */
function listens({ metadata, spec, status }: Pod, wanted: string): boolean {
  if (metadata.labels?.['prometheus.kubevirt.io'] !== 'true' || status?.phase !== 'Running') return false;
  const ports = spec.containers.flatMap((container) =>
    Array.isArray(container.ports) ? container.ports : [],
  );
  const named = ports.find(({ name, containerPort }) => name === wanted || String(containerPort) === wanted);
  return ports.some(
    ({ name, containerPort }) => name === 'metrics' && containerPort === named?.containerPort,
  );
}

function usageOf({ cpu, memory, nics }: GuestStats): ContainerUsage {
  const sum = (bytes: (nic: (typeof nics)[number]) => number) =>
    nics.reduce((total, nic) => total + bytes(nic), 0);
  return {
    cpuSeconds: cpu.userSeconds + cpu.systemSeconds,
    residentBytes: memory.residentBytes,
    ...(nics.length > 0
      ? { receivedBytes: sum((nic) => nic.receivedBytes), sentBytes: sum((nic) => nic.sentBytes) }
      : {}),
  };
}
