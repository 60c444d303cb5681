import { isJsonObject, type JsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { DEVICES, type Field, GUEST, type VmManifest } from './field';

/** What a volume can be, as the API spells it (Volume of kubevirt.io/v1). */
export const VOLUME_KINDS = [
  'dataVolume',
  'persistentVolumeClaim',
  'containerDisk',
  'ephemeral',
  'emptyDisk',
  'hostDisk',
  'configMap',
  'secret',
  'serviceAccount',
  'downwardAPI',
  'downwardMetrics',
  'memoryDump',
  'cloudInitNoCloud',
  'cloudInitConfigDrive',
  'sysprep',
  'containerPath',
] as const;

export type VolumeKind = (typeof VOLUME_KINDS)[number];

/** How the guest sees a disk; empty for a volume that no disk shows (a file system, or one kept for later). */
export type DiskDevice = 'disk' | 'cdrom' | 'lun' | '';

export const DISKS = [...DEVICES, 'disks'] as const;
export const VOLUMES = [...GUEST, 'volumes'] as const;
export const TEMPLATES = ['spec', 'dataVolumeTemplates'] as const;

/** One disk with the volume behind it and the DataVolume that is made for it, each as the manifest has it. */
export interface DiskEntry {
  name: string;
  /** Missing for a volume without a disk. */
  disk?: JsonObject | undefined;
  /** Missing for an empty CD-ROM drive, or where the manifest is wrong. */
  volume?: JsonObject | undefined;
  /** The entry of `spec.dataVolumeTemplates` that the volume names. */
  template?: JsonObject | undefined;
}

/** All disks in their order, then the volumes that have none; of equal names the first. */
export function diskEntries(vm: VmManifest): DiskEntry[] {
  const disks = namedAt(vm, DISKS);
  const volumes = namedAt(vm, VOLUMES);
  const templates = templatesByName(vm);
  const names = [...disks.keys(), ...[...volumes.keys()].filter((name) => !disks.has(name))];
  return names.map((name) => {
    const volume = volumes.get(name);
    const template = templates.get(claimOf(volume));
    const disk = disks.get(name);
    return {
      name,
      ...(disk ? { disk } : {}),
      ...(volume ? { volume } : {}),
      ...(template ? { template } : {}),
    };
  });
}

export function diskEntry(vm: VmManifest, name: string): DiskEntry | undefined {
  return diskEntries(vm).find((entry) => entry.name === name);
}

/** The place of a disk in the list, as the server counts in its answers; -1 for a volume without a disk. */
export function diskIndex(vm: VmManifest, name: string): number {
  return indexNamed(rawList(vm, DISKS), name);
}

/** The kind of a volume: what it has besides its name. Empty when it has nothing. */
export function volumeKind(volume: JsonObject | undefined): string {
  const keys = Object.keys(volume ?? {}).filter((key) => key !== 'name');
  return VOLUME_KINDS.find((kind) => keys.includes(kind)) ?? keys[0] ?? '';
}

/** The claim behind a volume; a DataVolume's claim has its name. */
export function claimOf(volume: JsonObject | undefined): string {
  return (
    wordAt(volume, ['dataVolume', 'name']) ||
    wordAt(volume, ['persistentVolumeClaim', 'claimName']) ||
    wordAt(volume, ['ephemeral', 'persistentVolumeClaim', 'claimName'])
  );
}

export function deviceOf(disk: JsonObject | undefined): DiskDevice {
  if (!disk) return '';
  // A disk that says nothing is a plain one.
  return (['cdrom', 'lun'] as const).find((device) => device in disk) ?? 'disk';
}

export function busOf(disk: JsonObject | undefined): string {
  const device = deviceOf(disk);
  return device === '' ? '' : wordAt(disk, [device, 'bus']);
}

export function bootOrderOf(device: JsonObject | undefined): number | undefined {
  const order = device?.bootOrder;
  return typeof order === 'number' ? order : undefined;
}

/** Whether a volume's content exists only for the guest's setup or inside another view, so that nothing boots from it. */
export function isBootable(volume: JsonObject | undefined): boolean {
  return [
    'dataVolume',
    'persistentVolumeClaim',
    'containerDisk',
    'ephemeral',
    'hostDisk',
    'emptyDisk',
  ].includes(volumeKind(volume));
}

/**
 * The VM with the entry in the place of the one called `name` (its own name unless it is renamed), or behind the others
 * when there is none. What an entry lacks is taken out; a DataVolume that something else still uses stays.
 */
export function withDisk(vm: VmManifest, entry: DiskEntry, name = entry.name): VmManifest {
  const before = diskEntry(vm, name);
  const withVolume = replaceNamed(vm, VOLUMES, name, entry.volume);
  const withDevice = replaceNamed(withVolume, DISKS, name, entry.disk);
  return replaceTemplate(withDevice, templateName(before?.template), entry.template);
}

/** The VM without a disk, its volume, and the DataVolume of the VM that nothing else uses then. */
export function withoutDisk(vm: VmManifest, name: string): VmManifest {
  return withDisk(vm, { name });
}

/** The same disk in another place of the list. Without boot orders the guest starts from the first one. */
export function moveDisk(vm: VmManifest, name: string, step: -1 | 1): VmManifest {
  const list = rawList(vm, DISKS);
  const from = indexNamed(list, name);
  const to = from + step;
  if (from < 0 || to < 0 || to >= list.length) return vm;
  const moved = [...list];
  const [disk] = moved.splice(from, 1);
  moved.splice(to, 0, disk);
  return withValueAt(vm, DISKS, moved);
}

/** A name that no disk and no volume has: `disk`, `disk-2`, … */
export function freeDiskName(vm: VmManifest, wanted: string): string {
  const taken = new Set(diskEntries(vm).map(({ name }) => name));
  return freeName(wanted, taken);
}

/** A name for a DataVolume of this VM: `<vm>-<disk>`, at most 63 characters, unlike those that it has. */
export function freeTemplateName(vm: VmManifest, disk: string): string {
  const name = wordAt(vm, ['metadata', 'name']) || 'vm';
  const base = `${name}-${disk}`.slice(0, 60).replace(/[-.]+$/, '');
  return freeName(base, new Set(templatesByName(vm).keys()));
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}

export function templateName(template: JsonObject | undefined): string {
  return wordAt(template, ['metadata', 'name']);
}

/** All disks as one value: what the property test and several disks at once read and write. */
export const disksField: Field<readonly DiskEntry[]> = {
  id: 'disks',
  paths: [DISKS.join('.'), VOLUMES.join('.'), TEMPLATES.join('.')],
  read: diskEntries,
  write: (vm, entries) => {
    const kept = new Set(entries.map(({ name }) => name));
    const gone = diskEntries(vm).filter(({ name }) => !kept.has(name));
    const left = gone.reduce((before, { name }) => withoutDisk(before, name), vm);
    return entries.reduce((before, entry) => withDisk(before, entry), left);
  },
};

type ListPath = typeof DISKS | typeof VOLUMES | typeof TEMPLATES;

/** The list as it stands, with what is no mapping in it. */
function rawList(vm: VmManifest, path: ListPath): unknown[] {
  const list = valueAt(vm, path);
  return Array.isArray(list) ? list : [];
}

function namedAt(vm: VmManifest, path: ListPath): Map<string, JsonObject> {
  const named = new Map<string, JsonObject>();
  for (const each of rawList(vm, path)) {
    const name = wordAt(each, ['name']);
    if (isJsonObject(each) && name && !named.has(name)) named.set(name, each);
  }
  return named;
}

function templatesByName(vm: VmManifest): Map<string, JsonObject> {
  const named = new Map<string, JsonObject>();
  for (const each of rawList(vm, TEMPLATES)) {
    if (!isJsonObject(each)) continue;
    const name = templateName(each);
    if (name && !named.has(name)) named.set(name, each);
  }
  return named;
}

function indexNamed(list: readonly unknown[], name: string): number {
  return list.findIndex((each) => isJsonObject(each) && each.name === name);
}

function replaceNamed(
  vm: VmManifest,
  path: ListPath,
  name: string,
  next: JsonObject | undefined,
): VmManifest {
  const list = rawList(vm, path);
  return replaceIn(vm, path, list, indexNamed(list, name), next);
}

function replaceTemplate(vm: VmManifest, before: string, next: JsonObject | undefined): VmManifest {
  const list = rawList(vm, TEMPLATES);
  const index = list.findIndex(
    (each) => isJsonObject(each) && before !== '' && templateName(each) === before,
  );
  const isUsed = rawList(vm, VOLUMES).some((volume) => isJsonObject(volume) && claimOf(volume) === before);
  if (isUsed && templateName(next) !== before) {
    // Another volume still names it: it stays, and the new one comes beside it.
    return next ? replaceIn(vm, TEMPLATES, list, -1, next) : vm;
  }
  return replaceIn(vm, TEMPLATES, list, index, next);
}

function replaceIn(
  vm: VmManifest,
  path: ListPath,
  list: readonly unknown[],
  index: number,
  next: JsonObject | undefined,
): VmManifest {
  if (next === undefined && index < 0) return vm;
  if (next !== undefined && list[index] === next) return vm;
  const changed = [...list];
  if (next === undefined) changed.splice(index, 1);
  else if (index < 0) changed.push(next);
  else changed[index] = next;
  return withValueAt(vm, path, changed.length === 0 ? undefined : changed);
}
