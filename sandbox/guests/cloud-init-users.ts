import { randomInt } from 'node:crypto';
import { asList, asText, asTexts, isRecord, type Json } from './cloud-config';
import { shellCommand } from './shell';

/** Collects the lines of the digest and the files beside it on the seed. */
export interface Digest {
  /** Lines of the shell function that runs before the login prompt. */
  init: string[];
  /** Lines of the one that runs behind it. */
  final: string[];
  /** Puts a file on the seed and returns its name there. */
  file(content: Buffer | string): string;
  warn(text: string): void;
}

interface User {
  name: string;
  home: string;
}

const HASHED = /^\$(1|2a|2y|5|6|y)\$/;

/** What a Linux account may be called; anything else would corrupt /etc/passwd. */
const USER_NAME = /^[a-z_][a-z0-9_.-]{0,31}$/i;

function randomPassword(): string {
  const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';
  return Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join('');
}

function setPassword(digest: Digest, name: string, password: string): void {
  digest.init.push(shellCommand(HASHED.test(password) ? 'ci_password_hash' : 'ci_password', name, password));
}

/** Fields go between colons and line ends of /etc/passwd. */
function field(value: unknown, otherwise: string): string {
  return (asText(value) ?? otherwise).replaceAll(/[:\n]/g, ' ');
}

function addUser(digest: Digest, name: string, entry: Json): User | undefined {
  if (!USER_NAME.test(name)) {
    digest.warn(`Failed to create user ${JSON.stringify(name)}: not a name that an account can have`);
    return undefined;
  }
  const home = field(entry.homedir, name === 'root' ? '/root' : `/home/${name}`);
  const groups = typeof entry.groups === 'string' ? entry.groups.split(',') : asTexts(entry.groups);
  const wanted = [...groups, asText(entry.primary_group) ?? '']
    .map((group) => group.trim())
    .filter((group) => USER_NAME.test(group));
  const sudo = asTexts(entry.sudo).some((rule) => rule && rule !== 'false' && rule !== 'False');
  if (sudo || wanted.includes('wheel') || wanted.includes('admin')) wanted.push('sudo');
  const shell = asText(entry.shell);
  if (
    shell &&
    !['/bin/sh', '/bin/bash', '/bin/ash', '/bin/false', '/sbin/nologin', '/usr/sbin/nologin'].includes(shell)
  ) {
    digest.warn(`This guest has no ${shell}: ${name} gets /bin/sh`);
  }
  const closed = shell && /(nologin|false)$/.test(shell) ? '/bin/false' : '/bin/sh';
  const uid = /^\d{1,6}$/.test(asText(entry.uid) ?? '') ? (asText(entry.uid) ?? '') : '';
  const words = [name, uid, field(entry.gecos, name), home, closed, [...new Set(wanted)].join(' ')];
  digest.init.push(shellCommand('ci_user', ...words));
  // cloud-init locks an account's password unless lock_passwd is false; `passwd` and `hashed_passwd` set a hash.
  const locked = entry.lock_passwd !== false && entry['lock-passwd'] !== false;
  const hash = asText(entry.hashed_passwd) ?? asText(entry.passwd);
  const plain = asText(entry.plain_text_passwd);
  if (!locked && hash) digest.init.push(shellCommand('ci_password_hash', name, hash));
  else if (!locked && plain) setPassword(digest, name, plain);
  addKeys(digest, { name, home }, entry.ssh_authorized_keys ?? entry['ssh-authorized-keys']);
  return { name, home };
}

function addKeys(digest: Digest, user: User, value: unknown): void {
  const keys = asTexts(value)
    .map((key) => key.trim())
    .filter(Boolean);
  if (keys.length === 0) return;
  digest.init.push(shellCommand('ci_keys', user.name, user.home, digest.file(`${keys.join('\n')}\n`)));
}

/** `chpasswd: list:` as lines or entries "name:password", and `chpasswd: users:` as entries with a type. */
function passwordEntries(chpasswd: Json): { name: string; password: string }[] {
  const lines = typeof chpasswd.list === 'string' ? chpasswd.list.split('\n') : asTexts(chpasswd.list);
  const listed = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [{ name: line.slice(0, colon).trim(), password: line.slice(colon + 1).trim() }];
  });
  const typed = asList(chpasswd.users).flatMap((entry) => {
    const name = isRecord(entry) ? asText(entry.name) : undefined;
    if (!isRecord(entry) || !name) return [];
    return [{ name, password: asText(entry.type) === 'RANDOM' ? 'RANDOM' : (asText(entry.password) ?? '') }];
  });
  return [...listed, ...typed].filter((entry) => entry.name && entry.password);
}

function setPasswords(digest: Digest, config: Json, defaultUser: User | undefined): void {
  const chpasswd = isRecord(config.chpasswd) ? config.chpasswd : {};
  const entries = passwordEntries(chpasswd);
  const password = asText(config.password);
  if (password && defaultUser) entries.unshift({ name: defaultUser.name, password });
  const drawn: string[] = [];
  for (const entry of entries) {
    const random = entry.password === 'R' || entry.password === 'RANDOM';
    const chosen = random ? randomPassword() : entry.password;
    if (random) drawn.push(`${entry.name}:${chosen}`);
    setPassword(digest, entry.name, chosen);
  }
  if (drawn.length > 0) {
    digest.final.push(
      shellCommand('printf', "Set the following 'random' passwords\\n%s\\n", drawn.join('\n')),
    );
  }
  // cloud-init's default is to let passwords expire at once. This guest can ask for a new one only where its own
  // tools can check the old one.
  if (chpasswd.expire === false) return;
  for (const { name, password: given } of entries) {
    if (HASHED.test(given) && !/^\$[56]\$/.test(given))
      digest.warn(`The password of ${name} does not expire: unknown kind of hash`);
    else digest.init.push(shellCommand('ci_expire', name));
  }
}

/**
 * Users, groups, passwords and keys (cloud-init's modules users_groups, set_passwords and ssh).
 * `image` is the account that the image's own configuration names; user-data may rename it (`user:`), ask for it in
 * its list (`default`) or leave it out.
 */
export function digestUsers(digest: Digest, config: Json, image: string): void {
  const own = isRecord(config.user) ? config.user : { name: asText(config.user) };
  const defaultEntry: Json = { gecos: 'Cloud User', groups: ['sudo'], ...own };
  const defaultName = asText(own.name) ?? image;
  for (const group of asList(config.groups)) {
    const names = isRecord(group) ? Object.keys(group) : asTexts(group);
    for (const name of names.filter((candidate) => USER_NAME.test(candidate))) {
      digest.init.push(shellCommand('ci_group', name, isRecord(group) ? asTexts(group[name]).join(' ') : ''));
    }
  }
  const listed = typeof config.users === 'string' ? config.users.split(',') : asList(config.users);
  const users = config.users === undefined ? ['default'] : listed;
  let first: User | undefined;
  let theDefault: User | undefined;
  for (const entry of users) {
    const name = isRecord(entry) ? asText(entry.name) : asText(entry)?.trim();
    if (name === undefined) continue;
    if (name === 'default') {
      theDefault = addUser(digest, defaultName, defaultEntry);
      first ??= theDefault;
    } else {
      const user = addUser(digest, name, isRecord(entry) ? entry : {});
      first ??= user;
    }
  }
  setPasswords(digest, config, theDefault ?? first);
  const keeper = theDefault ?? first;
  if (keeper) addKeys(digest, keeper, config.ssh_authorized_keys);
  else if (config.ssh_authorized_keys !== undefined)
    digest.warn('ssh_authorized_keys: there is no default user to give them to');
}
