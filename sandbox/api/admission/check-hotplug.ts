import type { StatusCause } from '../errors';

interface Device {
  bus?: string;
}

interface HotDisk {
  name: string;
  disk?: Device;
  lun?: Device;
  cdrom?: Device;
  dedicatedIOThread?: boolean;
  bootOrder?: number;
}

interface Devices {
  volumes: readonly { name: string }[];
  disks: readonly HotDisk[];
}

/**
 * Why disks may not be added to a running instance, as virtualmachineinstances-update-validator refuses them. What goes
 * into a drive that is there already is no new disk.
 */
export function hotplugCauses(before: Devices, after: Devices): StatusCause[] {
  const volumes = new Set(before.volumes.map(({ name }) => name));
  const disks = new Set(before.disks.map(({ name }) => name));
  return after.volumes
    .filter(({ name }) => !volumes.has(name) && !disks.has(name))
    .flatMap(({ name }) => {
      const disk = after.disks.find((candidate) => candidate.name === name);
      const message = hotplugProblem(disk, name, 'Hotplug configuration');
      return message ? [{ reason: 'FieldValueInvalid', message }] : [];
    });
}

/** What keeps a disk from being hot-plugged; `prefix` says who asks. */
export function hotplugProblem(disk: HotDisk | undefined, name: string, prefix: string): string | undefined {
  if (!disk) return `${prefix} for [${name}] requires the disk field to be set.`;
  const bus = (disk.disk ?? disk.lun)?.bus ?? '';
  if (disk.disk) {
    if (bus !== 'scsi' && bus !== 'virtio') {
      return `${prefix} for disk [${name}] requires bus to be 'scsi' or 'virtio'. [${bus}] is not permitted.`;
    }
  } else if (disk.lun) {
    if (bus !== 'scsi') {
      return `${prefix} for LUN [${name}] requires bus to be 'scsi'. [${bus}] is not permitted.`;
    }
  } else {
    return `${prefix} for [${name}] requires diskDevice of type 'disk' or 'lun' to be used.`;
  }
  if (disk.dedicatedIOThread && bus !== 'virtio') {
    return `${prefix} for [${name}] requires virtio bus for IOThreads.`;
  }
  if (disk.bootOrder !== undefined && disk.bootOrder < 1) {
    return `${prefix} for [${name}] must have a boot order > 0, if supplied`;
  }
  return undefined;
}
