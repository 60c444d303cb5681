import { isJsonObject, type JsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import {
  busOf,
  type DiskDevice,
  type DiskEntry,
  deviceOf,
  freeDiskName,
  freeTemplateName,
  templateName,
  volumeKind,
} from './disk-entries';
import type { VmManifest } from './field';
import { newTemplate, sizeOf, sourceOf, type VolumeSource, withSource } from './volume-template';
import { isHotpluggable } from './volumes-apply';

/** Where a disk's content comes from, as one chooses it. */
export const DISK_SOURCES = [
  // New volumes of the VM.
  'blank',
  'dataSource',
  'http',
  'registry',
  'pvc',
  'snapshot',
  // What exists.
  'existing',
  'containerDisk',
  'ephemeral',
  'configMap',
  'secret',
  'serviceAccount',
  // What the machine makes.
  'emptyDisk',
  'hostDisk',
  'downwardAPI',
  'downwardMetrics',
  'containerPath',
  /** An empty drive. */
  'none',
] as const;

export type DiskSource = (typeof DISK_SOURCES)[number];

/** What another section edits, or nobody: shown and kept. */
export const KEPT_KINDS = ['cloudInitNoCloud', 'cloudInitConfigDrive', 'sysprep', 'memoryDump'] as const;

const TEMPLATE_SOURCES = ['blank', 'dataSource', 'http', 'registry', 'pvc', 'snapshot'] as const;
/** Volumes that are file systems for the guest, never disks. */
const WITHOUT_DISK: readonly DiskSource[] = ['containerPath'];
export const DEFAULT_DATA_SIZE = '10Gi';

export const BUSES = ['virtio', 'scsi', 'sata', 'usb'] as const;
export const CACHES = ['none', 'writethrough', 'writeback'] as const;
export const IO_MODES = ['native', 'threads'] as const;
export const ERROR_POLICIES = ['stop', 'ignore', 'report', 'enospace'] as const;

/** The source of an entry; undefined for what is only kept. */
export function diskSource({ disk, volume, template }: DiskEntry): DiskSource | undefined {
  const kind = volumeKind(volume);
  if (kind === '') return deviceOf(disk) === 'cdrom' ? 'none' : undefined;
  if (template) {
    const from = sourceOf(template)?.kind;
    return TEMPLATE_SOURCES.find((each) => each === from);
  }
  if (kind === 'dataVolume' || kind === 'persistentVolumeClaim') return 'existing';
  return DISK_SOURCES.find((each) => each === kind);
}

const EMPTY_VOLUMES: Partial<Record<DiskSource, JsonObject>> = {
  existing: { persistentVolumeClaim: { claimName: '' } },
  containerDisk: { containerDisk: { image: '' } },
  ephemeral: { ephemeral: { persistentVolumeClaim: { claimName: '' } } },
  configMap: { configMap: { name: '' } },
  secret: { secret: { secretName: '' } },
  serviceAccount: { serviceAccount: { serviceAccountName: '' } },
  emptyDisk: { emptyDisk: { capacity: DEFAULT_DATA_SIZE } },
  hostDisk: { hostDisk: { path: '', type: 'DiskOrCreate', capacity: DEFAULT_DATA_SIZE } },
  downwardAPI: { downwardAPI: { fields: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
  downwardMetrics: { downwardMetrics: {} },
  containerPath: { containerPath: { path: '' } },
};

function emptySource(source: (typeof TEMPLATE_SOURCES)[number], namespace: string): VolumeSource {
  switch (source) {
    case 'blank':
      return { kind: 'blank' };
    case 'http':
    case 'registry':
      return { kind: source, url: '' };
    default:
      return { kind: source, namespace, name: '' };
  }
}

/** The entry with another source, empty as yet. Name, device and order stay. */
export function withDiskSource(
  vm: VmManifest,
  entry: DiskEntry,
  source: DiskSource,
  { namespace, isHot }: { namespace: string; isHot: boolean },
): DiskEntry {
  if (source === diskSource(entry)) return entry;
  const { name } = entry;
  const disk = WITHOUT_DISK.includes(source) ? undefined : (entry.disk ?? { name, disk: { bus: 'virtio' } });
  if (source === 'none') return { name, disk: withDevice(disk ?? { name }, 'cdrom') };
  const from = TEMPLATE_SOURCES.find((each) => each === source);
  if (!from) return withHotplug({ name, disk, volume: { name, ...EMPTY_VOLUMES[source] } }, isHot);
  const empty = emptySource(from, namespace);
  const template = entry.template
    ? withSource(entry.template, empty)
    : newTemplate(freeTemplateName(vm, name), empty, DEFAULT_DATA_SIZE);
  const volume = entry.template ? entry.volume : { name, dataVolume: { name: templateName(template) } };
  return withHotplug({ name, disk, volume, template }, isHot);
}

/** A new data disk: an empty volume on virtio, attached to a running guest where there is one. */
export function newDataDisk(vm: VmManifest, isHot: boolean): DiskEntry {
  const name = freeDiskName(vm, 'disk');
  const template = newTemplate(freeTemplateName(vm, name), { kind: 'blank' }, DEFAULT_DATA_SIZE);
  return withHotplug(
    {
      name,
      // KubeVirt's own tools attach to a running guest by scsi; virtio takes a PCI slot for each disk.
      disk: { name, disk: { bus: isHot ? 'scsi' : 'virtio' } },
      volume: { name, dataVolume: { name: templateName(template) } },
      template,
    },
    isHot,
  );
}

/** A CD-ROM drive with nothing in it. */
export function newDrive(vm: VmManifest): DiskEntry {
  const name = freeDiskName(vm, 'cdrom');
  return { name, disk: { name, cdrom: { bus: 'sata' } } };
}

/** The disk as another kind of device; its bus stays where the kind has it. */
export function withDevice(disk: JsonObject, device: Exclude<DiskDevice, ''>): JsonObject {
  const before = deviceOf(disk);
  if (before === device && before in disk) return disk;
  const { disk: _disk, cdrom: _cdrom, lun: _lun, ...rest } = disk;
  const bus = wordAt(disk, [before, 'bus']);
  const fits = device === 'cdrom' ? bus !== 'virtio' : true;
  return { ...rest, [device]: fits ? (bus ? { bus } : {}) : { bus: 'sata' } };
}

export function withBus(disk: JsonObject, bus: string): JsonObject {
  const device = deviceOf(disk);
  const target = valueAt(disk, [device]);
  const { bus: _, ...rest } = isJsonObject(target) ? target : {};
  return busOf(disk) === bus ? disk : { ...disk, [device]: { ...rest, ...(bus ? { bus } : {}) } };
}

/** Only the volumes of claims come and go with a running guest; others stay as they are. */
export function withHotplug(entry: DiskEntry, isHot: boolean): DiskEntry {
  const { volume } = entry;
  const kind = volumeKind(volume);
  if (
    !volume ||
    !(kind === 'dataVolume' || kind === 'persistentVolumeClaim') ||
    isHotpluggable(volume) === isHot
  )
    return entry;
  return { ...entry, volume: withValueAt(volume, [kind, 'hotpluggable'], isHot || undefined) };
}

/** The entry under another name, in the disk and in the volume. */
export function withDiskName(entry: DiskEntry, name: string): DiskEntry {
  return {
    ...entry,
    name,
    ...(entry.disk ? { disk: { ...entry.disk, name } } : {}),
    ...(entry.volume ? { volume: { ...entry.volume, name } } : {}),
  };
}

/** What KubeVirt would refuse of a disk's bus (validation of disks, of hot-plugged volumes). */
export function busProblem(entry: DiskEntry): Text | undefined {
  const bus = busOf(entry.disk);
  if (bus === 'ide') return text('disks.problem.ide');
  if (deviceOf(entry.disk) === 'cdrom' && bus === 'virtio') return text('disks.problem.cdromVirtio');
  const isEmptyDrive = entry.volume === undefined;
  if (
    !isEmptyDrive &&
    isHotpluggable(entry.volume) &&
    deviceOf(entry.disk) !== 'cdrom' &&
    !['virtio', 'scsi'].includes(bus)
  )
    return text('disks.problem.hotplugBus');
  return undefined;
}

/** What of a volume is still to be said: what it names, in the words of the kind. */
export function sourceProblem(entry: DiskEntry): Text | undefined {
  const { volume, template } = entry;
  const missing = (value: string) => (value ? undefined : text('disks.problem.unnamed'));
  const from = sourceOf(template);
  if (template && from) {
    if (from.kind === 'http' || from.kind === 'registry') return missing(from.url);
    if (from.kind === 'pvc' || from.kind === 'snapshot' || from.kind === 'dataSource')
      return missing(from.name);
    return sizeOf(template) || template.spec === undefined ? undefined : text('disks.problem.noSize');
  }
  switch (volumeKind(volume)) {
    case 'persistentVolumeClaim':
      return missing(wordAt(volume, ['persistentVolumeClaim', 'claimName']));
    case 'dataVolume':
      return missing(wordAt(volume, ['dataVolume', 'name']));
    case 'containerDisk':
      return missing(wordAt(volume, ['containerDisk', 'image']));
    case 'hostDisk':
      return missing(wordAt(volume, ['hostDisk', 'path']));
    case '':
      return deviceOf(entry.disk) === 'cdrom' ? undefined : text('disks.problem.noVolume');
    default:
      return undefined;
  }
}
