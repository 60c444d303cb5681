import { isJsonObject, type JsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { decodeBase64, encodeBase64 } from '@/lib/kinds/vm/form/guest/secret-document';
import type { ConfigField } from './guest-config';
import { keyLines } from './ssh-key';

/** An account that cloud-init makes beside the image's own. */
export interface GuestUser {
  name: string;
  gecos: string;
  /** Separated by commas. */
  groups: string;
  sudo: string;
  shell: string;
  keys: string;
  /** In plain words; a hash stays as it is and is not shown. */
  password: string;
  hasHash: boolean;
}

export const SUDO_ALL = 'ALL=(ALL) NOPASSWD:ALL';

/** `users` as it stands; undefined when it is no list (a text with commas, a mapping), which only the text shows. */
export function usersOf(config: JsonObject): readonly unknown[] | undefined {
  if (config.users === undefined) return [];
  return Array.isArray(config.users) ? config.users : undefined;
}

export function readUser(entry: unknown): GuestUser {
  const groups = valueAt(entry, ['groups']);
  const sudo = valueAt(entry, ['sudo']);
  const keys = valueAt(entry, ['ssh_authorized_keys']);
  const rules = Array.isArray(sudo) ? sudo.filter((rule) => typeof rule === 'string').join('; ') : sudo;
  return {
    name: typeof entry === 'string' ? entry : wordAt(entry, ['name']),
    gecos: wordAt(entry, ['gecos']),
    groups: Array.isArray(groups) ? groups.join(', ') : typeof groups === 'string' ? groups : '',
    sudo: typeof rules === 'string' ? rules : '',
    shell: wordAt(entry, ['shell']),
    keys: Array.isArray(keys) ? keys.filter((key) => typeof key === 'string').join('\n') : '',
    password: wordAt(entry, ['plain_text_passwd']),
    hasHash: ['passwd', 'hashed_passwd'].some((key) => wordAt(entry, [key]) !== ''),
  };
}

/** The entry with what differs written; what else it says stays. */
export function writeUser(entry: unknown, change: Partial<GuestUser>): unknown {
  const before = readUser(entry);
  const after = { ...before, ...change };
  if (sameJson(before, after)) return entry;
  let made: JsonObject = isJsonObject(entry) ? entry : { name: before.name };
  const set = (key: string, value: unknown) => {
    made = withValueAt(made, [key], value === '' ? undefined : value);
  };
  if (after.name !== before.name) made = { ...made, name: after.name };
  for (const key of ['gecos', 'shell'] as const) if (after[key] !== before[key]) set(key, after[key]);
  if (after.groups !== before.groups) {
    const list = after.groups
      .split(',')
      .map((group) => group.trim())
      .filter(Boolean);
    set('groups', list.length > 0 ? (Array.isArray(made.groups) ? list : after.groups) : undefined);
  }
  if (after.sudo !== before.sudo) set('sudo', after.sudo);
  if (after.keys !== before.keys) {
    const lines = keyLines(after.keys);
    set('ssh_authorized_keys', lines.length > 0 ? lines : undefined);
  }
  if (after.password !== before.password) {
    set('plain_text_passwd', after.password);
    // An account's password is locked unless cloud-init is told otherwise.
    if (after.password) made = { ...made, lock_passwd: false };
    else if (!before.hasHash) made = withValueAt(made, ['lock_passwd'], undefined);
  }
  return made;
}

/** One user more. Naming users leaves out the image's own unless it is named too. */
export function withNewUser(config: JsonObject): JsonObject {
  const before = usersOf(config);
  if (!before) return config;
  const taken = new Set(before.map((entry) => readUser(entry).name));
  let name = 'user';
  for (let number = 2; taken.has(name); number += 1) name = `user${number}`;
  const made = { name, sudo: SUDO_ALL, shell: '/bin/bash' };
  return { ...config, users: [...(config.users === undefined ? ['default'] : before), made] };
}

/** The config with one entry of a list changed, or without it; a list without entries goes. */
export function withEntryAt(
  config: JsonObject,
  key: string,
  index: number,
  edit: (entry: unknown) => unknown,
): JsonObject {
  const list = config[key];
  if (!Array.isArray(list)) return config;
  const after = list.flatMap((entry: unknown, at): unknown[] => {
    if (at !== index) return [entry];
    const made = edit(entry);
    return made === undefined ? [] : [made];
  });
  const isBare = after.length === 0 || (key === 'users' && sameJson(after, ['default']));
  return withValueAt(config, [key], isBare ? undefined : after);
}

/** A file that cloud-init writes. */
export interface GuestFile {
  path: string;
  /** As it will be in the guest; undefined when it is bytes, or packed, and only the text shows it. */
  content: string | undefined;
  /** Octal, as chmod takes it. */
  permissions: string;
  owner: string;
}

const BASE64 = ['b64', 'base64'];

export function filesOf(config: JsonObject): readonly unknown[] | undefined {
  if (config.write_files === undefined) return [];
  return Array.isArray(config.write_files) ? config.write_files : undefined;
}

export function readFile(entry: unknown): GuestFile {
  const permissions = valueAt(entry, ['permissions']);
  const encoding = wordAt(entry, ['encoding']).toLowerCase();
  const written = valueAt(entry, ['content']);
  const plain = written === undefined ? '' : typeof written === 'string' ? written : String(written);
  const content =
    encoding === '' || encoding === 'text/plain'
      ? plain
      : BASE64.includes(encoding)
        ? decodeBase64(plain)
        : undefined;
  return {
    path: wordAt(entry, ['path']),
    content,
    // YAML 1.1 has read 0644 as octal already.
    permissions:
      typeof permissions === 'number' ? `0${permissions.toString(8)}` : wordAt(entry, ['permissions']),
    owner: wordAt(entry, ['owner']),
  };
}

export function writeFile(entry: unknown, change: Partial<GuestFile>): unknown {
  const before = readFile(entry);
  const after = { ...before, ...change };
  if (sameJson(before, after)) return entry;
  let made: JsonObject = isJsonObject(entry) ? entry : {};
  if (after.path !== before.path) made = { ...made, path: after.path };
  if (after.content !== before.content && after.content !== undefined) {
    const isEncoded = BASE64.includes(wordAt(entry, ['encoding']).toLowerCase());
    made = { ...made, content: isEncoded ? encodeBase64(after.content) : after.content };
  }
  for (const key of ['permissions', 'owner'] as const) {
    if (after[key] !== before[key]) made = withValueAt(made, [key], after[key] || undefined);
  }
  return made;
}

export function withNewFile(config: JsonObject): JsonObject {
  const before = filesOf(config);
  return before ? { ...config, write_files: [...before, { path: '', content: '' }] } : config;
}

/**
 * A list of commands or packages as lines: an entry that is a list itself (`[ls, -l]`) as JSON. Reads as undefined when
 * an entry has several lines or is something else: only the text shows such a list.
 */
export function linesField(key: string): ConfigField<string | undefined> {
  const read = (config: JsonObject): string | undefined => {
    const list = config[key];
    if (list === undefined) return '';
    if (!Array.isArray(list)) return undefined;
    const lines = list.map(lineOf);
    return lines.every((line) => line !== undefined) ? lines.join('\n') : undefined;
  };
  return {
    id: `guest-${key}`,
    read,
    write: (config, value) => {
      if (value === undefined || value === read(config)) return config;
      const entries = value
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map((line) => listIn(line) ?? line);
      return withValueAt(config, [key], entries.length > 0 ? entries : undefined);
    },
  };
}

function lineOf(entry: unknown): string | undefined {
  if (Array.isArray(entry))
    return entry.every((word) => typeof word === 'string') ? JSON.stringify(entry) : undefined;
  if (typeof entry !== 'string' || entry.includes('\n') || entry.trim() !== entry || entry === '')
    return undefined;
  return listIn(entry) ? undefined : entry;
}

function listIn(line: string): string[] | undefined {
  if (!line.startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(line);
    return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined;
  } catch {
    return undefined;
  }
}
