import type { ClusterApi, KubeObject } from '../api/objects';
import { parseQuantity } from '../controllers/quantity';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import type { Node, Pod } from '../controllers/types';
import { type Labels, labelName } from './exposition';
import type { MetricSink } from './families';
import { secondsOf } from './machine-metrics';

const ROLE = 'node-role.kubernetes.io/';
const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const STATUSES = ['true', 'false', 'unknown'];

interface Quota extends KubeObject {
  status?: { hard?: Record<string, string>; used?: Record<string, string> };
}

/** What kube-state-metrics tells of the cluster's objects. */
export function addState(sink: MetricSink, cluster: ClusterApi): void {
  for (const { metadata } of cluster.list('namespaces')) {
    sink.add('kube_namespace_created', { namespace: metadata.name }, secondsOf(metadata.creationTimestamp));
  }
  for (const node of cluster.list<Node>('nodes')) addNode(sink, node);
  for (const pod of cluster.list<Pod>('pods')) addPod(sink, pod);
  for (const claim of cluster.list<PersistentVolumeClaim>(PVCS)) addClaim(sink, claim);
  for (const { metadata, status } of cluster.list<Quota>('resourcequotas')) {
    const base = { namespace: metadata.namespace, resourcequota: metadata.name };
    for (const type of ['hard', 'used'] as const) {
      for (const [resource, amount] of Object.entries(status?.[type] ?? {})) {
        sink.add('kube_resourcequota', { ...base, resource, type }, parseQuantity(amount));
      }
    }
  }
}

function addNode(sink: MetricSink, { metadata, spec, status }: Node): void {
  const node = metadata.name;
  const facts = (status?.nodeInfo ?? {}) as Record<string, string>;
  const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  sink.add(
    'kube_node_info',
    {
      node,
      internal_ip: address,
      kubelet_version: facts.kubeletVersion,
      kernel_version: facts.kernelVersion,
      os_image: facts.osImage,
      container_runtime_version: facts.containerRuntimeVersion,
      pod_cidr: spec.podCIDR,
    },
    1,
  );
  for (const name of Object.keys(metadata.labels ?? {})) {
    if (name.startsWith(ROLE)) sink.add('kube_node_role', { node, role: name.slice(ROLE.length) }, 1);
  }
  sink.add('kube_node_spec_unschedulable', { node }, spec.unschedulable ? 1 : 0);
  for (const [resource, amount] of Object.entries(status?.allocatable ?? {})) {
    sink.add('kube_node_status_allocatable', { node, ...resourceLabels(resource) }, parseQuantity(amount));
  }
  for (const [resource, amount] of Object.entries(status?.capacity ?? {})) {
    sink.add('kube_node_status_capacity', { node, ...resourceLabels(resource) }, parseQuantity(amount));
  }
  for (const { type, status: is } of status?.conditions ?? []) {
    addOneOf(
      sink,
      'kube_node_status_condition',
      { node, condition: type },
      'status',
      STATUSES,
      is.toLowerCase(),
    );
  }
}

function addPod(sink: MetricSink, { metadata, spec, status }: Pod): void {
  const base = { namespace: metadata.namespace, pod: metadata.name, uid: metadata.uid };
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  const made = { created_by_kind: owner?.kind, created_by_name: owner?.name };
  sink.add('kube_pod_info', { ...base, node: spec.nodeName, pod_ip: status?.podIP, ...made }, 1);
  addOneOf(sink, 'kube_pod_status_phase', base, 'phase', PHASES, status?.phase ?? '');
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status ?? 'False';
  addOneOf(sink, 'kube_pod_status_ready', base, 'condition', STATUSES, ready.toLowerCase());
  for (const { name, resources } of spec.containers) {
    const labels = { ...base, container: name, node: spec.nodeName };
    for (const [resource, amount] of Object.entries(resources?.requests ?? {})) {
      const of = { ...labels, ...resourceLabels(resource) };
      sink.add('kube_pod_container_resource_requests', of, parseQuantity(amount));
    }
    for (const [resource, amount] of Object.entries(resources?.limits ?? {})) {
      const of = { ...labels, ...resourceLabels(resource) };
      sink.add('kube_pod_container_resource_limits', of, parseQuantity(amount));
    }
  }
}

function addClaim(sink: MetricSink, { metadata, spec, status }: PersistentVolumeClaim): void {
  const base = { namespace: metadata.namespace, persistentvolumeclaim: metadata.name };
  const { storageClassName: storageclass, volumeName: volumename, volumeMode } = spec;
  sink.add(
    'kube_persistentvolumeclaim_info',
    { ...base, storageclass, volumename, volumemode: volumeMode },
    1,
  );
  const phases = ['Lost', 'Bound', 'Pending'];
  addOneOf(sink, 'kube_persistentvolumeclaim_status_phase', base, 'phase', phases, status?.phase ?? '');
  const size = spec.resources?.requests?.storage;
  if (size !== undefined) {
    sink.add('kube_persistentvolumeclaim_resource_requests_storage_bytes', base, parseQuantity(size));
  }
  const own = Object.entries(metadata.labels ?? {}).map(([name, value]) => [
    `label_${labelName(name)}`,
    value,
  ]);
  sink.add('kube_persistentvolumeclaim_labels', { ...base, ...Object.fromEntries(own) }, 1);
}

/** One sample for each thing that could be so: 1 for what is, 0 for the others. */
function addOneOf(
  sink: MetricSink,
  family: Parameters<MetricSink['add']>[0],
  base: Labels,
  label: string,
  all: readonly string[],
  is: string,
): void {
  for (const value of all) sink.add(family, { ...base, [label]: value }, value === is ? 1 : 0);
}

/** Resources as kube-state-metrics writes them: `devices.kubevirt.io/kvm` is `devices_kubevirt_io_kvm`. */
function resourceLabels(resource: string): Labels {
  const bytes = resource === 'memory' || resource.includes('storage') || resource.startsWith('hugepages-');
  const unit = resource === 'cpu' ? 'core' : bytes ? 'byte' : 'integer';
  return { resource: labelName(resource), unit };
}
