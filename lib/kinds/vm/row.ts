import type { VmFacts } from './facts';
import { isAlive, vmFacts } from './facts';
import { vmSize } from './size';
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
  vcpus: number;
  memoryBytes: number;
  /** RFC 3339. */
  createdAt: string;
  /** The guest's pretty OS name from its agent, else a hint from labels or preference; empty when unknown. */
  os: string;
}

/** Flattens a VM and the VMI of the same name, if there is one. */
export function vmRow(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmRow {
  const facts = vmFacts(vm, vmi);
  return {
    uid: vm.metadata.uid,
    namespace: vm.metadata.namespace ?? '',
    name: vm.metadata.name,
    facts,
    reason: vmReason(vm, vmi),
    node: isAlive(facts) ? (vmi?.status?.nodeName ?? '') : '',
    ips: isAlive(facts) ? vmAddresses(vmi) : [],
    ...vmSize(vm, vmi),
    createdAt: vm.metadata.creationTimestamp,
    os: vmOs(vm, vmi),
  };
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
