import { findCondition, removeCondition, setCondition } from './conditions';
import { syncVolumeMigration } from './live-update/volume-update-state';
import { printableStatus, type StatusFacts } from './printable-status';
import { remainingRequests, runStrategyOf, startFailureAfter } from './run-strategy';
import { hasClaim } from './snapshot/snapshotable';
import type { PersistentVolumeClaim } from './storage-types';
import {
  type Condition,
  type VirtualMachine,
  type VirtualMachineInstance,
  type VirtualMachineStatus,
  VM_GENERATION,
  type Volume,
} from './types';

/** What only the VM says; every other condition of an instance is copied. */
const OWN_CONDITIONS = ['Ready', 'Failure', 'RestartRequired', 'ManualRecoveryRequired', 'Initialized'];

export interface VmStatusFacts extends StatusFacts {
  /** Milliseconds since the epoch. */
  now: number;
  /** In [0, 1), for the jitter of the back-off. */
  random: number;
  /** Why the last attempt to create or delete the instance failed. */
  failure: Pick<Condition, 'reason' | 'message'> | undefined;
  /** Why the template takes a restart, if it does. */
  restart: string | undefined;
  /** The claim behind a volume, if there is one. */
  claimOf: (volume: Volume) => PersistentVolumeClaim | undefined;
  /** Whether there is a VolumeSnapshotClass for a claim. */
  hasSnapshotClass: (claim: PersistentVolumeClaim) => boolean;
}

/** The status that a VM should have. Mirrors updateStatus of virt-controller; `vm.status` is not edited. */
export function vmStatus(facts: VmStatusFacts): VirtualMachineStatus {
  const { vm, vmi, now } = facts;
  const status: VirtualMachineStatus = { ...vm.status };
  put(status, 'startFailure', startFailureAfter(vm, vmi, now, facts.random));
  put(status, 'created', vmi ? true : undefined);
  put(status, 'ready', findCondition(vmi?.status, 'Ready')?.status === 'True' ? true : undefined);
  const requests = remainingRequests(status.stateChangeRequests ?? [], vmi);
  put(status, 'stateChangeRequests', requests.length > 0 ? requests : undefined);
  if (vmi) {
    status.runStrategy = runStrategyOf(vm);
    status.desiredGeneration = vm.metadata.generation ?? 0;
    status.observedGeneration = Number(vmi.metadata.annotations?.[VM_GENERATION] ?? 0);
  }
  status.volumeSnapshotStatuses = snapshotStatuses(vm, facts);
  syncConditions(status, facts);
  syncVolumeMigration(status, vm, vmi, `${new Date(now).toISOString().slice(0, 19)}Z`);
  status.printableStatus = printableStatus({ ...facts, vm: { ...vm, status } });
  return status;
}

function syncConditions(status: VirtualMachineStatus, { vmi, failure, restart, now }: VmStatusFacts): void {
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  setCondition(status, readyCondition(vmi, time));
  if (failure) setCondition(status, { type: 'Failure', status: 'True', ...failure, ...transition(time) });
  else removeCondition(status, 'Failure');
  if (restart)
    setCondition(status, { type: 'RestartRequired', status: 'True', message: restart, ...transition(time) });
  else if (vmi) removeCondition(status, 'RestartRequired');
  // Without an instance the copies stay as they were last: KubeVirt does the same, and readers look at `created` first.
  if (vmi) copyConditions(status, vmi);
}

function copyConditions(status: VirtualMachineStatus, vmi: VirtualMachineInstance): void {
  const theirs = vmi.status?.conditions ?? [];
  for (const condition of theirs) {
    if (!OWN_CONDITIONS.includes(condition.type)) setCondition(status, condition);
  }
  for (const { type } of status.conditions ?? []) {
    if (!OWN_CONDITIONS.includes(type) && !findCondition(vmi.status, type)) removeCondition(status, type);
  }
}

function readyCondition(vmi: VirtualMachineInstance | undefined, time: string): Condition {
  const missing = (reason: string, message: string): Condition => ({
    type: 'Ready',
    status: 'False',
    reason,
    message,
    lastProbeTime: time,
    lastTransitionTime: time,
  });
  if (!vmi) return missing('VMINotExists', 'VMI does not exist');
  const theirs = findCondition(vmi.status, 'Ready');
  return theirs ?? missing('VMIConditionMissing', 'VMI is missing the Ready condition');
}

function snapshotStatuses(
  { spec }: VirtualMachine,
  { claimOf, hasSnapshotClass }: VmStatusFacts,
): { name: string; enabled: boolean; reason?: string }[] {
  return (spec.template.spec.volumes ?? []).map((volume) => {
    const { name } = volume;
    const claim = claimOf(volume);
    if (claim && hasClaim(volume) && hasSnapshotClass(claim)) return { name, enabled: true };
    return { name, enabled: false, reason: noSnapshotReason(volume, claim) };
  });
}

function noSnapshotReason(volume: Volume, claim: PersistentVolumeClaim | undefined): string {
  if (!hasClaim(volume)) {
    return `Snapshot is not supported for this volumeSource type [${volume.name}]`;
  }
  if (!claim) return 'PVC not found';
  const place = `[${claim.spec.storageClassName ?? ''}] [${volume.name}]`;
  return `No VolumeSnapshotClass: Volume snapshots are not configured for this StorageClass ${place}`;
}

function transition(time: string): Pick<Condition, 'lastProbeTime' | 'lastTransitionTime'> {
  return { lastProbeTime: null, lastTransitionTime: time };
}

function put<K extends keyof VirtualMachineStatus>(
  status: VirtualMachineStatus,
  field: K,
  value: VirtualMachineStatus[K] | undefined,
): void {
  if (value === undefined) delete status[field];
  else status[field] = value;
}
