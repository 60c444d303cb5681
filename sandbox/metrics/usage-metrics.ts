import { stat } from 'node:fs/promises';
import type { ClusterApi } from '../api/objects';
import { claimFile } from '../controllers/guest-files';
import { parseQuantity } from '../controllers/quantity';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import type { Node, Pod } from '../controllers/types';
import { claimsOf } from '../controllers/volume-objects';
import type { MetricSink } from './families';

const BLOCK_BYTES = 512;

/** What the kubelet of a node measures of one container. */
export interface ContainerUsage {
  cpuSeconds: number;
  residentBytes: number;
  receivedBytes?: number;
  sentBytes?: number;
}

/** What the kubelets tell of the launchers' containers and of their nodes. `usage` is by the pod's uid. */
export function addUsage(
  sink: MetricSink,
  cluster: ClusterApi,
  usage: ReadonlyMap<string, ContainerUsage>,
  isDead: (node: string | undefined) => boolean,
): void {
  const sums = new Map<string, { cpuSeconds: number; residentBytes: number }>();
  for (const { metadata, spec } of cluster.list<Pod>('pods')) {
    const taken = usage.get(metadata.uid);
    if (!taken || !spec.nodeName) continue;
    const { cpuSeconds, residentBytes, receivedBytes, sentBytes } = taken;
    const pod = { node: spec.nodeName, namespace: metadata.namespace, pod: metadata.name };
    const container = { ...pod, container: 'compute' };
    sink.add('container_cpu_usage_seconds_total', container, cpuSeconds);
    sink.add('container_memory_working_set_bytes', container, residentBytes);
    sink.add('container_memory_rss', container, residentBytes);
    if (receivedBytes !== undefined) {
      sink.add('container_network_receive_bytes_total', { ...pod, interface: 'eth0' }, receivedBytes);
    }
    if (sentBytes !== undefined) {
      sink.add('container_network_transmit_bytes_total', { ...pod, interface: 'eth0' }, sentBytes);
    }
    const sum = sums.get(spec.nodeName) ?? { cpuSeconds: 0, residentBytes: 0 };
    sum.cpuSeconds += cpuSeconds;
    sum.residentBytes += residentBytes;
    sums.set(spec.nodeName, sum);
  }
  for (const { metadata, status } of cluster.list<Node>('nodes')) {
    const node = metadata.name;
    if (isDead(node)) continue;
    const { cpuSeconds, residentBytes } = sums.get(node) ?? { cpuSeconds: 0, residentBytes: 0 };
    const total = parseQuantity(status?.capacity?.memory);
    sink.add('node_cpu_usage_seconds_total', { node }, cpuSeconds);
    sink.add('node_memory_working_set_bytes', { node }, residentBytes);
    sink.add('node_memory_MemTotal_bytes', { node }, total);
    sink.add('node_memory_MemAvailable_bytes', { node }, Math.max(0, total - residentBytes));
  }
}

/** What the kubelets tell of the volumes that their pods use: what of the image is written, and what could be. */
export async function addVolumes(sink: MetricSink, cluster: ClusterApi, directory: string): Promise<void> {
  const inUse = new Map<string, PersistentVolumeClaim>();
  for (const pod of cluster.list<Pod>('pods')) {
    if (pod.status?.phase !== 'Running') continue;
    for (const name of claimsOf(pod)) {
      const claim = cluster.get<PersistentVolumeClaim>(PVCS, pod.metadata.namespace, name);
      if (claim?.status?.phase === 'Bound') inUse.set(claim.metadata.uid, claim);
    }
  }
  await Promise.all(
    [...inUse.values()].map(async (claim) => {
      const { metadata, status } = claim;
      const labels = { namespace: metadata.namespace, persistentvolumeclaim: metadata.name };
      const capacity = parseQuantity(status?.capacity?.storage);
      // A volume that nobody has written to yet has no image.
      const blocks = await stat(claimFile(directory, claim)).then(
        (image) => image.blocks,
        () => 0,
      );
      const used = Math.min(capacity, blocks * BLOCK_BYTES);
      sink.add('kubelet_volume_stats_capacity_bytes', labels, capacity);
      sink.add('kubelet_volume_stats_used_bytes', labels, used);
      sink.add('kubelet_volume_stats_available_bytes', labels, capacity - used);
    }),
  );
}
