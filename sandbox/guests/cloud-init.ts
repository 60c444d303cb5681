import { gunzipSync } from 'node:zlib';
import { asList, asText, asTexts, isRecord, type Json, readUserData } from './cloud-config';
import { digestNetwork } from './cloud-init-network';
import { type Digest, digestUsers } from './cloud-init-users';
import type { CloudInitSeed } from './hypervisor';
import { shellCommand, shellWord } from './shell';

/** A script of commands as cloud-init's `shellify` writes it: strings verbatim, lists as one quoted command. */
function commandScript(digest: Digest, key: string, commands: unknown): string | undefined {
  const lines = asList(commands).flatMap((command) => {
    if (Array.isArray(command)) return asTexts(command).map(shellWord).join(' ');
    const line = asText(command);
    if (line === undefined && command !== null) {
      digest.warn(`Failed to shellify ${key}: a command is neither a string nor a list of strings`);
    }
    return line ?? [];
  });
  return lines.length > 0 ? `#!/bin/sh\n${lines.join('\n')}\n` : undefined;
}

function decodeContent(entry: Json): Buffer {
  const encodings = (asText(entry.encoding) ?? '').toLowerCase().split(/[+,\s]+/);
  const has = (...names: string[]) => names.some((name) => encodings.includes(name));
  const raw = entry.content;
  let content =
    Buffer.isBuffer(raw) || raw instanceof Uint8Array ? Buffer.from(raw) : Buffer.from(asText(raw) ?? '');
  if (has('b64', 'base64')) content = Buffer.from(content.toString('latin1'), 'base64');
  if (has('gz', 'gzip')) content = gunzipSync(content);
  return content;
}

/** Permissions: a string is octal ("0644"), a number is the mode itself (YAML has read 0644 as octal already). */
function fileMode(value: unknown): string {
  if (typeof value === 'number') return value.toString(8);
  const text = asText(value) ?? '0644';
  return /^0?o?[0-7]{1,4}$/.test(text) ? text.replace('o', '') : '0644';
}

function digestFiles(digest: Digest, value: unknown): void {
  for (const [index, entry] of asList(value).entries()) {
    const path = isRecord(entry) ? asText(entry.path) : undefined;
    if (!isRecord(entry) || !path?.startsWith('/')) {
      digest.warn(`No path provided to write for entry ${index + 1} in module write_files`);
      continue;
    }
    try {
      const file = digest.file(decodeContent(entry));
      const owner = asText(entry.owner) ?? 'root:root';
      const append = entry.append === true ? 'yes' : '';
      const target = entry.defer === true ? digest.final : digest.init;
      target.push(shellCommand('ci_file', file, path, fileMode(entry.permissions), owner, append));
    } catch {
      digest.warn(`Failed to decode the content of ${path} in module write_files`);
    }
  }
}

/** The machine's name: what user-data says, else meta-data. `fqdn` wins over `hostname`, as in cloud-init. */
function digestHostname(digest: Digest, config: Json, seed: CloudInitSeed): void {
  const wanted = asText(config.fqdn) ?? asText(config.hostname) ?? seed.hostname;
  const full = /^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(wanted) ? wanted : undefined;
  if (!full) {
    digest.warn(`${JSON.stringify(wanted)} cannot be a hostname`);
    return;
  }
  const short = asText(config.hostname) && !asText(config.fqdn) ? full : (full.split('.')[0] ?? full);
  digest.init.push(shellCommand('ci_hostname', short, full));
}

/** Keys that this guest cannot honour: said in the log instead of passed over in silence. */
const NOT_HERE: Record<string, string> = {
  package_update: 'package_update: this guest has no package manager',
  package_upgrade: 'package_upgrade: this guest has no package manager',
  apt: 'apt: this guest has no package manager',
  yum_repos: 'yum_repos: this guest has no package manager',
  mounts: 'mounts: this guest does not mount further disks by itself',
  disk_setup: 'disk_setup: this guest does not partition disks',
  fs_setup: 'fs_setup: this guest does not make file systems by itself',
  swap: 'swap: this guest has no swap',
  ntp: 'ntp: this guest has no time service',
  ansible: 'ansible: this guest has no Ansible',
  snap: 'snap: this guest has no snaps',
};

