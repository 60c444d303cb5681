import { isDeepStrictEqual } from 'node:util';
import { claimName } from '../claims';
import { isHotpluggable } from '../hotplug/hotplug-volumes';
import type { Disk, InstanceSpec, VirtualMachineInstance, Volume } from '../types';

/** A VM's volumes and disks as far as they may change while the guest runs. */

interface Devices {
  volumes: Volume[];
  disks: Disk[];
}

/**
 * The volumes and disks that a running instance should have: its own lasting ones, and the template's hot-pluggable
 * ones. One whose claim was swapped leaves first and comes back when it has gone. Mirrors HandleDeclarativeVolumes.
 */
export function hotplugDevices(template: InstanceSpec, { spec, status }: VirtualMachineInstance): Devices {
  const current = spec.volumes ?? [];
  const wanted = (template.volumes ?? []).filter(isHotpluggable);
  const kept = current.filter(
    (volume) =>
      !isHotpluggable(volume) ||
      wanted.some(
        ({ name, ...source }) => name === volume.name && claimName(volume) === claimName({ name, ...source }),
      ),
  );
  const lingering = new Set(
    status?.volumeStatus?.filter(({ hotplugVolume }) => hotplugVolume).map(({ name }) => name),
  );
  const templateDisks = new Map((template.domain.devices.disks ?? []).map((disk) => [disk.name, disk]));
  const added = wanted.filter(
    ({ name }) =>
      !current.some((volume) => volume.name === name) && !lingering.has(name) && templateDisks.has(name),
  );
  const volumes = [...kept, ...structuredClone(added)];
  const names = new Set(volumes.map(({ name }) => name));
  const hot = new Set(current.filter(isHotpluggable).map(({ name }) => name));
  // A drive outlives what was in it; a plugged disk goes with its volume.
  const disks = (spec.domain.devices.disks ?? []).filter(
    (disk) => !hot.has(disk.name) || names.has(disk.name) || (disk.cdrom && templateDisks.has(disk.name)),
  );
  const present = new Set(disks.map(({ name }) => name));
  const plugged = added.flatMap(({ name }) => {
    const disk = templateDisks.get(name);
    return disk && !present.has(name) ? [structuredClone(disk)] : [];
  });
  return { volumes, disks: [...disks, ...plugged] };
}

/**
 * Whether nothing but hot-pluggable volumes differs, and claims where `claimsMove` (updateVolumesStrategy Migration).
 * Mirrors validLiveUpdateVolumes.
 */
export function areVolumesLive(old: InstanceSpec, current: InstanceSpec, claimsMove = false): boolean {
  const left = new Map((old.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const volume of current.volumes ?? []) {
    const before = left.get(volume.name);
    left.delete(volume.name);
    if (isHotpluggable(volume)) continue;
    if (before && claimsMove && (volume.persistentVolumeClaim ?? volume.dataVolume)) continue;
    if (!isDeepStrictEqual(before, volume)) return false;
  }
  return [...left.values()].every(isHotpluggable);
}

/** Whether nothing but the disks of hot-pluggable volumes differs. Mirrors validLiveUpdateDisks. */
export function areDisksLive(old: InstanceSpec, current: InstanceSpec): boolean {
  const hot = (spec: InstanceSpec) =>
    new Set((spec.volumes ?? []).filter(isHotpluggable).map(({ name }) => name));
  const [hotBefore, hotNow] = [hot(old), hot(current)];
  const left = new Map((old.domain.devices.disks ?? []).map((disk) => [disk.name, disk]));
  for (const disk of current.domain.devices.disks ?? []) {
    const before = left.get(disk.name);
    left.delete(disk.name);
    if (!hotNow.has(disk.name) && !isDeepStrictEqual(before, disk)) return false;
  }
  return [...left.keys()].every((name) => hotBefore.has(name));
}
