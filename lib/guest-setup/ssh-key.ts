import { type Text, text } from '@/lib/text';

const TYPES = [
  'ssh-ed25519',
  'ssh-rsa',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
  'ssh-dss',
];

/** A line of `authorized_keys` taken apart (sshd(8), AUTHORIZED_KEYS FILE FORMAT). */
export interface SshKey {
  type: string;
  /** Often who made it: `ada@laptop`. */
  comment: string;
}

/** What a line of `authorized_keys` is, or what is wrong with it. Says nothing of whether anybody holds its other half. */
export function readSshKey(line: string): SshKey | Text {
  if (/PRIVATE KEY/.test(line)) return text('guest.key.private');
  const words = line.trim().split(/\s+/);
  const at = words.findIndex((word) => TYPES.includes(word));
  const type = words[at];
  const body = words[at + 1];
  if (type === undefined) return text('guest.key.type', { first: (words[0] ?? '').slice(0, 24) });
  if (type === 'ssh-dss') return text('guest.key.old');
  if (body === undefined) return text('guest.key.noBody', { type });
  if (typeInside(body) !== type) return text('guest.key.body', { type });
  return { type, comment: words.slice(at + 2).join(' ') };
}

/** The first field of a key's bytes is its type again, behind a length of four bytes (RFC 4253, 6.6). */
function typeInside(body: string): string | undefined {
  let bytes: string;
  try {
    bytes = atob(body);
  } catch {
    return undefined;
  }
  const length = [0, 1, 2, 3].reduce((sum, at) => sum * 256 + (bytes.charCodeAt(at) || 0), 0);
  // A key has a body behind its type; a line that was cut off while copying has none or half of it.
  return bytes.length > 4 + length + 4 ? bytes.slice(4, 4 + length) : undefined;
}

/** The lines of a pasted text that are to be keys: no empty ones, no comments. */
export function keyLines(pasted: string): string[] {
  return pasted
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** What is wrong with pasted keys, for the first line with something wrong; `line` counts from 1. */
export function keyProblem(pasted: string): { line: number; message: Text } | undefined {
  const lines = pasted.split('\n');
  for (const [index, line] of lines.entries()) {
    if (keyLines(line).length === 0) continue;
    const read = readSshKey(line);
    if ('key' in read) return { line: index + 1, message: read };
  }
  return undefined;
}