function digestConfig(digest: Digest, config: Json, seed: CloudInitSeed): void {
  digestHostname(digest, config, seed);
  const bootScript = commandScript(digest, 'bootcmd', config.bootcmd);
  if (bootScript) digest.init.push(shellCommand('ci_script', digest.file(bootScript)));
  digestUsers(digest, withKeys(config, seed.publicKeys), seed.defaultUser ?? 'cloud');
  digestFiles(digest, config.write_files);
  const zone = asText(config.timezone);
  if (zone && !/^(UTC|Etc\/UTC|GMT)$/.test(zone))
    digest.warn(`timezone: this guest knows no ${zone}; its clock shows UTC`);
  for (const [key, sentence] of Object.entries(NOT_HERE)) {
    const value = config[key];
    if (value !== undefined && value !== false && value !== null) digest.warn(sentence);
  }
  const packages = asList(config.packages).map((entry) =>
    Array.isArray(entry) ? asText(entry[0]) : asText(entry),
  );
  if (packages.length > 0) {
    digest.warn(`Failed to install packages: ${packages.join(', ')} (this guest has no package manager)`);
  }
  const runScript = commandScript(digest, 'runcmd', config.runcmd);
  if (runScript) digest.final.push(shellCommand('ci_script', digest.file(runScript)));
  const message = asText(config.final_message);
  if (message) digest.final.push(shellCommand('ci_message', message));
  else digest.final.push('ci_finished');
  const power = isRecord(config.power_state) ? asText(config.power_state.mode) : undefined;
  if (power && ['poweroff', 'reboot', 'halt'].includes(power))
    digest.final.push(shellCommand('ci_power', power));
}

/**
 * Reads cloud-init's user data on the sandbox's side, where a YAML parser is, and writes down for the guest's shell what
 * is to be done. What cannot be honoured becomes a warning on the guest's console and in its log.
 * @returns the files of the NoCloud volume: the true user-data, meta-data and network-config, `portlight.sh` with the
 *   two functions that rootfs/lib/portlight/cloud-init calls, and the files that these name.
 */
export function seedFiles(seed: CloudInitSeed): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const warnings: string[] = [];
  let count = 0;
  const digest: Digest = {
    init: [],
    final: [],
    file: (content) => {
      const name = `portlight-${++count}`;
      files.set(name, Buffer.from(content));
      return name;
    },
    warn: (text) => warnings.push(text),
  };
  const userData = readUserData(seed.userData);
  warnings.push(...userData.warnings);
  digestConfig(digest, userData.kind === 'cloud-config' ? userData.config : {}, seed);
  if (userData.kind === 'script')
    digest.final.unshift(shellCommand('ci_script', digest.file(userData.script)));
  const network = digestNetwork(digest, seed.networkData);
  const body = (name: string, lines: string[]) =>
    `${name}() {\n${lines.map((line) => `  ${line}\n`).join('') || '  :\n'}}\n`;
  const script = [
    body('ci_init', [...warnings.map((text) => shellCommand('ci_warn', text)), ...digest.init]),
    body('ci_final', digest.final),
    network ? body('ci_network', network) : '',
  ];
  files.set('user-data', Buffer.from(seed.userData));
  files.set('meta-data', Buffer.from(metaData(seed)));
  if (seed.networkData) files.set('network-config', Buffer.from(seed.networkData));
  files.set('portlight.sh', Buffer.from(script.join('')));
  return files;
}

/** Public keys of the meta-data let the default user in, beside those of the user-data. */
function withKeys(config: Json, publicKeys: readonly string[] = []): Json {
  if (publicKeys.length === 0) return config;
  return { ...config, ssh_authorized_keys: [...publicKeys, ...asTexts(config.ssh_authorized_keys)] };
}

/** KubeVirt writes meta-data as JSON, which is YAML (pkg/cloud-init). */
function metaData(seed: CloudInitSeed): string {
  const { instanceId, hostname, publicKeys } = seed;
  const keys = publicKeys?.length
    ? { 'public-keys': Object.fromEntries(publicKeys.map((key, index) => [String(index), key])) }
    : {};
  return `${JSON.stringify({ 'instance-id': instanceId, 'local-hostname': hostname, ...keys })}\n`;
}
