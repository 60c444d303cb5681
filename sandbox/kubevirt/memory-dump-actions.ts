import type { MachineAction } from './action';
import { refuse, statusReply } from './replies';

/** memorydump and removememorydump. */
export const MEMORY_DUMP_ACTIONS: Record<string, MachineAction> = {
  memorydump({ vm, vmi, options }) {
    if (!options.claimName)
      return statusReply(refuse.badRequest('Memory dump requires claim name to be set'));
    if (vmi?.status?.phase !== 'Running') {
      return statusReply(refuse.vmConflict(vm.metadata.name, 'VM is not running'));
    }
    return statusReply(refuse.internalError('this sandbox has no memory dumps'));
  },
  removememorydump({ vm: { metadata } }) {
    const why = `can't remove memory dump association for vm ${metadata.name}, no association found`;
    return statusReply(refuse.vmConflict(metadata.name, why));
  },
};
