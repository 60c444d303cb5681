import type { Condition } from '@/lib/k8s/object';
import type { VirtualMachine, VirtualMachineInstance } from './types';
import { findCondition } from './types';

/**
 * The cluster's own sentence about why a VM is not as wished. A real KubeVirt says it in conditions and hardly in
 * events; the order goes from the most specific: Failure (instance type not found, volume not attached), Synchronized
 * (claim, image, network), PodScheduled (capacity, selectors), a pause that nobody asked for.
 */
export function vmReason(vm: VirtualMachine, vmi?: VirtualMachineInstance): string {
  return vmFailure(vm) ?? (vmi && guestReason(vmi)) ?? copiedReason(vm);
}

/** What the VM itself says; this goes before all else. */
export function vmFailure({ status }: VirtualMachine): string | undefined {
  const own = findCondition(status?.conditions, 'Failure');
  return own && (own.message || own.reason || '');
}

/** What a VMI says; undefined while it has no conditions, when the VM's copies of them count. */
export function guestReason({ status }: VirtualMachineInstance): string | undefined {
  return status?.conditions && reasonIn(status.conditions);
}

/** What the copies of the VMI's conditions say. They stay on the VM when the VMI has gone, and count only before. */
export function copiedReason({ status }: VirtualMachine): string {
  return status?.created ? reasonIn(status.conditions ?? []) : '';
}

function reasonIn(conditions: Condition[]): string {
  const broken =
    findCondition(conditions, 'Synchronized', 'False') ??
    findCondition(conditions, 'PodScheduled', 'False') ??
    conditions.find(
      ({ type, status, reason }) => type === 'Paused' && status === 'True' && reason !== 'PausedByUser',
    );
  return broken ? broken.message || broken.reason || '' : '';
}
