import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { DEVICES, GUEST, type VmDraft, type VmManifest } from '../field';
import { listAt } from './cloud-init';
import {
  freeName,
  nameOf,
  newSecret,
  SECRET_OF_VM,
  secretIn,
  secretValue,
  withOther,
  withSecretValue,
} from './secret-document';

const VOLUMES = [...GUEST, 'volumes'] as const;
const DISKS = [...DEVICES, 'disks'] as const;

/** The names that KubeVirt looks for, in any case (pkg/config/sysprep.go); the first is for installing from a DVD. */
export const ANSWER_FILES = ['autounattend.xml', 'unattend.xml'] as const;
export type AnswerFile = (typeof ANSWER_FILES)[number];

/** Where a VM's answer file comes from. */
export interface Sysprep {
  kind: 'configMap' | 'secret';
  name: string;
  /** Its text, for an object that is made with the VM. */
  content: string | undefined;
  file: AnswerFile;
}

interface Found {
  index: number;
  name: string;
}

function find(vm: VmManifest): Found | undefined {
  const index = listAt(vm, VOLUMES).findIndex(
    (volume) => isJsonObject(volume) && volume.sysprep !== undefined,
  );
  return index < 0 ? undefined : { index, name: wordAt(vm, [...VOLUMES, index, 'name']) };
}

export function sysprepOf(draft: VmDraft): Sysprep | undefined {
  const found = find(draft.vm);
  if (!found) return undefined;
  const source = valueAt(draft.vm, [...VOLUMES, found.index, 'sysprep']);
  const kind = isJsonObject(source) && isJsonObject(source.secret) ? 'secret' : 'configMap';
  const name = wordAt(source, [kind, 'name']);
  const object = objectOf(draft, kind, name);
  const value = (file: string) => (object ? secretValue(asSecret(object, kind), file) : undefined);
  const file = ANSWER_FILES.find((each) => value(each) !== undefined) ?? ANSWER_FILES[0];
  return { kind, name, content: value(file), file };
}

function objectOf(draft: VmDraft, kind: Sysprep['kind'], name: string): JsonObject | undefined {
  if (kind === 'secret') return secretIn(draft, name);
  return draft.others.find((object) => object.kind === 'ConfigMap' && nameOf(object) === name);
}

/** The data of a ConfigMap are plain, as a Secret's `stringData` are. */
function asSecret(object: JsonObject, kind: Sysprep['kind']): JsonObject {
  return kind === 'secret' ? object : { stringData: object.data };
}

/** Gives a VM a sysprep volume and its CD-ROM drive, if it has none; from an object of the cluster by its name. */
export function withSysprep(draft: VmDraft, kind: Sysprep['kind'], name: string): VmDraft {
  const source = { [kind]: { name } };
  const found = find(draft.vm);
  if (found) {
    const made = { ...draft, vm: withValueAt(draft.vm, [...VOLUMES, found.index, 'sysprep'], source) };
    const before = sysprepOf(draft);
    return before && before.name !== name ? dropObject(made, before) : made;
  }
  const taken = freeDiskName(draft.vm, 'sysprep');
  return {
    ...draft,
    vm: withDrive(draft.vm, { name: taken, sysprep: source }),
  };
}

/** An answer file that is made with the VM: it holds passwords, so in a Secret. */
export function withAnswerFile(draft: VmDraft, content: string, file: AnswerFile): VmDraft {
  const before = sysprepOf(draft);
  const object = before && objectOf(draft, before.kind, before.name);
  if (before && object) {
    const removed = before.file === file ? undefined : before.file;
    return withOther(
      draft,
      object,
      withFile(withFile(object, before.kind, removed, undefined), before.kind, file, content),
    );
  }
  const name = freeName(draft, 'Secret', 'sysprep');
  const made = withSysprep(draft, 'secret', name);
  return { ...made, others: [newSecret(draft, name, { [file]: content }), ...made.others] };
}

function withFile(
  object: JsonObject,
  kind: Sysprep['kind'],
  file: AnswerFile | undefined,
  content: string | undefined,
): JsonObject {
  if (file === undefined) return object;
  if (kind === 'secret') return withSecretValue(object, file, content);
  const { stringData } = withSecretValue({ stringData: object.data }, file, content);
  return { ...object, data: stringData ?? {} };
}

/** Removes the volume, its drive, and the object that the draft would have made for it. */
export function withoutSysprep(draft: VmDraft): VmDraft {
  const found = find(draft.vm);
  const before = sysprepOf(draft);
  if (!found || !before) return draft;
  return dropObject({ ...draft, vm: withoutDrive(draft.vm, found) }, before);
}

/** Takes the object away that was made for this VM alone. */
function dropObject(draft: VmDraft, { kind, name }: Sysprep): VmDraft {
  const object = objectOf(draft, kind, name);
  const isOwn = object && valueAt(object, ['metadata', 'labels', SECRET_OF_VM]) !== undefined;
  return isOwn ? withOther(draft, object, undefined) : draft;
}

function withDrive(vm: VmManifest, volume: JsonObject): VmManifest {
  const withVolume = withValueAt(vm, VOLUMES, [...listAt(vm, VOLUMES), volume]);
  const drive = { name: volume.name, cdrom: { bus: 'sata' } };
  return withValueAt(withVolume, DISKS, [...listAt(vm, DISKS), drive]);
}

function withoutDrive(vm: VmManifest, { index, name }: Found): VmManifest {
  const volumes = listAt(vm, VOLUMES).filter((_, at) => at !== index);
  const disks = listAt(vm, DISKS).filter((disk) => wordAt(disk, ['name']) !== name);
  return withValueAt(withValueAt(vm, VOLUMES, volumes), DISKS, disks);
}

function freeDiskName(vm: VmManifest, base: string): string {
  const taken = new Set(
    [...listAt(vm, VOLUMES), ...listAt(vm, DISKS)].map((entry) => wordAt(entry, ['name'])),
  );
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  return name;
}

/** KubeVirt's own image of the VirtIO drivers for Windows; each release has one of its own. */
const DRIVERS = 'virtio-container-disk';

/** The image of the VirtIO drivers that goes with a cluster's KubeVirt (`v1.9.0`; empty when unknown). */
export function driversImage(version: string): string {
  return `quay.io/kubevirt/${DRIVERS}:${/^v\d+\.\d+\.\d+$/.test(version) ? version : 'latest'}`;
}

/** The image of the drivers' CD-ROM that a VM has; empty when it has none. */
export function driversOf(vm: VmManifest): string {
  const images = mappingsAt(vm, VOLUMES).map((volume) => wordAt(volume, ['containerDisk', 'image']));
  return images.find((image) => image.includes(DRIVERS)) ?? '';
}

export function withDrivers(vm: VmManifest, image: string): VmManifest {
  if (driversOf(vm)) return vm;
  return withDrive(vm, { name: freeDiskName(vm, 'virtio-drivers'), containerDisk: { image } });
}

export function withoutDrivers(vm: VmManifest): VmManifest {
  const image = driversOf(vm);
  const index = listAt(vm, VOLUMES).findIndex(
    (volume) => wordAt(volume, ['containerDisk', 'image']) === image,
  );
  if (!image) return vm;
  return withoutDrive(vm, { index, name: wordAt(vm, [...VOLUMES, index, 'name']) });
}
