import { isJsonObject, type JsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import {
  bootOrderOf,
  type DiskEntry,
  deviceOf,
  diskEntries,
  freeDiskName,
  freeTemplateName,
  isBootable,
  templateName,
  volumeKind,
  withDisk,
  withoutDisk,
} from './disk-entries';
import type { VmManifest } from './field';
import {
  atLeast,
  newTemplate,
  sizeOf,
  sourceOf,
  type VolumeSource,
  withSize,
  withSource,
} from './volume-template';

/** What a VM's first disk starts from. */
export type BootSource =
  /** A DataVolume of the VM, filled from somewhere. */
  | { kind: 'template'; from: VolumeSource }
  /** An image that lives as long as the VM runs. */
  | { kind: 'containerDisk'; image: string; pullSecret?: string | undefined }
  /** A volume that exists, used as it is. */
  | { kind: 'volume'; type: 'dataVolume' | 'persistentVolumeClaim'; name: string }
  /** An empty disk with an installation medium beside it. */
  | { kind: 'iso'; medium: IsoMedium }
  /** Something that only the list of disks and the manifest show. */
  | { kind: 'other'; volume: string }
  | { kind: 'none' };

/** What lies in the drive to install from. */
export type IsoMedium =
  | { kind: 'http'; url: string }
  | { kind: 'registry'; url: string }
  | { kind: 'containerDisk'; image: string }
  | { kind: 'volume'; type: 'dataVolume' | 'persistentVolumeClaim'; name: string }
  | { kind: 'other' };

export const ROOT_DISK = 'rootdisk';
const MEDIUM = 'installation-cd';
/** Enough for the cloud images of the usual distributions, and for the systems that are installed from an ISO. */
export const DEFAULT_SIZE = '10Gi';
export const DEFAULT_ISO_ROOT_SIZE = '30Gi';
/** Of the medium itself: an installation DVD. */
export const DEFAULT_ISO_SIZE = '8Gi';

/** The disk that a VM starts from: by boot order, else its first; an installation medium is not it. */
export function rootDisk(vm: VmManifest): DiskEntry | undefined {
  const bootable = diskEntries(vm).filter(
    ({ disk, volume }) => disk && deviceOf(disk) !== 'cdrom' && isBootable(volume),
  );
  const order = ({ disk }: DiskEntry) => bootOrderOf(disk) ?? Number.POSITIVE_INFINITY;
  return bootable.reduce<DiskEntry | undefined>(
    (first, entry) => (first === undefined || order(entry) < order(first) ? entry : first),
    undefined,
  );
}

/** The drive that an empty root disk is installed from. */
export function installationMedium(vm: VmManifest): DiskEntry | undefined {
  const root = rootDisk(vm);
  if (root && !isEmptyDisk(root)) return undefined;
  const drives = diskEntries(vm).filter(
    ({ disk, volume }) => deviceOf(disk) === 'cdrom' && isBootable(volume),
  );
  return drives.find(({ disk }) => bootOrderOf(disk) !== undefined) ?? drives[0];
}

function isEmptyDisk({ volume, template }: DiskEntry): boolean {
  return volumeKind(volume) === 'emptyDisk' || sourceOf(template)?.kind === 'blank';
}

export function readBootSource(vm: VmManifest): BootSource {
  const medium = installationMedium(vm);
  if (medium) return { kind: 'iso', medium: readMedium(medium) };
  const root = rootDisk(vm);
  return root ? sourceOfDisk(root) : { kind: 'none' };
}

function sourceOfDisk({ volume, template }: DiskEntry): BootSource {
  const from = sourceOf(template);
  if (from) return { kind: 'template', from };
  const kind = volumeKind(volume);
  if (kind === 'containerDisk') {
    const pullSecret = wordAt(volume, [kind, 'imagePullSecret']);
    return { kind, image: wordAt(volume, [kind, 'image']), ...(pullSecret ? { pullSecret } : {}) };
  }
  if (kind === 'dataVolume') return { kind: 'volume', type: kind, name: wordAt(volume, [kind, 'name']) };
  if (kind === 'persistentVolumeClaim')
    return { kind: 'volume', type: kind, name: wordAt(volume, [kind, 'claimName']) };
  return { kind: 'other', volume: kind };
}

function readMedium(entry: DiskEntry): IsoMedium {
  const source = sourceOfDisk(entry);
  if (source.kind === 'containerDisk') return { kind: 'containerDisk', image: source.image };
  if (source.kind === 'volume') return source;
  if (source.kind !== 'template') return { kind: 'other' };
  return source.from.kind === 'http' || source.from.kind === 'registry'
    ? { kind: source.from.kind, url: source.from.url }
    : { kind: 'other' };
}

/**
 * The VM with another source of its root disk. The disk keeps its name, device and order; a DataVolume keeps its claim's
 * class and modes, and its size unless that is less than `least` (the image's size).
 */
export function writeBootSource(vm: VmManifest, source: BootSource, least?: string): VmManifest {
  if (source.kind === 'other') return vm;
  const bare = source.kind === 'iso' ? vm : withoutMedium(vm);
  const before = rootDisk(bare);
  if (source.kind === 'none') return before ? withoutDisk(bare, before.name) : bare;
  if (source.kind === 'iso') return withMedium(bare, source.medium, least);
  return withRoot(bare, before, source, atLeast(sizeOf(before?.template) || DEFAULT_SIZE, least));
}

function withRoot(
  vm: VmManifest,
  before: DiskEntry | undefined,
  source: Exclude<BootSource, { kind: 'iso' | 'other' | 'none' }>,
  size: string,
): VmManifest {
  const name = before?.name ?? freeDiskName(vm, ROOT_DISK);
  const disk = before?.disk ?? newDisk(vm, name);
  const next = { name, disk, ...filled(vm, name, before, source, size) };
  return before ? withDisk(vm, next) : withFirst(vm, next);
}

/** Volume and DataVolume of a disk for a source; what the manifest says beside the source stays. */
function filled(
  vm: VmManifest,
  name: string,
  before: DiskEntry | undefined,
  source: Exclude<BootSource, { kind: 'iso' | 'other' | 'none' }>,
  size: string,
): Pick<DiskEntry, 'volume' | 'template'> {
  switch (source.kind) {
    case 'template': {
      const template = before?.template
        ? withSize(withSource(before.template, source.from), size)
        : newTemplate(freeTemplateName(vm, name), source.from, size);
      const volume = before?.template
        ? before.volume
        : { name, dataVolume: { name: templateName(template) } };
      return { volume, template };
    }
    case 'containerDisk': {
      const kept = valueAt(before?.volume, ['containerDisk']);
      const { imagePullSecret: _, ...others } = isJsonObject(kept) ? kept : {};
      const { image, pullSecret } = source;
      const containerDisk = { ...others, image, ...(pullSecret ? { imagePullSecret: pullSecret } : {}) };
      return { volume: { name, containerDisk } };
    }
    case 'volume': {
      const { type } = source;
      return { volume: { name, [type]: { [type === 'dataVolume' ? 'name' : 'claimName']: source.name } } };
    }
  }
}

function withMedium(vm: VmManifest, medium: IsoMedium, least: string | undefined): VmManifest {
  if (medium.kind === 'other') return vm;
  const drive = installationMedium(vm);
  const before = rootDisk(vm);
  const rootSource: BootSource = { kind: 'template', from: { kind: 'blank' } };
  const isReady = before !== undefined && isEmptyDisk(before);
  const size = sizeOf(before?.template) || DEFAULT_ISO_ROOT_SIZE;
  const rooted = isReady ? vm : withRoot(vm, before, rootSource, size);
  const root = rootDisk(rooted);
  // The empty disk comes first: it starts nothing until the system is on it, and then the medium is not asked again.
  const ordered = root?.disk
    ? withDisk(rooted, { ...root, disk: withValueAt(root.disk, ['bootOrder'], bootOrderOf(root.disk) ?? 1) })
    : rooted;
  const name = drive?.name ?? freeDiskName(ordered, MEDIUM);
  const first = bootOrderOf(rootDisk(ordered)?.disk) ?? 1;
  const disk = drive?.disk ?? { name, cdrom: { bus: 'sata' }, bootOrder: nextOrder(ordered, first) };
  const isoSize = atLeast(sizeOf(drive?.template) || DEFAULT_ISO_SIZE, least);
  const source: Exclude<BootSource, { kind: 'iso' | 'other' | 'none' }> =
    medium.kind === 'http' || medium.kind === 'registry'
      ? { kind: 'template', from: medium }
      : medium.kind === 'containerDisk'
        ? medium
        : { kind: 'volume', type: medium.type, name: medium.name };
  return withDisk(ordered, { name, disk, ...filled(ordered, name, drive, source, isoSize) });
}

/** The VM without what `withMedium` put there beside the root disk. */
function withoutMedium(vm: VmManifest): VmManifest {
  const drive = installationMedium(vm);
  if (!drive) return vm;
  const bare = withoutDisk(vm, drive.name);
  const root = rootDisk(bare);
  const others = diskEntries(bare).filter(({ disk }) => bootOrderOf(disk) !== undefined);
  if (!root?.disk || others.length !== 1 || others[0]?.name !== root.name) return bare;
  return withDisk(bare, { ...root, disk: withValueAt(root.disk, ['bootOrder'], undefined) });
}

/** Above every order that is taken; disks and interfaces share them. */
function nextOrder(vm: VmManifest, least: number): number {
  const devices = valueAt(vm, ['spec', 'template', 'spec', 'domain', 'devices']);
  const lists = isJsonObject(devices) ? [devices.disks, devices.interfaces] : [];
  const taken = lists
    .flatMap((list) => (Array.isArray(list) ? list : []))
    .flatMap((each: unknown) => (isJsonObject(each) ? [bootOrderOf(each) ?? 0] : []));
  return Math.max(least, ...taken) + 1;
}

/** A disk whose bus is the preference's business where there is one; virtio otherwise. */
function newDisk(vm: VmManifest, name: string): JsonObject {
  const hasPreference = isJsonObject(valueAt(vm, ['spec', 'preference']));
  return { name, disk: hasPreference ? {} : { bus: 'virtio' } };
}

/** A new root disk stands before the others: without boot orders the guest starts from the first. */
function withFirst(vm: VmManifest, entry: DiskEntry): VmManifest {
  const added = withDisk(vm, entry);
  const path = ['spec', 'template', 'spec', 'domain', 'devices', 'disks'];
  const disks = valueAt(added, path);
  if (!Array.isArray(disks)) return added;
  return withValueAt(added, path, [disks.at(-1), ...disks.slice(0, -1)]);
}
