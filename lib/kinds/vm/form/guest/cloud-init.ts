import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { DEVICES, GUEST, type VmDraft, type VmManifest } from '../field';
import {
  decodeBase64,
  encodeBase64,
  freeName,
  nameOf,
  newSecret,
  secretIn,
  secretSize,
  secretValue,
  withOther,
  withSecretValue,
} from './secret-document';

/** Where KubeVirt puts cloud-init's texts: a disk with the label `cidata`, or one with `config-2`. */
export const CLOUD_INIT_SOURCES = ['cloudInitNoCloud', 'cloudInitConfigDrive'] as const;
export type CloudInitSource = (typeof CLOUD_INIT_SOURCES)[number];

/** The texts that a cloud-init volume has. */
export type GuestPart = 'userData' | 'networkData';

/** KubeVirt refuses more in the VM itself (pkg/virt-api, `exceeds 2048 byte limit`); a Secret takes 1 MiB. */
export const INLINE_MAX_BYTES = 2048;

const SECRET_REF = { userData: 'secretRef', networkData: 'networkDataSecretRef' } as const;
const SECRET_KEY = { userData: 'userdata', networkData: 'networkdata' } as const;

/** How a text stands in the VM. */
export type GuestPlace =
  | { form: 'none' }
  | { form: 'plain' }
  | { form: 'base64' }
  | { form: 'secret'; name: string; isNew: boolean };

export interface GuestText {
  place: GuestPlace;
  /** Undefined when it cannot be shown: a Secret of the cluster, or bytes that are no text. */
  content: string | undefined;
}

interface CloudInit {
  /** Of the volume and its disk. */
  name: string;
  source: CloudInitSource;
  /** Its place among `spec.template.spec.volumes`. */
  index: number;
}

/** The first cloud-init volume of a VM; cloud-init itself reads one alone. */
export function findCloudInit(vm: VmManifest): CloudInit | undefined {
  const volumes = valueAt(vm, [...GUEST, 'volumes']);
  if (!Array.isArray(volumes)) return undefined;
  for (const [index, volume] of volumes.entries()) {
    const source = CLOUD_INIT_SOURCES.find((each) => isJsonObject(volume) && isJsonObject(volume[each]));
    if (source) return { name: wordAt(volume, ['name']), source, index };
  }
  return undefined;
}

function pathOf({ index, source }: CloudInit): (string | number)[] {
  return [...GUEST, 'volumes', index, source];
}

/** One of cloud-init's texts, wherever it stands. */
export function guestText(draft: VmDraft, part: GuestPart): GuestText {
  const found = findCloudInit(draft.vm);
  const source = found && valueAt(draft.vm, pathOf(found));
  if (!isJsonObject(source)) return { place: { form: 'none' }, content: undefined };
  const plain = source[part];
  if (typeof plain === 'string') return { place: { form: 'plain' }, content: plain };
  const encoded = source[`${part}Base64`];
  if (typeof encoded === 'string') return { place: { form: 'base64' }, content: decodeBase64(encoded) };
  const name = wordAt(source, [SECRET_REF[part], 'name']);
  if (!name) return { place: { form: 'none' }, content: undefined };
  const secret = secretIn(draft, name);
  return {
    place: { form: 'secret', name, isNew: secret !== undefined },
    content: secret && secretValue(secret, SECRET_KEY[part]),
  };
}

/** Writes one of the texts in the form in which it stands; makes the volume where there is none. Undefined removes it. */
export function withGuestText(draft: VmDraft, part: GuestPart, content: string | undefined): VmDraft {
  const { place, content: before } = guestText(draft, part);
  if (content === before) return draft;
  if (place.form === 'secret') {
    const secret = secretIn(draft, place.name);
    // A Secret of the cluster is not this form's to change.
    if (!secret) return draft;
    const changed = withOther(draft, secret, withSecretValue(secret, SECRET_KEY[part], content));
    return content === undefined
      ? withoutEmpty(withReference(changed, part, undefined), place.name)
      : changed;
  }
  const ready = withCloudInit(draft);
  const found = findCloudInit(ready.vm);
  if (!found) return draft;
  const field = place.form === 'base64' ? `${part}Base64` : part;
  const value = content !== undefined && place.form === 'base64' ? encodeBase64(content) : content;
  return withEntry(ready, found, field, value);
}

/** Sets or removes an entry of cloud-init's volume, which stays one of its kind even with nothing in it. */
function withEntry(draft: VmDraft, found: CloudInit, field: string, value: unknown): VmDraft {
  const before = valueAt(draft.vm, pathOf(found));
  const source = isJsonObject(before) ? { ...before } : {};
  if (value === undefined) delete source[field];
  else source[field] = value;
  return { ...draft, vm: withValueAt(draft.vm, pathOf(found), source) };
}

/** Gives a VM a cloud-init volume and its disk, if it has none. */
export function withCloudInit(draft: VmDraft, source: CloudInitSource = 'cloudInitNoCloud'): VmDraft {
  if (findCloudInit(draft.vm)) return draft;
  const volumes = listAt(draft.vm, [...GUEST, 'volumes']);
  const disks = listAt(draft.vm, [...DEVICES, 'disks']);
  const taken = new Set([...volumes, ...disks].map((entry) => wordAt(entry, ['name'])));
  let name = 'cloudinitdisk';
  for (let number = 2; taken.has(name); number += 1) name = `cloudinitdisk-${number}`;
  const withVolume = withValueAt(draft.vm, [...GUEST, 'volumes'], [...volumes, { name, [source]: {} }]);
  const disk = { name, disk: { bus: 'virtio' } };
  return { ...draft, vm: withValueAt(withVolume, [...DEVICES, 'disks'], [...disks, disk]) };
}

