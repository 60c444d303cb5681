import type { SubresourceCall, SubresourceReply } from '../api/subresource';
import type { VirtualMachine, VirtualMachineInstance } from '../controllers/types';
import { DONE, refuse, statusReply } from './replies';
import type { CallOptions } from './request-body';

type MachineRule = (
  call: SubresourceCall,
  vm: VirtualMachine | undefined,
  vmi: VirtualMachineInstance | undefined,
  options: CallOptions,
) => SubresourceReply;

/**
 * Calls that this cluster knows and does not carry out: each checks what virt-api checks first, in its words, and then
 * says that the sandbox lacks the machinery.
 */
const RULES: Record<string, MachineRule> = {
  migrate: (call, _vm, vmi) => {
    if (vmi?.status?.phase !== 'Running') return conflict(call, 'VM is not running');
    return lacking('migrations');
  },
  memorydump: (call, _vm, vmi, { claimName }) => {
    if (!claimName) return statusReply(refuse.badRequest('Memory dump requires claim name to be set'));
    if (vmi?.status?.phase !== 'Running') return conflict(call, 'VM is not running');
    return lacking('memory dumps');
  },
  removememorydump: (call) => {
    const why = `can't remove memory dump association for vm ${call.name}, no association found`;
    return conflict(call, why);
  },
  addvolume: (call, vm, vmi, options) => {
    const { name, disk, volumeSource } = options;
    if (!name) return statusReply(refuse.badRequest('AddVolumeOptions requires name to be set'));
    if (!disk) return statusReply(refuse.badRequest('AddVolumeOptions requires disk to not be nil'));
    if (!volumeSource)
      return statusReply(refuse.badRequest('AddVolumeOptions requires VolumeSource to not be nil'));
    if (!vm && vmi) return ownedOrLacking(call, vmi);
    const taken = vm?.spec.template.spec.volumes?.some((volume) => volume.name === name);
    if (taken)
      return conflict(call, `Unable to add volume [${name}] because volume with that name already exists`);
    return lacking('hot-plugged volumes');
  },
  removevolume: (call, vm, vmi, { name }) => {
    if (!name) return statusReply(refuse.badRequest('RemoveVolumeOptions requires name to be set'));
    if (!vm && vmi) return ownedOrLacking(call, vmi);
    const volume = vm?.spec.template.spec.volumes?.find((candidate) => candidate.name === name);
    const why = volume ? 'because it is not hotpluggable' : 'because it does not exist';
    return conflict(call, `Unable to remove volume [${name}] ${why}`);
  },
  objectgraph: () =>
    statusReply(refuse.badRequest('ObjectGraph feature gate not enabled: Unable to return object graph.')),
  'evacuate/cancel': (call, vm, vmi) => {
    if (vm && !vmi) return conflict(call, 'VMI is not started');
    return DONE;
  },
};

/** Those that instances have as well. */
const ON_INSTANCES = ['addvolume', 'removevolume', 'objectgraph', 'evacuate/cancel'];

/** The answer to a known call that is refused or changes nothing; undefined for every other. */
export function machineRefusal(
  call: SubresourceCall,
  vm: VirtualMachine | undefined,
  vmi: VirtualMachineInstance | undefined,
  options: CallOptions,
): SubresourceReply | undefined {
  if (call.resource === 'virtualmachineinstances' && !ON_INSTANCES.includes(call.action)) return undefined;
  return RULES[call.action]?.(call, vm, vmi, options);
}

function ownedOrLacking(call: SubresourceCall, { metadata }: VirtualMachineInstance): SubresourceReply {
  const owned = metadata.ownerReferences?.some(({ kind }) => kind === 'VirtualMachine');
  if (owned) return statusReply(refuse.badRequest(`VMI ${call.namespace}/${metadata.name} is owned by a VM`));
  return lacking('hot-plugged volumes');
}

function conflict({ name = '' }: SubresourceCall, why: string): SubresourceReply {
  return statusReply(refuse.vmConflict(name, why));
}

function lacking(what: string): SubresourceReply {
  return statusReply(refuse.internalError(`this sandbox has no ${what}`));
}
