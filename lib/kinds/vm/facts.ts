import type { VirtualMachine, VirtualMachineInstance } from './types';
import { findCondition } from './types';

/** KubeVirt's words in `VirtualMachine.status.printableStatus`; others may come and must still show. */
export type PrintableStatus =
  | 'Stopped'
  | 'Provisioning'
  | 'Starting'
  | 'Running'
  | 'Paused'
  | 'Stopping'
  | 'Terminating'
  | 'CrashLoopBackOff'
  | 'Migrating'
  | 'Unknown'
  | 'ErrorUnschedulable'
  | 'ErrImagePull'
  | 'ImagePullBackOff'
  | 'ErrorPvcNotFound'
  | 'DataVolumeError'
  | 'WaitingForVolumeBinding'
  | 'WaitingForReceiver';

/** What status, actions and consoles need to know of a VM and its VMI, and nothing more: it is part of every row. */
export interface VmFacts {
  uid: string;
  printableStatus: string;
  /** From spec.runStrategy, or Always/Halted from the deprecated spec.running. */
  runStrategy: string;
  deleting: boolean;
  /** A start or stop request that KubeVirt has accepted and not finished. */
  requests: ('Start' | 'Stop')[];
  restartRequired: boolean;
  /** A failed volume migration must be repaired by hand before KubeVirt starts this VM again. */
  recoveryRequired?: boolean;
  /** A volume migration runs; KubeVirt refuses a restart meanwhile. */
  volumesChanging?: boolean;
  snapshotting?: boolean;
  /** How often starting failed in a row, and when KubeVirt tries again (RFC 3339). */
  startFailure?: { count: number; retryAt?: string };
  vmi?: {
    uid: string;
    /** Pending, Scheduling, Scheduled, Running, Succeeded, Failed, Unknown. */
    phase: string;
    deleting: boolean;
    paused: boolean;
    ready: boolean;
    agentConnected: boolean;
    acpi: boolean;
    /** False when spec.domain.devices.autoattachGraphicsDevice (or …SerialConsole) is false. */
    graphics: boolean;
    serial: boolean;
    /** spec.terminationGracePeriodSeconds; absent when KubeVirt's own default counts. */
    graceSeconds?: number;
    /** A liveness probe other than a ping of the guest agent, which would kill a paused guest. */
    probed?: boolean;
  };
}

/** spec.runStrategy, or what the deprecated spec.running means. */
export function runStrategyOf(vm: VirtualMachine): string {
  return vm.spec.runStrategy ?? (vm.spec.running ? 'Always' : 'Halted');
}

/** What the VM alone tells; see withVmi. */
export function vmFactsAlone(vm: VirtualMachine): VmFacts {
  const status = vm.status;
  const facts: VmFacts = {
    uid: vm.metadata.uid,
    printableStatus: status?.printableStatus ?? '',
    runStrategy: runStrategyOf(vm),
    deleting: vm.metadata.deletionTimestamp !== undefined,
    requests: (status?.stateChangeRequests ?? []).flatMap(({ action }) =>
      action === 'Start' || action === 'Stop' ? [action] : [],
    ),
    restartRequired: findCondition(status?.conditions, 'RestartRequired') !== undefined,
  };
  if (findCondition(status?.conditions, 'ManualRecoveryRequired')) facts.recoveryRequired = true;
  if (status?.snapshotInProgress) facts.snapshotting = true;
  const failures = status?.startFailure?.consecutiveFailCount ?? 0;
  if (failures > 0) {
    facts.startFailure = { count: failures, retryAt: status?.startFailure?.retryAfterTimestamp };
  }
  return facts;
}

/** The facts of a VM together with those of its VMI. */
export function withVmi(alone: VmFacts, vmi: VmFacts['vmi'], volumesChanging: boolean): VmFacts {
  if (!vmi) return alone;
  return { ...alone, vmi, ...(volumesChanging ? { volumesChanging } : {}) };
}

/**
 * Picks the facts out of a VM and the VMI of the same name, if there is one. Conditions are read from the VMI where
 * it has them: KubeVirt leaves their copies on the VM as they were last when the VMI goes.
 */
export function vmFacts(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmFacts {
  return withVmi(vmFactsAlone(vm), vmi && vmiFacts(vmi), vmi !== undefined && isChangingVolumes(vmi));
}

/** Whether a volume migration runs. */
export function isChangingVolumes({ status }: VirtualMachineInstance): boolean {
  return findCondition(status?.conditions, 'VolumesChange') !== undefined;
}

export function vmiFacts(vmi: VirtualMachineInstance): NonNullable<VmFacts['vmi']> {
  const { domain, livenessProbe, terminationGracePeriodSeconds } = vmi.spec;
  const conditions = vmi.status?.conditions;
  const facts: NonNullable<VmFacts['vmi']> = {
    uid: vmi.metadata.uid,
    phase: vmi.status?.phase ?? '',
    deleting: vmi.metadata.deletionTimestamp !== undefined,
    paused: findCondition(conditions, 'Paused') !== undefined,
    ready: findCondition(conditions, 'Ready') !== undefined,
    agentConnected: findCondition(conditions, 'AgentConnected') !== undefined,
    // virt-api's soft reboot takes ACPI as present unless it is switched off in so many words.
    acpi: domain.features?.acpi?.enabled !== false,
    graphics: domain.devices?.autoattachGraphicsDevice !== false,
    serial: domain.devices?.autoattachSerialConsole !== false,
  };
  if (terminationGracePeriodSeconds !== undefined) facts.graceSeconds = terminationGracePeriodSeconds;
  if (livenessProbe && !livenessProbe.guestAgentPing) facts.probed = true;
  return facts;
}

/** Whether a VMI exists and its guest has not ended (KubeVirt's `IsFinal`, turned round). */
export function isAlive(facts: VmFacts): boolean {
  return facts.vmi !== undefined && facts.vmi.phase !== 'Succeeded' && facts.vmi.phase !== 'Failed';
}
