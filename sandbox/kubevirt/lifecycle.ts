import type { ApiError } from '../api/errors';
import { findCondition } from '../controllers/conditions';
import { graceSeconds } from '../controllers/launcher-pod';
import { isFinal, runStrategyOf } from '../controllers/run-strategy';
import type { StateChangeRequest, VirtualMachine, VirtualMachineInstance } from '../controllers/types';
import { refuse } from './replies';
import type { CallOptions } from './request-body';

/** What a call does to the VM and its instance, once it is allowed. */
export interface LifecycleChange {
  /** The spec's run strategy, or `running` where that form is used. */
  run?: 'Always' | 'Halted';
  /** Replaces the pending requests. */
  requests?: StateChangeRequest[];
  /** The instance's new terminationGracePeriodSeconds. */
  graceSeconds?: number;
  clearStartFailure?: boolean;
}

export type LifecycleDecision = { refusal: ApiError } | { change: LifecycleChange };

type Decide = (
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  options: CallOptions,
) => LifecycleDecision;

const RECOVERY = 'VM recovery required, volumes need manual recovery';

/** PUT start. Mirrors StartVMRequestHandler of virt-api. */
export const decideStart: Decide = (vm, vmi, { paused }) => {
  const { name } = vm.metadata;
  const no = (why: string) => ({ refusal: refuse.vmConflict(name, why) });
  const phase = vmi?.status?.phase ?? '';
  if (vmi && !isFinal(vmi) && phase !== '' && phase !== 'Unknown') return no('VM is already running');
  if (findCondition(vm.status, 'ManualRecoveryRequired')?.status === 'True') return no(RECOVERY);
  const start: StateChangeRequest = { action: 'Start', ...(paused ? { data: { paused: 'true' } } : {}) };
  const strategy = runStrategyOf(vm);
  switch (strategy) {
    case 'Halted':
      if (paused) return request(vm, [start]);
      return { change: { run: 'Always', clearStartFailure: true } };
    case 'Manual':
      return request(vm, vmi ? [stopOf(vmi), start] : [start]);
    case 'RerunOnFailure':
      if (phase === 'Failed') return no('RerunOnFailure does not support starting VM from failed state');
      return request(vm, vmi ? [stopOf(vmi), start] : [start]);
    case 'WaitAsReceiver':
      return { change: {} };
    default:
      return no(`${strategy} does not support manual start requests`);
  }
};

/** PUT stop. Mirrors StopVMRequestHandler of virt-api. */
export const decideStop: Decide = (vm, vmi, { gracePeriod }) => {
  const { name } = vm.metadata;
  const no = (why: string) => ({ refusal: refuse.vmConflict(name, why) });
  const live = vmi && !isFinal(vmi) ? vmi : undefined;
  const grace = gracePeriod === undefined || !live ? {} : { graceSeconds: gracePeriod };
  switch (runStrategyOf(vm)) {
    case 'Halted':
      if (!live) return no('VM is not running');
      if (gracePeriod === undefined || gracePeriod >= graceSeconds(live)) {
        return no('Halted only supports manual stop requests with a shorter graceperiod');
      }
      return { change: grace };
    case 'Manual':
    case 'RerunOnFailure':
      if (!live) return no('VM is not running');
      // A stop takes the place of whatever was requested before.
      return { change: { ...grace, requests: [stopOf(live)] } };
    case 'WaitAsReceiver':
      return { change: {} };
    default:
      // A restart that is still pending must not bring the VM back after this.
      return {
        change: { ...grace, run: 'Halted', ...(vm.status?.stateChangeRequests ? { requests: [] } : {}) },
      };
  }
};

/** PUT restart. Mirrors RestartVMRequestHandler of virt-api. */
export const decideRestart: Decide = (vm, vmi, { gracePeriodSeconds }) => {
  const { name } = vm.metadata;
  const no = (why: string) => ({ refusal: refuse.vmConflict(name, why) });
  if (gracePeriodSeconds !== undefined && gracePeriodSeconds < 0) {
    return { refusal: refuse.badRequest('gracePeriod has to be greater or equal to 0') };
  }
  if (gracePeriodSeconds) {
    return { refusal: refuse.badRequest('For force restart, only gracePeriod=0 is supported for now') };
  }
  const strategy = runStrategyOf(vm);
  if (strategy === 'Halted' || strategy === 'Once') {
    return no(`RunStategy ${strategy} does not support manual restart requests`);
  }
  if (!vmi) return no('VM is not running: Halted');
  if (findCondition(vmi.status, 'VolumesChange')?.status === 'True') return no(RECOVERY);
  const decision = request(vm, [stopOf(vmi), { action: 'Start' }]);
  if ('refusal' in decision || gracePeriodSeconds === undefined) return decision;
  return { change: { ...decision.change, graceSeconds: 1 } };
};

/** Requests are carried out one after the other: a second one is refused while one is pending. */
function request(vm: VirtualMachine, requests: StateChangeRequest[]): LifecycleDecision {
  if (vm.status?.stateChangeRequests?.length) {
    return { refusal: refuse.internalError('unable to complete request: stop/start already underway') };
  }
  const starts = requests.some(({ action }) => action === 'Start');
  return { change: { requests, ...(starts ? { clearStartFailure: true } : {}) } };
}

function stopOf({ metadata }: VirtualMachineInstance): StateChangeRequest {
  return { action: 'Stop', uid: metadata.uid };
}
