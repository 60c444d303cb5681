import type { GuestSpec, VirtualMachine, VirtualMachineInstance } from './types';

type Volume = NonNullable<GuestSpec['volumes']>[number];

/** A disk of a VM with the volume behind it; either may be missing (KubeVirt accepts a volume that no disk uses). */
export interface VmDisk {
  name: string;
  /** disk, cdrom, lun; empty for a volume without a disk. */
  device: string;
  bus: string;
  bootOrder?: number;
  /** The kind of the volume as the API spells it (`containerDisk`); empty when there is none of that name. */
  source: string;
  /** What the source names: an image, a claim, a secret. */
  detail: string;
  /** The claim that holds the data, if any. */
  claim?: string;
  /** As the guest calls it (vda); only while it runs. */
  target: string;
  /** Bytes or a quantity, as far as known. */
  size?: number | string;
  /** Why a hot-plugged volume is not ready. */
  message?: string;
}

/** The disks of a VM: those of its VMI if there is one, since hot-plugged volumes stand only there. */
export function vmDisks(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmDisk[] {
  const spec = vmi?.spec ?? vm.spec.template?.spec;
  const volumes = spec?.volumes ?? [];
  const disks = spec?.domain?.devices?.disks ?? [];
  const states = new Map(vmi?.status?.volumeStatus?.map((status) => [status.name, status]));
  const names = [...disks.map(({ name }) => name), ...volumes.map(({ name }) => name)];
  return [...new Set(names)].map((name) => {
    const disk = disks.find((each) => each.name === name);
    const volume = volumes.find((each) => each.name === name);
    const status = states.get(name);
    const device = disk?.cdrom ? 'cdrom' : disk?.lun ? 'lun' : disk ? 'disk' : '';
    const claim = status?.persistentVolumeClaimInfo;
    return {
      name,
      device,
      bus: (disk?.cdrom ?? disk?.lun ?? disk?.disk)?.bus ?? '',
      bootOrder: disk?.bootOrder,
      ...sourceOf(volume),
      target: status?.target ?? '',
      size:
        claim?.capacity?.storage ?? claim?.requests?.storage ?? status?.size ?? volume?.emptyDisk?.capacity,
      message: status?.message,
    };
  });
}

function sourceOf(volume: Volume | undefined): Pick<VmDisk, 'source' | 'detail' | 'claim'> {
  if (!volume) return { source: '', detail: '' };
  const { persistentVolumeClaim, dataVolume, containerDisk, cloudInitNoCloud, cloudInitConfigDrive } = volume;
  if (persistentVolumeClaim) {
    const { claimName } = persistentVolumeClaim;
    return { source: 'persistentVolumeClaim', detail: claimName, claim: claimName };
  }
  if (dataVolume) return { source: 'dataVolume', detail: dataVolume.name, claim: dataVolume.name };
  if (containerDisk) return { source: 'containerDisk', detail: containerDisk.image };
  if (cloudInitNoCloud || cloudInitConfigDrive) {
    const secret = (cloudInitNoCloud ?? cloudInitConfigDrive)?.secretRef?.name;
    return { source: cloudInitNoCloud ? 'cloudInitNoCloud' : 'cloudInitConfigDrive', detail: secret ?? '' };
  }
  if (volume.configMap) return { source: 'configMap', detail: volume.configMap.name ?? '' };
  if (volume.secret) return { source: 'secret', detail: volume.secret.secretName ?? '' };
  const source = Object.keys(volume).find((key) => key !== 'name') ?? '';
  return { source, detail: '' };
}

/** A network interface of a VM, as specified and as the guest has it. */
export interface VmNic {
  key: string;
  /** Empty for an interface that only the guest knows, e.g. a bridge of its own. */
  name: string;
  model: string;
  /** masquerade, bridge, sriov or the name of a binding plugin. */
  binding: string;
  /** `pod`, or the multus network's name. */
  network: string;
  mac: string;
  ips: string[];
  /** The guest's own name for it (eth0), if its agent says so. */
  guestName: string;
  linkState: string;
}

/** The interfaces of a VM: the specified ones first, then those that only its guest agent reports. */
export function vmNics(vm: VirtualMachine, vmi?: VirtualMachineInstance): VmNic[] {
  const spec = vmi?.spec ?? vm.spec.template?.spec;
  const states = vmi?.status?.interfaces ?? [];
  const specified = (spec?.domain?.devices?.interfaces ?? []).map((nic) => {
    const network = spec?.networks?.find(({ name }) => name === nic.name);
    const state = states.find(({ name }) => name === nic.name);
    return {
      key: nic.name,
      name: nic.name,
      model: nic.model ?? '',
      binding:
        nic.binding?.name ??
        ['masquerade', 'bridge', 'sriov', 'passtBinding', 'macvtap', 'slirp'].find((way) => way in nic) ??
        '',
      network: network?.multus?.networkName ?? (network?.pod ? 'pod' : ''),
      ...stateOf(state, nic.macAddress),
    };
  });
  const own = states
    .filter(({ name }) => !name)
    .map((state, index) => ({
      key: `guest-${state.interfaceName ?? index}`,
      name: '',
      model: '',
      binding: '',
      network: '',
      ...stateOf(state),
    }));
  return [...specified, ...own];
}

type NicState = NonNullable<NonNullable<VirtualMachineInstance['status']>['interfaces']>[number];

function stateOf(
  state: NicState | undefined,
  mac = '',
): Pick<VmNic, 'mac' | 'ips' | 'guestName' | 'linkState'> {
  return {
    mac: state?.mac ?? mac,
    ips: state?.ipAddresses ?? (state?.ipAddress ? [state.ipAddress] : []),
    guestName: state?.interfaceName ?? '',
    linkState: state?.linkState ?? '',
  };
}
