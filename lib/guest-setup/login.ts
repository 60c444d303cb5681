import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { GUEST, type VmDraft, type VmManifest } from '@/lib/kinds/vm/form/field';
import { findCloudInit } from '@/lib/kinds/vm/form/guest/cloud-init';
import { onConfig, secretsApart } from './guest-config';
import { keyLines } from './ssh-key';

/** How one logs in as the user that cloud-init makes of itself (its "default user"). */
export interface Login {
  /** Empty: the name that the image's own configuration has. */
  user: string;
  password: string;
  /** Public keys, one a line. */
  keys: string;
}

/** What cloud-config says of its default user. */
export function readLogin(config: JsonObject): Login {
  const keys = valueAt(config, ['ssh_authorized_keys']);
  return {
    user: isJsonObject(config.user) ? wordAt(config, ['user', 'name']) : wordAt(config, ['user']),
    password: wordAt(config, ['password']),
    keys: Array.isArray(keys) ? keys.filter((key) => typeof key === 'string').join('\n') : '',
  };
}

/** Changes what a cloud-config says of its default user. A first password is made to last. */
export function writeLogin(config: JsonObject, change: Partial<Login>): JsonObject {
  const before = readLogin(config);
  const after = { ...before, ...change };
  let made = config;
  if (after.user !== before.user) {
    const path = isJsonObject(config.user) ? ['user', 'name'] : ['user'];
    made = withValueAt(made, path, after.user || undefined);
  }
  if (after.password !== before.password) {
    made = withValueAt(made, ['password'], after.password || undefined);
    // cloud-init lets passwords expire at once unless it is told otherwise.
    if (after.password && made.chpasswd === undefined) made = { ...made, chpasswd: { expire: false } };
    else if (!after.password && sameJson(made.chpasswd, { expire: false }))
      made = withValueAt(made, ['chpasswd'], undefined);
  }
  if (after.keys !== before.keys) {
    const lines = keyLines(after.keys);
    made = withValueAt(made, ['ssh_authorized_keys'], lines.length > 0 ? lines : undefined);
  }
  return made;
}

/** The edit of a draft for `writeLogin`; in creation a password goes into a Secret that is made with the VM. */
export function onLogin(change: Partial<Login>, { apart }: { apart: boolean }) {
  return (draft: VmDraft): VmDraft => {
    const made = onConfig((config) => writeLogin(config, change))(draft);
    return apart && made !== draft ? secretsApart(made) : made;
  };
}

/**
 * A login for a VM that has none: the distribution's usual user with this password, in a Secret that is made with the
 * VM. Whatever the VM brings already (cloud-init, sysprep, credentials) stays as it is, and Windows is let alone.
 */
export function withDefaultLogin(
  draft: VmDraft,
  { user, password }: { user?: string; password: string },
): VmDraft {
  if (findCloudInit(draft.vm) || hasOtherSetup(draft.vm) || isWindows(draft.vm)) return draft;
  return onLogin({ user: user ?? defaultUser(draft.vm), password }, { apart: true })(draft);
}

function hasOtherSetup(vm: VmManifest): boolean {
  const volumes = mappingsAt(vm, [...GUEST, 'volumes']);
  return (
    volumes.some(({ sysprep }) => sysprep !== undefined) ||
    mappingsAt(vm, [...GUEST, 'accessCredentials']).length > 0
  );
}

/** The account that a distribution's cloud images make, by what VMs and images are usually called. */
const USERS: readonly (readonly [RegExp, string])[] = [
  [/fedora/, 'fedora'],
  [/ubuntu/, 'ubuntu'],
  [/debian/, 'debian'],
  [/centos/, 'centos'],
  [/rhel|redhat|oracle/, 'cloud-user'],
  [/rocky/, 'rocky'],
  [/alma/, 'almalinux'],
  [/opensuse|leap|tumbleweed/, 'opensuse'],
  [/sles|suse/, 'sles'],
  [/alpine/, 'alpine'],
  [/arch/, 'arch'],
  [/amazon/, 'ec2-user'],
  [/freebsd/, 'freebsd'],
  [/cirros/, 'cirros'],
];

/** Made on any distribution: naming the user is what renames the one that the image would make. */
const ANY_USER = 'cloud-user';

export function defaultUser(vm: VmManifest): string {
  const hints = hintsOf(vm);
  for (const hint of hints) {
    const found = USERS.find(([pattern]) => pattern.test(hint));
    if (found) return found[1];
  }
  return ANY_USER;
}

/** Whether a VM is made for Windows, by its preference, its labels and the names of its images. */
export function isWindows(vm: VmManifest): boolean {
  return hintsOf(vm).some((hint) => /windows|(^|[^a-z])win(2k|dows|\d|-)/.test(hint));
}

/** What says which system a VM is for, the surest first; in small letters. */
function hintsOf(vm: VmManifest): string[] {
  const templates = mappingsAt(vm, ['spec', 'dataVolumeTemplates']);
  const imageName = (image: string) => image.split('/').at(-1) ?? '';
  const words = [
    ...mappingsAt(vm, [...GUEST, 'volumes']).map((volume) =>
      imageName(wordAt(volume, ['containerDisk', 'image'])),
    ),
    ...templates.flatMap((template) => [
      wordAt(template, ['spec', 'sourceRef', 'name']),
      ...['http', 'registry', 's3'].map((source) =>
        imageName(wordAt(template, ['spec', 'source', source, 'url'])),
      ),
      ...['pvc', 'snapshot'].map((source) => wordAt(template, ['spec', 'source', source, 'name'])),
    ]),
    wordAt(vm, ['spec', 'preference', 'name']),
    wordAt(vm, ['metadata', 'annotations', 'vm.kubevirt.io/os']),
    wordAt(vm, ['spec', 'template', 'metadata', 'annotations', 'vm.kubevirt.io/os']),
  ];
  return words.filter((word) => word !== '').map((word) => word.toLowerCase());
}
