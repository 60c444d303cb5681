import { hotplugCauses } from '../api/admission/check-hotplug';
import { denied } from '../api/admission/webhook';
import type { ClusterApi } from '../api/objects';
import { claimName } from '../controllers/claims';
import {
  type Disk,
  type InstanceSpec,
  type VirtualMachine,
  type VirtualMachineInstance,
  VMIS,
  VMS,
  type Volume,
} from '../controllers/types';
import type { InstanceAction, MachineAction } from './action';
import { ACCEPTED, refuse, statusReply } from './replies';
import { type CallOptions, isDryRun } from './request-body';

type Devices = Pick<InstanceSpec, 'volumes' | 'domain'>;

/** addvolume and removevolume of VMs, which edit the template; the running instance follows. */
export const VOLUME_ACTIONS: Record<string, MachineAction> = {
  addvolume({ cluster, vm, options }) {
    const incomplete = incompleteAdd(options);
    if (incomplete) return statusReply(refuse.badRequest(incomplete));
    const why = addRefusal(vm.spec.template.spec, options);
    if (why) return statusReply(refuse.vmConflict(vm.metadata.name, why));
    if (!isDryRun(options)) editTemplate(cluster, vm, (spec) => add(spec, options));
    return ACCEPTED;
  },
  removevolume({ cluster, vm, options }) {
    if (!options.name) return statusReply(refuse.badRequest('RemoveVolumeOptions requires name to be set'));
    const why = removeRefusal(vm.spec.template.spec, options.name);
    if (why) return statusReply(refuse.vmConflict(vm.metadata.name, why));
    if (!isDryRun(options)) editTemplate(cluster, vm, (spec) => remove(spec, options.name));
    return ACCEPTED;
  },
};

/** The same for instances that no VM made. */
export const INSTANCE_VOLUME_ACTIONS: Record<string, InstanceAction> = {
  addvolume({ cluster, vmi, options }) {
    const refusal = incompleteAdd(options) ?? ownedBy(vmi);
    if (refusal) return statusReply(refuse.badRequest(refusal));
    if (vmi.status?.phase !== 'Running') return statusReply(notRunning(vmi));
    const why = addRefusal(vmi.spec, options);
    if (why) return statusReply(refuse.vmiConflict(vmi.metadata.name, why));
    const after = structuredClone(vmi.spec);
    add(after, options);
    const causes = hotplugCauses(devicesOf(vmi.spec), devicesOf(after));
    if (causes.length > 0) {
      return statusReply(denied('virtualmachineinstances-update-validator.kubevirt.io', causes));
    }
    if (!isDryRun(options)) editInstance(cluster, vmi, (spec) => add(spec, options));
    return ACCEPTED;
  },
  removevolume({ cluster, vmi, options }) {
    const { name } = options;
    if (!name) return statusReply(refuse.badRequest('RemoveVolumeOptions requires name to be set'));
    const owned = ownedBy(vmi);
    if (owned) return statusReply(refuse.badRequest(owned));
    if (vmi.status?.phase !== 'Running') return statusReply(notRunning(vmi));
    const why = removeRefusal(vmi.spec, name);
    if (why) return statusReply(refuse.vmiConflict(vmi.metadata.name, why));
    if (!isDryRun(options)) editInstance(cluster, vmi, (spec) => remove(spec, name));
    return ACCEPTED;
  },
};

function incompleteAdd({ name, disk, volumeSource }: CallOptions): string | undefined {
  if (!name) return 'AddVolumeOptions requires name to be set';
  if (!disk) return 'AddVolumeOptions requires disk to not be nil';
  return volumeSource ? undefined : 'AddVolumeOptions requires VolumeSource to not be nil';
}

/** Mirrors verifyVolumeOption of virt-api. */
function addRefusal({ volumes = [] }: Devices, options: CallOptions): string | undefined {
  const claim = claimName(volumeOf(options));
  for (const volume of volumes) {
    if (volume.name === options.name) {
      return `Unable to add volume [${options.name}] because volume with that name already exists`;
    }
    if (claim !== undefined && claimName(volume) === claim) {
      return `Unable to add volume source [${claim}] because it already exists`;
    }
  }
  return undefined;
}

function removeRefusal({ volumes = [] }: Devices, name: string): string | undefined {
  const volume = volumes.find((candidate) => candidate.name === name);
  if (!volume) return `Unable to remove volume [${name}] because it does not exist`;
  const hotpluggable = volume.persistentVolumeClaim?.hotpluggable || volume.dataVolume?.hotpluggable;
  return hotpluggable ? undefined : `Unable to remove volume [${name}] because it is not hotpluggable`;
}

function volumeOf({ name = '', volumeSource = {} }: CallOptions): Volume {
  const { persistentVolumeClaim, dataVolume } = volumeSource;
  return {
    name,
    ...(persistentVolumeClaim
      ? { persistentVolumeClaim: { ...persistentVolumeClaim, hotpluggable: true } }
      : {}),
    ...(dataVolume ? { dataVolume: { ...dataVolume, hotpluggable: true } } : {}),
  };
}

function add(spec: Devices, options: CallOptions): void {
  const disk: Disk = { ...options.disk, name: options.name ?? '' };
  spec.volumes = [...(spec.volumes ?? []), volumeOf(options)];
  spec.domain.devices.disks = [...(spec.domain.devices.disks ?? []), disk];
}

function remove(spec: Devices, name: string | undefined): void {
  spec.volumes = spec.volumes?.filter((volume) => volume.name !== name) ?? [];
  spec.domain.devices.disks = spec.domain.devices.disks?.filter((disk) => disk.name !== name) ?? [];
}

function editTemplate(
  cluster: ClusterApi,
  { metadata }: VirtualMachine,
  edit: (spec: Devices) => void,
): void {
  cluster.update<VirtualMachine>(VMS, metadata.namespace, metadata.name, ({ spec }) =>
    edit(spec.template.spec),
  );
}

function editInstance(
  cluster: ClusterApi,
  { metadata }: VirtualMachineInstance,
  edit: (spec: Devices) => void,
): void {
  cluster.update<VirtualMachineInstance>(VMIS, metadata.namespace, metadata.name, ({ spec }) => edit(spec));
}

function devicesOf({ volumes = [], domain }: Devices) {
  return { volumes, disks: domain.devices.disks ?? [] };
}

function ownedBy({ metadata }: VirtualMachineInstance): string | undefined {
  const owned = metadata.ownerReferences?.some(({ kind }) => kind === 'VirtualMachine');
  return owned ? `VMI ${metadata.namespace}/${metadata.name} is owned by a VM` : undefined;
}

function notRunning({ metadata }: VirtualMachineInstance) {
  return refuse.vmiConflict(metadata.name, 'VMI is not running');
}
