import type { Devices, Disk, VmiSpec } from '../api/admission/types';
import { fill } from './fill';
import type { PreferenceSpec } from './types';

type DevicePreferences = NonNullable<PreferenceSpec['devices']>;

/** Devices of the spec that no preference names are left alone; what the spec says itself stands. */
export function applyDevicePreferences({ devices: preferred }: PreferenceSpec, spec: VmiSpec): void {
  if (!preferred) return;
  const { devices } = spec.domain;
  fill(devices, 'useVirtioTransitional', preferred.preferredUseVirtioTransitional);
  fill(devices, 'blockMultiQueue', preferred.preferredBlockMultiQueue);
  fill(devices, 'networkInterfaceMultiqueue', preferred.preferredNetworkInterfaceMultiQueue);
  if (preferred.preferredDisableHotplug !== undefined)
    devices.disableHotplug = preferred.preferredDisableHotplug;
  if (devices.sound && preferred.preferredSoundModel) devices.sound.model ||= preferred.preferredSoundModel;
  fill(devices, 'rng', preferred.preferredRng);
  fill(devices, 'tpm', preferred.preferredTPM);
  applyAutoattachPreferences(preferred, devices);
  for (const disk of devices.disks ?? []) applyToDisk(preferred, disk);
  applyToInterfaces(preferred, spec);
  for (const input of devices.inputs ?? []) {
    if (preferred.preferredInputBus) input.bus ||= preferred.preferredInputBus;
    if (preferred.preferredInputType) input.type ||= preferred.preferredInputType;
  }
  applyToPanicDevices(preferred, devices);
}

function applyAutoattachPreferences(preferred: DevicePreferences, devices: Devices): void {
  fill(devices, 'autoattachGraphicsDevice', preferred.preferredAutoattachGraphicsDevice);
  fill(devices, 'autoattachMemBalloon', preferred.preferredAutoattachMemBalloon);
  fill(devices, 'autoattachPodInterface', preferred.preferredAutoattachPodInterface);
  fill(devices, 'autoattachSerialConsole', preferred.preferredAutoattachSerialConsole);
  fill(devices, 'autoattachInputDevice', preferred.preferredAutoattachInputDevice);
}

function applyToDisk(preferred: DevicePreferences, disk: Disk): void {
  if (!disk.disk && !disk.cdrom && !disk.lun) disk.disk = {};
  if (disk.disk) {
    if (preferred.preferredDiskBus) disk.disk.bus ||= preferred.preferredDiskBus;
    fill(disk, 'blockSize', preferred.preferredDiskBlockSize);
    if (preferred.preferredDiskCache) disk.cache ||= preferred.preferredDiskCache;
    if (preferred.preferredDiskIO) disk.io ||= preferred.preferredDiskIO;
    if (disk.disk.bus === 'virtio') fill(disk, 'dedicatedIOThread', preferred.preferredDiskDedicatedIoThread);
  } else if (disk.cdrom) {
    if (preferred.preferredCdromBus) disk.cdrom.bus ||= preferred.preferredCdromBus;
  } else if (disk.lun && preferred.preferredLunBus) {
    disk.lun.bus ||= preferred.preferredLunBus;
  }
}

const BINDINGS = ['bridge', 'masquerade', 'sriov', 'passt', 'passtBinding', 'slirp', 'macvtap', 'binding'];

function applyToInterfaces(preferred: DevicePreferences, { domain, networks }: VmiSpec): void {
  for (const nic of domain.devices.interfaces ?? []) {
    if (preferred.preferredInterfaceModel) nic.model ||= preferred.preferredInterfaceModel;
    const onPodNetwork = networks?.find(({ name }) => name === nic.name)?.pod;
    const bound = BINDINGS.some((binding) => binding in nic);
    if (preferred.preferredInterfaceMasquerade && onPodNetwork && !bound) {
      nic.masquerade = structuredClone(preferred.preferredInterfaceMasquerade);
    }
  }
}

function applyToPanicDevices(
  { preferredPanicDeviceModel: model }: DevicePreferences,
  devices: Devices,
): void {
  if (!model) return;
  if (!devices.panicDevices?.length) devices.panicDevices = [{ model }];
  else for (const device of devices.panicDevices) device.model ??= model;
}
