import { createHash } from 'node:crypto';
import type { GuestDisk, GuestNic, GuestSpec } from '../guests/hypervisor';
import type { Lease } from '../guests/segments/dhcp';
import { claimName } from './claims';
import { isHotpluggable } from './hotplug/hotplug-volumes';
import { defaultUser } from './images';
import { guestBytes, mostBytesOf, mostVcpusOf, vcpusOf } from './instance-size';
import type { GuestLink } from './networks/attachment-config';
import type { CloudInitSource, Disk, Network, VirtualMachineInstance, Volume } from './types';

const MIB = 2 ** 20;
const BUSES = ['virtio', 'sata', 'scsi', 'usb'] as const;
/** Of amd64, where a spec names none. */
const DEFAULT_BUS = 'sata';
/** Locally administered, unicast: KubeVirt's own default prefix. */
const MAC_PREFIX = '02';
const MAC_BYTES = 5;
/** Where KubeVirt puts guests behind the address of their pod, unless the network says otherwise. */
const MASQUERADE_CIDR = '10.0.2.0/24';
const CLUSTER_DOMAIN = 'cluster.local';

/** One disk of the guest, and what has to be made for it. */
export interface PlannedDisk extends Omit<GuestDisk, 'path'> {
  source:
    | { kind: 'nothing' }
    | { kind: 'image'; image: string; path?: string }
    /** `ephemeral`: what is written goes with the instance. `frozen`: the volume is mounted read-only. */
    | { kind: 'claim'; claim: string; ephemeral?: true; frozen?: true }
    | { kind: 'scratch'; bytes: string }
    | { kind: 'files'; resource: 'secrets' | 'configmaps'; from: string; label: string }
    | { kind: 'cloud-init'; source: CloudInitSource };
}

/** What QEMU is asked for, as far as the spec alone says it. */
export interface GuestPlan {
  memoryMiB: number;
  vcpus: number;
  /** What it may grow to while it runs. */
  maxMemoryMiB: number;
  maxVcpus: number;
  firmwareUuid: string;
  hostname: string;
  /** The account of the first container disk's distribution. */
  defaultUser: string | undefined;
  disks: PlannedDisk[];
}

/** Reads an instance's spec as virt-launcher's converter does. Disks come in the order of the spec. */
export function guestPlan({ metadata, spec }: VirtualMachineInstance): GuestPlan {
  const volumes = new Map((spec.volumes ?? []).map((volume) => [volume.name, volume]));
  const disks: PlannedDisk[] = [];
  const image = (spec.volumes ?? []).find(({ containerDisk }) => containerDisk)?.containerDisk?.image;
  for (const disk of spec.domain.devices.disks ?? []) {
    const volume = volumes.get(disk.name);
    const source = bootSource(disk, volume);
    if (!source) continue;
    const first = !disks.some(({ role }) => role === 'root');
    const role = source.kind === 'cloud-init' ? 'seed' : source.kind === 'image' && first ? 'root' : 'data';
    const device = deviceOf(disk);
    disks.push({ name: disk.name, role, ...device, readOnly: device.readOnly && role !== 'root', source });
  }
  return {
    memoryMiB: Math.max(1, Math.ceil(guestBytes(spec) / MIB)),
    vcpus: vcpusOf(spec),
    maxMemoryMiB: Math.floor(mostBytesOf(spec) / MIB),
    maxVcpus: mostVcpusOf(spec),
    firmwareUuid: spec.domain.firmware?.uuid ?? metadata.uid,
    hostname: spec.hostname ?? metadata.name,
    defaultUser: image === undefined ? undefined : defaultUser(image),
    disks,
  };
}

/**
 * The guest's cards, in the order of the spec. On the pod network the guest gets the pod's address; cards on secondary
 * networks are there as far as the launcher has links to them. MACs last as long as the machine.
 */
export function guestNics(
  { metadata, spec }: VirtualMachineInstance,
  address: string,
  links: ReadonlyMap<string, GuestLink> = new Map(),
): GuestNic[] {
  const machine = metadata.ownerReferences?.find(({ kind }) => kind === 'VirtualMachine');
  const networks = new Map((spec.networks ?? []).map((network) => [network.name, network]));
  return (spec.domain.devices.interfaces ?? []).flatMap(
    ({ name, macAddress, state, masquerade, model, bootOrder }): GuestNic[] => {
      const network = networks.get(name);
      const link = network?.multus && links.get(podLinkName(name));
      if (state === 'absent' || (!network?.pod && !link)) return [];
      const mac = macAddress
        ? macAddress.toLowerCase().replaceAll('-', ':')
        : derivedMac(`${machine?.uid ?? metadata.uid}/${name}`);
      const card = {
        ...{ name, mac },
        ...(model ? { model } : {}),
        ...(state === 'down' ? { link: 'down' as const } : {}),
        ...(bootOrder === undefined ? {} : { bootOrder }),
      };
      if (link) return [{ ...card, ...link, address: '' }];
      return [
        {
          ...card,
          address,
          lease: podLease({ metadata, spec }, Boolean(masquerade), network?.pod, address),
        },
      ];
    },
  );
}