/** Removes cloud-init's volume, its disk, and the Secrets that the draft would have made for them. */
export function withoutCloudInit(draft: VmDraft): VmDraft {
  const bare = (['userData', 'networkData'] as const).reduce(
    (each, part) => withGuestText(each, part, undefined),
    draft,
  );
  const found = findCloudInit(bare.vm);
  if (!found) return bare;
  const volumes = listAt(bare.vm, [...GUEST, 'volumes']).filter((_, index) => index !== found.index);
  const disks = listAt(bare.vm, [...DEVICES, 'disks']).filter(
    (disk) => wordAt(disk, ['name']) !== found.name,
  );
  const withoutVolume = withValueAt(bare.vm, [...GUEST, 'volumes'], volumes);
  return { ...bare, vm: withValueAt(withoutVolume, [...DEVICES, 'disks'], disks) };
}

/** NoCloud or config drive; all that the volume says goes with it. */
export function withCloudInitSource(draft: VmDraft, source: CloudInitSource): VmDraft {
  const found = findCloudInit(draft.vm);
  if (!found || found.source === source) return draft;
  const path = [...GUEST, 'volumes', found.index];
  const volume = valueAt(draft.vm, path);
  if (!isJsonObject(volume)) return draft;
  const renamed = Object.fromEntries(
    Object.entries(volume).map(([key, value]) => [key === found.source ? source : key, value]),
  );
  return { ...draft, vm: withValueAt(draft.vm, path, renamed) };
}

/** Moves a text out of the VM into a Secret that is made with it; both texts share one. */
export function movedToSecret(draft: VmDraft, part: GuestPart): VmDraft {
  const { place, content } = guestText(draft, part);
  if (place.form === 'secret' || content === undefined) return draft;
  const found = findCloudInit(draft.vm);
  if (!found) return draft;
  const bare = withGuestText(draft, part, undefined);
  const other = guestText(bare, part === 'userData' ? 'networkData' : 'userData').place;
  const shared = other.form === 'secret' && other.isNew ? secretIn(bare, other.name) : undefined;
  const name = shared ? nameOf(shared) : freeName(bare, 'Secret', 'cloudinit');
  const filled = shared
    ? withOther(bare, shared, withSecretValue(shared, SECRET_KEY[part], content))
    : { ...bare, others: [newSecret(bare, name, { [SECRET_KEY[part]]: content }), ...bare.others] };
  return withReference(filled, part, name);
}

/** Moves a text from a Secret of the draft into the VM itself. */
export function movedInline(draft: VmDraft, part: GuestPart): VmDraft {
  const { place, content } = guestText(draft, part);
  if (place.form !== 'secret' || content === undefined) return draft;
  return withGuestText(withGuestText(draft, part, undefined), part, content);
}

/** Takes a text from a Secret that is in the cluster; what stood there goes. An empty name takes the reference away. */
export function withExistingSecret(draft: VmDraft, part: GuestPart, name: string): VmDraft {
  const ready = withCloudInit(draft);
  const { place } = guestText(ready, part);
  if (place.form === 'secret' && !place.isNew) return withReference(ready, part, name || undefined);
  return withReference(withGuestText(ready, part, undefined), part, name || undefined);
}

function withReference(draft: VmDraft, part: GuestPart, name: string | undefined): VmDraft {
  const found = findCloudInit(draft.vm);
  if (!found) return draft;
  return withEntry(draft, found, SECRET_REF[part], name === undefined ? undefined : { name });
}

/** The draft without a Secret of its own that has nothing to say any more and that the VM doesn't name. */
function withoutEmpty(draft: VmDraft, name: string): VmDraft {
  const secret = secretIn(draft, name);
  if (!secret || secretSize(secret) > 0 || isNamed(draft.vm, name)) return draft;
  return withOther(draft, secret, undefined);
}

/** Whether a VM takes something from the Secret of this name. */
export function isNamed(vm: VmManifest, secret: string): boolean {
  const volumes = mappingsAt(vm, [...GUEST, 'volumes']);
  const credentials = mappingsAt(vm, [...GUEST, 'accessCredentials']);
  return (
    volumes.some(
      (volume) =>
        CLOUD_INIT_SOURCES.some((source) =>
          Object.values(SECRET_REF).some(
            (reference) => wordAt(volume, [source, reference, 'name']) === secret,
          ),
        ) ||
        wordAt(volume, ['secret', 'secretName']) === secret ||
        wordAt(volume, ['sysprep', 'secret', 'name']) === secret,
    ) ||
    credentials.some((credential) =>
      ['sshPublicKey', 'userPassword'].some(
        (kind) => wordAt(credential, [kind, 'source', 'secret', 'secretName']) === secret,
      ),
    )
  );
}

/** How many bytes of a text stand in the VM itself, where KubeVirt allows `INLINE_MAX_BYTES`. */
export function inlineBytes(draft: VmDraft, part: GuestPart): number {
  const { place, content } = guestText(draft, part);
  if ((place.form !== 'plain' && place.form !== 'base64') || content === undefined) return 0;
  return new TextEncoder().encode(content).length;
}

/** A list as it stands, whatever is in it. */
export function listAt(root: JsonObject, path: readonly (string | number)[]): unknown[] {
  const value = valueAt(root, path);
  return Array.isArray(value) ? value : [];
}
