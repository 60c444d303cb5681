import { isPciAddress } from './check-network';
import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import { dnsLabelErrors } from './names';
import type { Disk, VmiSpec } from './types';

const BUSES = ['virtio', 'scsi', 'sata', 'usb'];
const CACHES = ['none', 'writethrough', 'writeback', 'directsync'];
const ERROR_POLICIES = ['stop', 'ignore', 'report', 'enospace'];
const SERIAL_MAX_CHARS = 256;
const MIN_BLOCK_BYTES = 512;
const MAX_BLOCK_BYTES = 2 * 1024 * 1024;

/** Serials of disks and of firmware: what libvirt takes. */
export const isSerial = (text: string) => /^[A-Za-z0-9_.+-]+$/.test(text);

/** Disks against volumes, then boot orders across disks and interfaces (KubeVirt's validateBootOrder). */
export function checkBootOrder(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const { disks = [], interfaces = [] } = spec.domain.devices;
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  const orders = new Set<number>();
  for (const [index, disk] of disks.entries()) {
    const path = `${at}.domain.devices.disks[${index}]`;
    const volume = volumes.get(disk.name);
    if (!volume && !disk.cdrom) {
      found.invalid(`${path}.name`, `${path}.Name '${disk.name}' not found.`);
    } else if (!volume && !config.gates.has('DeclarativeHotplugVolumes')) {
      const gate = 'DeclarativeHotplugVolumes feature gate not enabled, cannot define an empty CD-ROM disk';
      found.invalid(`${path}.name`, gate);
    }
    if (disk.lun && volume && !volume.persistentVolumeClaim && !volume.dataVolume) {
      const text = `${path}.lun can only be mapped to a DataVolume or PersistentVolumeClaim volume.`;
      found.invalid(`${path}.lun`, text);
    }
    if (disk.bootOrder === undefined) continue;
    if (orders.has(disk.bootOrder)) takenOrder(`${path}.bootOrder`, found);
    orders.add(disk.bootOrder);
  }
  for (const [index, { bootOrder }] of interfaces.entries()) {
    const path = `${at}.domain.devices.interfaces[${index}]`;
    if (bootOrder === undefined) continue;
    if (bootOrder < 1) {
      // KubeVirt forgets the middle of the path here.
      const short = `${at}[${index}]`;
      found.invalid(`${short}.bootOrder`, `${short} must have a boot order > 0, if supplied`);
      continue;
    }
    if (orders.has(bootOrder)) takenOrder(`${path}.bootOrder`, found);
    orders.add(bootOrder);
  }
}

function takenOrder(path: string, found: Findings): void {
  found.invalid(path, `Boot order for ${path} already set for a different device.`);
}

/** What is wrong with each disk on its own, and with equal names. `path` is that of the list. */
export function checkDisks(path: string, disks: Disk[], found: Findings): void {
  for (const [index, disk] of disks.entries()) {
    const at = `${path}[${index}]`;
    for (let other = 0; other < index; other += 1) {
      if (disks[other]?.name !== disk.name) continue;
      found.invalid(`${at}.name`, `${at} and ${path}[${other}] must not have the same Name.`);
    }
    if ([disk.disk, disk.lun, disk.cdrom].filter(Boolean).length > 1) {
      found.invalid(at, `${at} can only have a single target type defined`);
    }
    checkPciAddress(path, index, disk, found);
    if (disk.bootOrder !== undefined && disk.bootOrder < 1) {
      found.invalid(`${at}.bootOrder`, `${at} must have a boot order > 0, if supplied`);
    }
    checkBus(path, index, disk, found);
    checkOptions(path, index, disk, found);
    for (const text of dnsLabelErrors(disk.name)) {
      found.invalid(`${path}.domain.devices.disks[${index}].name`, text);
    }
    checkBlockSize(at, disk, found);
  }
}

function checkPciAddress(path: string, index: number, { disk }: Disk, found: Findings): void {
  if (!disk?.pciAddress) return;
  // KubeVirt appends the path of the disks to itself in these.
  const at = `${path}.domain.devices.disks.disk[${index}]`;
  if (disk.bus !== 'virtio') {
    const text = `disk ${at}.name - setting a PCI address is only possible with bus type virtio.`;
    found.invalid(`${at}.pciAddress`, text);
  }
  if (!isPciAddress(disk.pciAddress)) {
    found.invalid(`${at}.pciAddress`, `disk ${at}.name has malformed PCI address (${disk.pciAddress}).`);
  }
}

