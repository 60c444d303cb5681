import type { InstanceAction, MachineAction } from './action';
import { refuse, statusReply } from './replies';
import type { CallOptions } from './request-body';

/** addvolume and removevolume of VMs. */
export const VOLUME_ACTIONS: Record<string, MachineAction> = {
  addvolume({ vm, options }) {
    const incomplete = incompleteAdd(options);
    if (incomplete) return statusReply(refuse.badRequest(incomplete));
    const taken = vm.spec.template.spec.volumes?.some(({ name }) => name === options.name);
    const why = `Unable to add volume [${options.name}] because volume with that name already exists`;
    if (taken) return statusReply(refuse.vmConflict(vm.metadata.name, why));
    return statusReply(refuse.internalError('this sandbox has no hot-plugged volumes'));
  },
  removevolume({ vm, options: { name } }) {
    if (!name) return statusReply(refuse.badRequest('RemoveVolumeOptions requires name to be set'));
    const volume = vm.spec.template.spec.volumes?.find((candidate) => candidate.name === name);
    const why = volume ? 'because it is not hotpluggable' : 'because it does not exist';
    return statusReply(refuse.vmConflict(vm.metadata.name, `Unable to remove volume [${name}] ${why}`));
  },
};

export const INSTANCE_VOLUME_ACTIONS: Record<string, InstanceAction> = {
  addvolume: onInstance(incompleteAdd),
  removevolume: onInstance(({ name }) => (name ? undefined : 'RemoveVolumeOptions requires name to be set')),
};

function incompleteAdd({ name, disk, volumeSource }: CallOptions): string | undefined {
  if (!name) return 'AddVolumeOptions requires name to be set';
  if (!disk) return 'AddVolumeOptions requires disk to not be nil';
  return volumeSource ? undefined : 'AddVolumeOptions requires VolumeSource to not be nil';
}

function onInstance(incomplete: (options: CallOptions) => string | undefined): InstanceAction {
  return ({ vmi: { metadata }, options }) => {
    const why = incomplete(options);
    if (why) return statusReply(refuse.badRequest(why));
    const owned = metadata.ownerReferences?.some(({ kind }) => kind === 'VirtualMachine');
    if (owned) {
      return statusReply(refuse.badRequest(`VMI ${metadata.namespace}/${metadata.name} is owned by a VM`));
    }
    return statusReply(refuse.internalError('this sandbox has no hot-plugged volumes'));
  };
}
