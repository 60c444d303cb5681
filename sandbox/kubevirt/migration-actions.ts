import type { InstanceAction, MachineAction } from './action';
import { DONE, refuse, statusReply } from './replies';

/** migrate and evacuate/cancel of VMs. */
export const MIGRATION_ACTIONS: Record<string, MachineAction> = {
  migrate({ vm, vmi }) {
    if (vmi?.status?.phase !== 'Running') {
      return statusReply(refuse.vmConflict(vm.metadata.name, 'VM is not running'));
    }
    return statusReply(refuse.internalError('this sandbox has no migrations'));
  },
  'evacuate/cancel': ({ vm, vmi }) =>
    vmi ? DONE : statusReply(refuse.vmConflict(vm.metadata.name, 'VMI is not started')),
};

export const INSTANCE_MIGRATION_ACTIONS: Record<string, InstanceAction> = {
  'evacuate/cancel': () => DONE,
};
