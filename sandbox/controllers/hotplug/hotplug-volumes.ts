import { claimName } from '../claims';
import type { Disk, Pod, VirtualMachineInstance, Volume } from '../types';

/** Whether a volume is meant to come and go while the guest runs. */
export function isHotpluggable({ persistentVolumeClaim, dataVolume, memoryDump }: Volume): boolean {
  const { hotpluggable } = persistentVolumeClaim ?? dataVolume ?? memoryDump ?? {};
  return hotpluggable === true;
}

/** The volumes that a launcher does not bring along: attachment pods have to. Mirrors GetHotplugVolumes. */
export function volumesToAttach({ spec }: VirtualMachineInstance, launcher: Pod): Volume[] {
  const brought = new Set(launcher.spec.volumes?.map(({ name }) => name));
  return (spec.volumes ?? []).filter((volume) => claimName(volume) && !brought.has(volume.name));
}

const PREFIXES: Readonly<Record<string, string>> = { virtio: 'vd', sata: 'sd', scsi: 'sd', usb: 'sd' };

function prefixOf(disk: Disk): string {
  return PREFIXES[(disk.disk ?? disk.cdrom ?? disk.lun)?.bus ?? 'virtio'] ?? 'sd';
}

/** The device names that libvirt's converter gives a guest's first disks: by bus, in the order of the spec. */
export function bootTargets(disks: readonly Disk[]): Map<string, string> {
  const targets = new Map<string, string>();
  for (const disk of disks) targets.set(disk.name, nextTarget(disk, [...targets.values()]));
  return targets;
}

/** The first device name of the disk's bus that nobody has. */
export function nextTarget(disk: Disk, taken: readonly string[]): string {
  const prefix = prefixOf(disk);
  for (let index = 0; ; index += 1) {
    const name = prefix + letters(index);
    if (!taken.includes(name)) return name;
  }
}

/** a … z, aa, ab, … */
function letters(index: number): string {
  const last = String.fromCharCode(97 + (index % 26));
  return index < 26 ? last : letters(Math.floor(index / 26) - 1) + last;
}
