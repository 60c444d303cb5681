import { findCondition, isTrue } from './conditions';
import { isFinal, runStrategyOf } from './run-strategy';
import type { Condition, VirtualMachine, VirtualMachineInstance } from './types';

/** What the word depends on, read from the cluster beforehand. */
export interface StatusFacts {
  vm: VirtualMachine;
  vmi: VirtualMachineInstance | undefined;
  /** The DataVolumes of the VM's templates, in any order; missing ones are absent. */
  dataVolumes: readonly DataVolumeFacts[];
  /** Whether a claim that the VM's volumes name exists and is not Bound. */
  hasUnboundClaim: boolean;
  /** An instance was or is about to be created and has not been seen yet. */
  creationExpected: boolean;
  deletionExpected: boolean;
}

export interface DataVolumeFacts {
  name: string;
  phase: string;
  running?: Condition;
}

const STARTING_PHASES = ['', 'Pending', 'Scheduling', 'Scheduled'];
const IMAGE_FAILURES = ['ErrImagePull', 'ImagePullBackOff'];
const READY_DATA_VOLUMES = ['Succeeded', 'PendingPopulation', 'WaitForFirstConsumer'];

type Rule = readonly [word: string, applies: (facts: StatusFacts) => boolean];

/** The first rule that applies names the state. Mirrors setPrintableStatus of virt-controller, order included. */
const RULES: readonly Rule[] = [
  ['Terminating', ({ vm }) => vm.metadata.deletionTimestamp !== undefined],
  ['Stopping', ({ vmi, deletionExpected }) => isAlive(vmi) && (isDeleting(vmi) || deletionExpected)],
  ['Migrating', ({ vmi }) => isMigrating(vmi)],
  ['Paused', ({ vmi }) => phaseOf(vmi) === 'Running' && isTrue(vmi?.status, 'Paused')],
  ['Running', ({ vmi }) => phaseOf(vmi) === 'Running'],
  ['ErrorPvcNotFound', ({ vmi }) => failsToSync(vmi, ['FailedPvcNotFound'])],
  ['DataVolumeError', ({ dataVolumes }) => dataVolumes.some(isBroken)],
  ['ErrorUnschedulable', ({ vmi }) => isUnschedulable(vmi)],
  ['Provisioning', ({ vm, dataVolumes }) => !areDataVolumesReady(vm, dataVolumes)],
  ['WaitingForVolumeBinding', (facts) => facts.hasUnboundClaim && isSetToStart(facts)],
  ['ErrImagePull', ({ vmi }) => failsToSync(vmi, IMAGE_FAILURES.slice(0, 1))],
  ['ImagePullBackOff', ({ vmi }) => failsToSync(vmi, IMAGE_FAILURES.slice(1))],
  [
    'Starting',
    ({ vmi, creationExpected }) => (vmi ? STARTING_PHASES.includes(phaseOf(vmi)) : creationExpected),
  ],
  ['CrashLoopBackOff', isCrashLooping],
  ['Stopped', ({ vmi }) => vmi === undefined || isFinal(vmi)],
  [
    'WaitingForReceiver',
    ({ vm, vmi }) => runStrategyOf(vm) === 'WaitAsReceiver' && phaseOf(vmi) === 'WaitingForSync',
  ],
];

/** `status.printableStatus` of a VM. */
export function printableStatus(facts: StatusFacts): string {
  return RULES.find(([, applies]) => applies(facts))?.[0] ?? 'Unknown';
}

/** The names of the DataVolumes that the VM makes from its templates and uses. */
export function templateDataVolumes({ spec }: Pick<VirtualMachine, 'spec'>): string[] {
  const used = new Set(spec.template.spec.volumes?.map(({ dataVolume }) => dataVolume?.name));
  return (spec.dataVolumeTemplates ?? [])
    .map(({ metadata }) => metadata.name)
    .filter((name) => used.has(name));
}

/** Whether the DataVolumes of the VM's templates allow a start. */
export function areDataVolumesReady(vm: VirtualMachine, dataVolumes: readonly DataVolumeFacts[]): boolean {
  return templateDataVolumes(vm).every((name) =>
    dataVolumes.some((dv) => dv.name === name && READY_DATA_VOLUMES.includes(dv.phase)),
  );
}

function isCrashLooping({ vm, vmi }: StatusFacts): boolean {
  if (vmi && !isFinal(vmi)) return false;
  const retried = ['Always', 'RerunOnFailure', 'Once'].includes(runStrategyOf(vm));
  return retried && (vm.status?.startFailure?.consecutiveFailCount ?? 0) > 0;
}

function isSetToStart({ vm, vmi }: StatusFacts): boolean {
  if (vmi) return !isFinal(vmi);
  const strategy = runStrategyOf(vm);
  if (strategy === 'Always') return true;
  if (strategy === 'Once' || strategy === 'RerunOnFailure') return vm.status?.runStrategy !== strategy;
  return vm.status?.stateChangeRequests?.[0]?.action === 'Start';
}

function isBroken({ phase, running }: DataVolumeFacts): boolean {
  const reason = running?.status === 'False' ? running.reason : undefined;
  return phase === 'Failed' || reason === 'Error' || reason === 'ImagePullFailed';
}

function isMigrating(vmi: VirtualMachineInstance | undefined): boolean {
  const state = vmi?.status?.migrationState;
  return state?.startTimestamp !== undefined && state.endTimestamp === undefined;
}

function isUnschedulable(vmi: VirtualMachineInstance | undefined): boolean {
  const scheduled = findCondition(vmi?.status, 'PodScheduled');
  return scheduled?.status === 'False' && scheduled.reason === 'Unschedulable';
}

function failsToSync(vmi: VirtualMachineInstance | undefined, reasons: readonly string[]): boolean {
  const synchronized = findCondition(vmi?.status, 'Synchronized');
  return synchronized?.status === 'False' && reasons.includes(synchronized.reason ?? '');
}

function isAlive(vmi: VirtualMachineInstance | undefined): boolean {
  return vmi !== undefined && !isFinal(vmi);
}

function isDeleting(vmi: VirtualMachineInstance | undefined): boolean {
  return vmi?.metadata.deletionTimestamp !== undefined;
}

function phaseOf(vmi: VirtualMachineInstance | undefined): string {
  return vmi?.status?.phase ?? '';
}
