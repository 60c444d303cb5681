import type { VmFacts } from './facts';
import { isAlive, vmFacts } from './facts';
import { applicationOf, descriptionOf, folderOf, tagsOf } from './labels';
import { naturalKey } from './natural-key';
import { vmSize } from './size';
import { vmDisks, vmNetworks } from './storage-and-networks';
import type { VirtualMachine, VirtualMachineInstance } from './types';
import { findCondition } from './types';

/** A VM as the list shows it: flat, small, made once at the door from the VM and its VMI. */
export interface VmRow {
  uid: string;
  namespace: string;
  name: string;
  facts: VmFacts;
  /** One sentence of the cluster's own words about why it is not as wished; empty when all is well. */
  reason: string;
  node: string;
  ips: string[];
  macs: string[];
  vcpus: number;
  memoryBytes: number;
  /** RFC 3339. */
  createdAt: string;
  /** When its guest came to run, RFC 3339; empty while there is none. */
  startedAt: string;
  /** The guest's pretty OS name from its agent, else a hint from labels or preference; empty when unknown. */
  os: string;
  hostname: string;
  description: string;
  instancetype: string;
  preference: string;
  /** How many disks it has, CD-ROMs among them. */
  disks: number;
  /** The sum of those whose size is known. */
  diskBytes: number;
  /** Names of its PersistentVolumeClaims and DataVolumes, in its namespace. */
  volumes: string[];
  /** `pod`, or the names of NetworkAttachmentDefinitions as the VM writes them. */
  networks: string[];
  labels: Record<string, string>;
  /** Levels with `/` between them; empty outside of all folders. */
  folder: string;
  tags: string[];
  application: string;
  /** `Kind/name` of what controls the VM; empty when nothing does. */
  owner: string;
  /** Whether KubeVirt could migrate it now; absent when it says nothing. */
  migratable?: boolean;
  /** Types of the conditions that are True. */
  conditions: string[];
  /** What it uses now, where the cluster measures it. */
  usage?: VmUsage;
}

/** As metrics.k8s.io measures the pod that the guest runs in. */
export interface VmUsage {
  cpuCores: number;
  memoryBytes: number;
}

/** What the inventory keeps of a VM: the row that travels, and what is only searched. */
export interface VmRecord {
  row: VmRow;
  /** Stands in the order of names, then namespaces; see naturalKey. */
  key: string;
  /** All that free text looks through, in lower case, a line each. */
  words: string;
}