function targetOf(disk: Disk): { type: string; bus: string } {
  if (disk.disk) return { type: 'disk', bus: disk.disk.bus ?? '' };
  if (disk.lun) return { type: 'lun', bus: disk.lun.bus ?? '' };
  return disk.cdrom ? { type: 'cdrom', bus: disk.cdrom.bus ?? '' } : { type: '', bus: '' };
}

function checkBus(path: string, index: number, disk: Disk, found: Findings): void {
  const at = `${path}[${index}]`;
  const { type, bus } = targetOf(disk);
  const field = `${at}.${type}.bus`;
  if (bus === 'ide') {
    found.invalid(field, 'IDE bus is not supported');
  } else if (bus === 'virtio' && type === 'cdrom') {
    found.invalid(field, 'Bus type virtio is invalid for CD-ROM device');
  } else if (bus === 'sata' && disk.disk?.readonly) {
    found.invalid(field, 'sata hard-disks do not support read-only.');
  } else if (bus && !BUSES.includes(bus)) {
    found.invalid(
      field,
      `${at} is set with an unrecognized bus ${bus}, must be one of: [${BUSES.join(' ')}]`,
    );
  }
  if (bus && disk.dedicatedIOThread && bus !== 'virtio') {
    const text = `IOThreads are not supported for disks on a ${bus} bus`;
    found.notSupported(`${path}.domain.devices.disks[${index}]`, text);
  }
  if (disk.lun?.reservation && disk.lun.bus !== 'scsi') {
    const text = `Persistent reservation requires a SCSI bus, but ${disk.lun.bus ?? ''} was specified`;
    found.invalid(`${at}.lun.bus`, text);
  }
}

function checkOptions(path: string, index: number, disk: Disk, found: Findings): void {
  const at = `${path}[${index}]`;
  const { serial, cache, io, errorPolicy } = disk;
  if (serial && !isSerial(serial)) {
    const text = `${at} must be made up of the following characters [A-Za-z0-9_.+-], if specified`;
    found.invalid(`${at}.serial`, text);
  }
  if (serial && [...serial].length > SERIAL_MAX_CHARS) {
    const text = `${at} must be less than or equal to ${SERIAL_MAX_CHARS} in length, if specified`;
    found.invalid(`${at}.serial`, text);
  }
  if (cache && !CACHES.includes(cache))
    found.invalid(`${at}.cache`, `${at}.cache has invalid value ${cache}`);
  if (io && io !== 'native' && io !== 'threads') {
    const text = `Disk IO mode for ${path} is not supported. Supported modes are: native, threads.`;
    found.notSupported(`${path}.domain.devices.disks[${index}].io`, text);
  }
  if (errorPolicy !== undefined && !ERROR_POLICIES.includes(errorPolicy)) {
    found.invalid(`${at}.errorPolicy`, `${at}.errorPolicy has invalid value "${errorPolicy}"`);
  }
}

function checkBlockSize(at: string, disk: Disk, found: Findings): void {
  const { custom, matchVolume } = disk.blockSize ?? {};
  if (!custom) return;
  const path = `${at}.blockSize.custom`;
  if (matchVolume && matchVolume.enabled !== false) {
    found.invalid(`${at}.blockSize`, "Block size matching can't be enabled together with a custom value");
    return;
  }
  const { logical = 0, physical = 0 } = custom;
  if (logical > physical) {
    const text = `Logical size ${logical} must be the same or less than the physical size of ${physical}`;
    found.invalid(`${path}.logical`, text);
    return;
  }
  if (targetOf(disk).bus === 'sata' && logical !== MIN_BLOCK_BYTES) {
    found.invalid(`${path}.logical`, `Logical size ${logical} must be ${MIN_BLOCK_BYTES} for SATA devices`);
    return;
  }
  for (const [name, bytes] of Object.entries({ logical, physical })) {
    if (bytes < MIN_BLOCK_BYTES) {
      const text = `Provided size of ${bytes} is less than the supported minimum size of ${MIN_BLOCK_BYTES}`;
      found.invalid(`${path}.${name}`, text);
    } else if (bytes > MAX_BLOCK_BYTES) {
      const text = `Provided size of ${bytes} is greater than the supported maximum size of ${MAX_BLOCK_BYTES}`;
      found.invalid(`${path}.${name}`, text);
    } else if ((bytes & (bytes - 1)) !== 0) {
      found.invalid(`${path}.${name}`, `Provided size of ${bytes} is not a power of 2`);
    }
  }
}
