import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import type { VmiSpec } from './types';

/** Input devices and IO threads. */
export function checkInputs(at: string, { domain }: VmiSpec, found: Findings): void {
  for (const [index, { bus, type }] of (domain.devices.inputs ?? []).entries()) {
    const path = `${at}.domain.devices.inputs[${index}]`;
    if (bus && bus !== 'virtio' && bus !== 'usb') {
      found.invalid(`${path}.bus`, 'Input device can have only virtio or usb bus.');
    }
    if (type !== 'tablet') found.invalid(`${path}.type`, 'Input device can have only tablet type.');
  }
  const policy = domain.ioThreadsPolicy;
  if (policy === undefined) return;
  if (!['shared', 'auto', 'supplementalPool'].includes(policy)) {
    found.invalid(`${at}.domain.ioThreadsPolicy`, `Invalid IOThreadsPolicy (${policy})`);
  }
  if (policy === 'supplementalPool' && !((domain.ioThreads?.supplementalPoolThreadCount ?? 0) >= 1)) {
    const text = 'the number of iothreads needs to be set and positive for the dedicated policy';
    found.invalid(`${at}.domain.ioThreads.count`, text);
  }
}

/** Devices that hang on feature gates or have few legal values; the fields are as KubeVirt spells them. */
export function checkDevices(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const { devices } = spec.domain;
  const off = (gate: string) => !config.gates.has(gate);
  const inConfig = (gate: string) => `${gate} feature gate is not enabled in kubevirt-config`;
  if (devices.hostDevices && off('HostDevices')) {
    found.invalid(`${at}.HostDevices`, 'Host Devices feature gate is not enabled in kubevirt-config');
  }
  const { sound } = devices;
  if (sound?.model && sound.model !== 'ich9' && sound.model !== 'ac97') {
    found.invalid(`${at}.Sound`, "Sound device type is not supported. Options: 'ich9' or 'ac97'");
  }
  if (sound && !sound.name) found.invalid(`${at}.Sound`, 'Sound device requires a name field.');
  if (devices.autoattachVSOCK && off('VSOCK')) {
    found.invalid(`${at}.domain.devices.autoattachVSOCK`, inConfig('VSOCK'));
  }
  if (devices.disks?.some(({ lun }) => lun?.reservation) && off('PersistentReservation')) {
    found.invalid(`${at}.domain.devices.disks.luns.reservation`, inConfig('PersistentReservation'));
  }
  if (devices.downwardMetrics && off('DownwardMetrics')) {
    const text = 'downwardMetrics virtio serial is not allowed: DownwardMetrics feature gate is not enabled';
    found.invalid(`${at}.domain.devices.downwardMetrics`, text);
  }
  checkFilesystems(at, spec, off, found);
  checkVideo(at, spec, off, found);
}

function checkFilesystems(at: string, spec: VmiSpec, off: (gate: string) => boolean, found: Findings): void {
  const field = `${at}.domain.devices.filesystems`;
  const allowed = !off('ExperimentalVirtiofsSupport');
  for (const { name } of spec.domain.devices.filesystems ?? []) {
    const volume = (spec.volumes ?? []).find((candidate) => candidate.name === name);
    if (!volume || allowed) continue;
    const isConfig = volume.configMap || volume.secret || volume.serviceAccount || volume.downwardAPI;
    if (isConfig && off('EnableVirtioFsConfigVolumes')) {
      found.invalid(
        field,
        'virtiofs is not allowed: virtiofs feature gate is not enabled for config volumes',
      );
    } else if ((volume.persistentVolumeClaim || volume.dataVolume) && off('EnableVirtioFsStorageVolumes')) {
      found.invalid(field, 'virtiofs is not allowed: virtiofs feature gate is not enabled for PVC');
    }
  }
}

function checkVideo(at: string, { domain }: VmiSpec, off: (gate: string) => boolean, found: Findings): void {
  if (!domain.devices.video) return;
  if (off('VideoConfig')) {
    const text = 'Video configuration is specified but the VideoConfig feature gate is not enabled';
    found.invalid(`${at}.video`, text);
  } else if (domain.devices.autoattachGraphicsDevice === false) {
    const text = 'Video configuration is not allowed when autoattachGraphicsDevice is set to false';
    found.invalid(`${at}.video`, text);
  }
}

/** What only an amd64 VMI is asked: its watchdog and its video model. */
export function checkAmd64(at: string, { domain }: VmiSpec, found: Findings): void {
  const { watchdog, video } = domain.devices;
  const action = watchdog?.i6300esb?.action;
  if (action && !['poweroff', 'reset', 'shutdown'].includes(action)) {
    const text = 'i6300esb only supports action types: poweroff, reset, shutdown';
    found.notSupported(`${at}.domain.devices.watchdog.i6300esb.action`, text);
  }
  if (video && !['vga', 'cirrus', 'virtio', 'ramfb', 'bochs'].includes(video.type ?? '')) {
    const text = `video model '${video.type}' is not supported on amd64 architecture`;
    found.notSupported(`${at}.domain.devices.video.type`, text);
  }
}