/** Flattens a VM and the VMI of the same name, if there is one. */
export function vmRow(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmRow {
  const facts = vmFacts(vm, vmi);
  const guest = isAlive(facts) ? vmi : undefined;
  const { labels = {}, annotations = {}, ownerReferences = [] } = vm.metadata;
  const owner = ownerReferences.find(({ controller }) => controller) ?? ownerReferences[0];
  const conditions = vmi?.status?.conditions ?? vm.status?.conditions ?? [];
  const migratable = conditions.find(({ type }) => type === 'LiveMigratable')?.status;
  return {
    uid: vm.metadata.uid,
    namespace: vm.metadata.namespace ?? '',
    name: vm.metadata.name,
    facts,
    reason: vmReason(vm, vmi),
    node: guest?.status?.nodeName ?? '',
    ips: vmAddresses(guest),
    macs: vmMacs(vm, guest),
    ...vmSize(vm, vmi),
    createdAt: vm.metadata.creationTimestamp,
    startedAt: startOf(guest),
    os: vmOs(vm, vmi),
    hostname: vm.spec.template?.spec?.hostname ?? '',
    description: descriptionOf(annotations),
    instancetype: vm.spec.instancetype?.name ?? '',
    preference: vm.spec.preference?.name ?? '',
    ...vmDisks(vm, vmi),
    networks: vmNetworks(vm, vmi),
    labels,
    folder: folderOf(labels),
    tags: tagsOf(labels),
    application: applicationOf(labels),
    owner: owner ? `${owner.kind}/${owner.name}` : '',
    ...(guest && migratable && migratable !== 'Unknown' ? { migratable: migratable === 'True' } : {}),
    conditions: conditionsOf(vm, guest),
  };
}

/** Annotations that programs keep for themselves; nobody looks for a VM by them. */
const UNSEARCHED = /last-applied-configuration|^kubevirt\.io\/(?:latest|storage)-observed|^kubemacpool/;

/** The record that the inventory keeps of a VM and the VMI of the same name. */
export function vmRecord(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmRecord {
  const row = vmRow(vm, vmi);
  const annotations = Object.entries(vm.metadata.annotations ?? {}).filter(([key]) => !UNSEARCHED.test(key));
  const key = `${naturalKey(row.name)}\0${row.namespace}`;
  return { row, key, words: wordsOf(row, annotations) };
}

function wordsOf(row: VmRow, annotations: [string, string][]): string {
  const { name, namespace, facts, node, os, hostname, description, ips, macs, labels } = row;
  const pairs = [...Object.entries(labels), ...annotations].map(([key, value]) => `${key}=${value}`);
  const all = [
    name,
    namespace,
    facts.printableStatus,
    node,
    os,
    hostname,
    description,
    ...ips,
    ...macs,
    ...pairs,
  ];
  return all.filter(Boolean).join('\n').toLowerCase();
}

function conditionsOf(vm: VirtualMachine, vmi?: VirtualMachineInstance): string[] {
  // Copies of the VMI's conditions stay on the VM as they were when it goes; what is the VM's own is always read there.
  const own = (vm.status?.conditions ?? []).filter(
    ({ type }) => vmi === undefined || !(vmi.status?.conditions ?? []).some((other) => other.type === type),
  );
  const all = [...own, ...(vmi?.status?.conditions ?? [])].filter(({ status }) => status === 'True');
  return [...new Set(all.map(({ type }) => type))];
}

function startOf(vmi?: VirtualMachineInstance): string {
  const running = vmi?.status?.phaseTransitionTimestamps?.find(({ phase }) => phase === 'Running');
  return running?.phaseTransitionTimestamp ?? '';
}

/**
 * The cluster's own sentence about why a VM is not as wished. A real KubeVirt says it in conditions and hardly in
 * events; the order goes from the most specific: Failure (instance type not found, volume not attached), Synchronized
 * (claim, image, network), PodScheduled (capacity, selectors), a pause that nobody asked for.
 */
export function vmReason(vm: VirtualMachine, vmi?: VirtualMachineInstance): string {
  const own = findCondition(vm.status?.conditions, 'Failure');
  if (own) return own.message || own.reason || '';
  // Copies of the VMI's conditions stay on the VM when the VMI has gone, so they count only while there is one.
  const conditions = vmi?.status?.conditions ?? (vm.status?.created ? vm.status.conditions : undefined);
  const broken =
    findCondition(conditions, 'Synchronized', 'False') ??
    findCondition(conditions, 'PodScheduled', 'False') ??
    conditions?.find(
      ({ type, status, reason }) => type === 'Paused' && status === 'True' && reason !== 'PausedByUser',
    );
  if (broken) return broken.message || broken.reason || '';
  return '';
}

/** All addresses the guest is known by, the pod network's first, without repeats. */
export function vmAddresses(vmi?: VirtualMachineInstance): string[] {
  const all = (vmi?.status?.interfaces ?? []).flatMap(
    ({ ipAddress, ipAddresses }) => ipAddresses ?? (ipAddress ? [ipAddress] : []),
  );
  return [...new Set(all)];
}

/** The hardware addresses of its interfaces: those that the guest has, else those that the VM asks for. */
function vmMacs(vm: VirtualMachine, vmi?: VirtualMachineInstance): string[] {
  const seen = (vmi?.status?.interfaces ?? []).flatMap(({ mac }) => (mac ? [mac] : []));
  const asked = (vm.spec.template?.spec?.domain?.devices?.interfaces ?? []).flatMap(({ macAddress }) =>
    macAddress ? [macAddress] : [],
  );
  return [...new Set([...seen, ...asked].map((mac) => mac.toLowerCase()))];
}

const OS_LABELS = ['os.template.kubevirt.io/', 'vm.kubevirt.io/os'];

function vmOs(vm: VirtualMachine, vmi?: VirtualMachineInstance): string {
  const guest = vmi?.status?.guestOSInfo;
  if (guest?.prettyName || guest?.name) return guest.prettyName || guest.name || '';
  const template = vm.spec.template?.metadata as VirtualMachine['metadata'] | undefined;
  const hints = {
    ...vm.metadata.labels,
    ...template?.labels,
    ...vm.metadata.annotations,
    ...template?.annotations,
  };
  for (const [key, value] of Object.entries(hints)) {
    if (key === OS_LABELS[1]) return value;
    if (OS_LABELS[0] && key.startsWith(OS_LABELS[0])) return key.slice(OS_LABELS[0].length);
  }
  return vm.spec.preference?.name ?? '';
}