/**
 * What the launcher's DHCP server tells a guest on the pod network: with masquerade an address of its own behind the
 * pod's, else the pod's; and the names of the cluster.
 */
function podLease(
  { metadata, spec }: Pick<VirtualMachineInstance, 'metadata' | 'spec'>,
  masquerade: boolean,
  pod: Network['pod'],
  address: string,
): Lease {
  const own = `${metadata.namespace}.svc.${CLUSTER_DOMAIN}`;
  const cidr = pod?.vmNetworkCIDR ?? MASQUERADE_CIDR;
  const [network = ''] = cidr.split('/');
  return {
    address: masquerade ? network.replace(/\d+$/, (last) => String(Number(last) + 2)) : address,
    prefix: 24,
    hostname: spec.hostname ?? metadata.name,
    domain: spec.subdomain ? `${spec.subdomain}.${own}` : own,
    search: [
      ...(spec.subdomain ? [`${spec.subdomain}.${own}`] : []),
      own,
      `svc.${CLUSTER_DOMAIN}`,
      CLUSTER_DOMAIN,
    ],
  };
}

/** What can be said of a running guest from its instance alone. */
export function standingGuest(vmi: VirtualMachineInstance, startPaused: boolean): GuestSpec {
  const plan = guestPlan(vmi);
  return {
    id: vmi.metadata.uid,
    name: vmi.metadata.name,
    memoryMiB: plan.memoryMiB,
    vcpus: plan.vcpus,
    maxMemoryMiB: plan.maxMemoryMiB,
    maxVcpus: plan.maxVcpus,
    firmwareUuid: plan.firmwareUuid,
    disks: plan.disks.map(({ source: _, ...disk }) => ({ ...disk, path: '' })),
    nics: guestNics(vmi, vmi.status?.interfaces?.[0]?.ipAddress ?? ''),
    startPaused,
  };
}

/** The name that KubeVirt gives a secondary network's link in the pod: 11 letters of the network name's SHA-256. */
export function podLinkName(network: string): string {
  return `pod${createHash('sha256').update(network).digest('hex').slice(0, 11)}`;
}

/** The networks that Multus would have to provide. */
export function secondaryNetworks({ spec }: VirtualMachineInstance): Network[] {
  return (spec.networks ?? []).filter(({ multus }) => multus !== undefined);
}

/** What a disk of the spec is to the guest, whatever it holds. */
export function deviceOf(disk: Disk): Omit<GuestDisk, 'name' | 'path' | 'role'> {
  const { serial, bootOrder, cache, shareable, errorPolicy } = disk;
  const target = disk.disk ?? disk.lun ?? disk.cdrom;
  return {
    device: disk.cdrom ? 'cdrom' : disk.lun ? 'lun' : 'disk',
    bus: BUSES.find((bus) => bus === target?.bus) ?? DEFAULT_BUS,
    readOnly: Boolean(target?.readonly ?? disk.cdrom),
    ...(serial === undefined ? {} : { serial }),
    ...(bootOrder === undefined ? {} : { bootOrder }),
    ...(cache === undefined ? {} : { cache }),
    ...(shareable ? { shareable } : {}),
    ...(errorPolicy === undefined ? {} : { errorPolicy }),
  };
}

/** What a disk holds when the machine starts: a drive may be empty, and plugged disks come later. */
function bootSource(disk: Disk, volume: Volume | undefined): PlannedDisk['source'] | undefined {
  if (!volume || isHotpluggable(volume)) return disk.cdrom ? { kind: 'nothing' } : undefined;
  return sourceOf(volume);
}

function sourceOf(volume: Volume): PlannedDisk['source'] | undefined {
  const { containerDisk, cloudInitNoCloud, cloudInitConfigDrive, emptyDisk } = volume;
  if (containerDisk) {
    const { image, path } = containerDisk;
    return { kind: 'image', image, ...(path ? { path } : {}) };
  }
  if (cloudInitNoCloud) return { kind: 'cloud-init', source: cloudInitNoCloud };
  if (cloudInitConfigDrive) return { kind: 'cloud-init', source: cloudInitConfigDrive };
  if (emptyDisk) return { kind: 'scratch', bytes: emptyDisk.capacity };
  const { secret, configMap } = volume;
  const label = (secret ?? configMap)?.volumeLabel || 'cfgdata';
  if (secret) return { kind: 'files', resource: 'secrets', from: secret.secretName, label };
  if (configMap) return { kind: 'files', resource: 'configmaps', from: configMap.name, label };
  const claim = claimName(volume);
  if (claim === undefined) return undefined;
  const frozen = volume.persistentVolumeClaim?.readOnly === true;
  return {
    kind: 'claim',
    claim,
    ...(volume.ephemeral ? { ephemeral: true } : {}),
    ...(frozen ? { frozen } : {}),
  };
}

function derivedMac(seed: string): string {
  const bytes = createHash('sha256')
    .update(seed)
    .digest('hex')
    .slice(0, MAC_BYTES * 2);
  return [MAC_PREFIX, ...(bytes.match(/../g) ?? [])].join(':');
}
