import type { KubeObject } from '../api/objects';
import { timestamp } from '../controllers/time';
import { type Pod, type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../controllers/types';
import type { FieldRecords, ManagedEntry } from './field-records';
import type { Place } from './instance-objects';
import { OBSERVED } from './machine-objects';
import type { MachinePlan } from './plan';

const KUBEVIRT = 'kubevirt.io/v1';
/** What virt-handler writes of an instance's status; the rest is virt-controller's. */
const BY_HANDLER = ['interfaces', 'machine', 'migrationMethod', 'selinuxContext', 'migrationState'];

/** Stands for the maker in the record that all machines of a shape share. */
const MAKER = 'maker';

/** Who wrote what of a VM: its maker, then virt-controller twice. */
export function machineRecord(
  records: FieldRecords,
  plan: MachinePlan,
  sent: VirtualMachine,
  vm: VirtualMachine,
): unknown[] {
  const bornAt = timestamp(plan.bornMs);
  const since = timestamp(vm.status?.created ? plan.startedMs + 4000 : plan.bornMs + 2000);
  const shape = [
    fieldsOf(sent.spec),
    fieldsOf(sent.spec.template.spec),
    ...domainOf(sent),
    fieldsOf(vm.status),
  ];
  // Labels and descriptions differ in every machine: they are entered by hand.
  const { labels: _labels, annotations: _notes, ...bare } = sent.metadata;
  const plain = { ...sent, metadata: bare };
  const observed = {
    ...vm,
    metadata: { ...bare, annotations: OBSERVED, finalizers: vm.metadata.finalizers ?? [] },
  };
  const entries = records.of({ resource: VMS, shape: shape.join(' '), unique: [] }, [
    { manager: MAKER, apiVersion: KUBEVIRT, time: bornAt, after: plain },
    { manager: 'virt-controller', apiVersion: KUBEVIRT, time: bornAt, after: without(observed, 'status') },
    {
      ...{ manager: 'virt-controller', apiVersion: KUBEVIRT, time: since, subresource: 'status' },
      after: { ...observed, status: vm.status },
    },
  ]);
  return entries.map((entry) => (entry.manager === MAKER ? madeBy(entry, plan.manager, sent) : entry));
}

/** An instance: virt-controller makes it, virt-handler reports. KubeVirt's instances have no status subresource. */
export function instanceRecord(
  records: FieldRecords,
  plan: MachinePlan,
  created: VirtualMachineInstance,
  vmi: VirtualMachineInstance,
  uids: { vm: string; pod: string },
): unknown[] {
  const at = (milliseconds: number) => timestamp(plan.startedMs + milliseconds);
  const kept = Object.entries(vmi.status ?? {}).filter(([field]) => !BY_HANDLER.includes(field));
  const placed = { ...vmi, status: { ...Object.fromEntries(kept), phase: 'Scheduled', conditions: [] } };
  const shape = [fieldsOf(created.spec), ...domainOf(created), fieldsOf(vmi.status), ...guestFields(vmi)];
  return records.of({ resource: VMIS, shape: shape.join(' '), unique: [uids.vm, uids.pod] }, [
    { manager: 'virt-controller', apiVersion: KUBEVIRT, time: at(0), after: created },
    { manager: 'virt-controller', apiVersion: KUBEVIRT, time: at(2000), after: placed },
    { manager: 'virt-handler', apiVersion: KUBEVIRT, time: at(24_000), after: vmi },
  ]);
}

/** A launcher: virt-controller makes it and opens its gate, the scheduler places it, the kubelet runs it. */
export function launcherRecord(
  records: FieldRecords,
  plan: MachinePlan,
  created: Pod,
  pod: Pod,
  place: Place,
): unknown[] {
  const at = (milliseconds: number) => timestamp(plan.startedMs + milliseconds);
  const only = (...types: string[]) =>
    (pod.status?.conditions ?? []).filter(({ type }) => types.includes(type));
  const placed = { ...pod, status: { phase: 'Pending', conditions: only('PodScheduled') } };
  const gated = {
    ...pod,
    status: { phase: 'Pending', conditions: only('PodScheduled', 'kubevirt.io/virtual-machine-unpaused') },
  };
  const conditions = (pod.status?.conditions ?? []).map(
    ({ type, reason, message }) => `${type}${reason ? '!' : ''}${message ? '?' : ''}`,
  );
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const shape = [
    ...containers.flatMap(({ name, volumeMounts = [] }) => [
      name,
      ...volumeMounts.map(({ mountPath }) => mountPath),
    ]),
    ...(pod.spec.volumes ?? []).map((volume) => Object.keys(volume).join('+') + volume.name),
    ...[...conditions, fieldsOf(pod.spec.nodeSelector), fieldsOf(pod.metadata.labels)],
  ];
  // In the order in which one could be mistaken for the beginning of another.
  const unique = [pod.metadata.ownerReferences?.[0]?.uid ?? '', place.podAddress, place.nodeAddress];
  return records.of({ resource: 'pods', shape: shape.join(' '), unique }, [
    { manager: 'virt-controller', apiVersion: 'v1', time: at(1000), after: without(created, 'status') },
    { manager: 'kube-scheduler', apiVersion: 'v1', time: at(1000), subresource: 'status', after: placed },
    { manager: 'virt-controller', apiVersion: 'v1', time: at(1000), subresource: 'status', after: gated },
    { manager: 'kubelet', apiVersion: 'v1', time: at(2000), subresource: 'status', after: pod },
  ]);
}

/** The maker's entry of one machine. */
function madeBy(entry: ManagedEntry, manager: string, { metadata }: VirtualMachine): ManagedEntry {
  const { labels, annotations } = metadata;
  const owned = {
    ...(annotations ? { 'f:annotations': mapFields(annotations) } : {}),
    ...(labels ? { 'f:labels': mapFields(labels) } : {}),
  };
  return { ...entry, manager, fieldsV1: { 'f:metadata': owned, ...entry.fieldsV1 } };
}

function mapFields(map: Record<string, string>): object {
  const fields: Record<string, object> = { '.': {} };
  for (const key of Object.keys(map).sort()) fields[`f:${key}`] = {};
  return fields;
}

function domainOf({ spec }: VirtualMachine | VirtualMachineInstance): string[] {
  const { domain } =
    'runStrategy' in spec
      ? (spec as VirtualMachine['spec']).template.spec
      : (spec as VirtualMachineInstance['spec']);
  return [domain, domain.devices, domain.features, domain.clock].map(fieldsOf);
}

function guestFields({ status = {} }: VirtualMachineInstance): string[] {
  return [fieldsOf(status.guestOSInfo), fieldsOf(status.memory), fieldsOf(status.migrationState)];
}

function fieldsOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? Object.keys(value).join(',') : '';
}

function without<T extends KubeObject>(object: T, field: string): T {
  const copy = { ...object };
  delete copy[field];
  return copy;
}
