import type { ClusterApi } from '../api/objects';
import { type VirtualMachine, type VirtualMachineInstance, VMIS, VMS } from '../controllers/types';
import type { MachineAction } from './action';
import { decideRestart, decideStart, decideStop, type LifecycleChange } from './lifecycle';
import { ACCEPTED, statusReply } from './replies';
import { isDryRun } from './request-body';

/** start, stop and restart. */
export const LIFECYCLE_ACTIONS: Record<string, MachineAction> = {
  start: lifecycle(decideStart),
  stop: lifecycle(decideStop),
  restart: lifecycle(decideRestart),
};

function lifecycle(decide: typeof decideStart): MachineAction {
  return ({ cluster, vm, vmi, options }) => {
    const decision = decide(vm, vmi, options);
    if ('refusal' in decision) return statusReply(decision.refusal);
    if (!isDryRun(options)) apply(cluster, vm, vmi, decision.change);
    return ACCEPTED;
  };
}

function apply(
  cluster: ClusterApi,
  vm: VirtualMachine,
  vmi: VirtualMachineInstance | undefined,
  change: LifecycleChange,
): void {
  const { namespace, name } = vm.metadata;
  const grace = change.graceSeconds;
  if (grace !== undefined && vmi) {
    cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ spec }) => {
      spec.terminationGracePeriodSeconds = grace;
    });
  }
  cluster.update<VirtualMachine>(VMS, namespace, name, (draft) => {
    if (change.run && draft.spec.running !== undefined) draft.spec.running = change.run === 'Always';
    else if (change.run) draft.spec.runStrategy = change.run;
    if (change.requests?.length) draft.status = { ...draft.status, stateChangeRequests: change.requests };
    else if (change.requests) delete draft.status?.stateChangeRequests;
    if (change.clearStartFailure) delete draft.status?.startFailure;
  });
}
