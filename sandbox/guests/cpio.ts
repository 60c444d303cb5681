/** One file of an initramfs. Paths are relative to its root, without a leading slash; parents come before children. */
export type CpioEntry =
  | { type: 'directory'; path: string; mode?: number }
  | { type: 'file'; path: string; content: Buffer; mode?: number; gid?: number }
  | { type: 'link'; path: string; target: string }
  | { type: 'character-device'; path: string; major: number; minor: number; mode?: number };

const TYPE_BITS = { directory: 0o040000, file: 0o100000, link: 0o120000, 'character-device': 0o020000 };
const TRAILER = 'TRAILER!!!';

function defaultMode(entry: CpioEntry): number {
  if (entry.type === 'directory') return 0o755;
  if (entry.type === 'link') return 0o777;
  return entry.type === 'file' ? 0o644 : 0o600;
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}

function record(
  inode: number,
  name: string,
  fields: { mode: number; gid: number; rdev: [number, number] },
  content: Buffer,
) {
  const hex = (value: number) => value.toString(16).padStart(8, '0').toUpperCase();
  const path = Buffer.from(`${name}\0`);
  const values = [
    inode,
    fields.mode,
    0,
    fields.gid,
    1,
    0,
    content.length,
    0,
    0,
    ...fields.rdev,
    path.length,
    0,
  ];
  const header = Buffer.from(`070701${values.map(hex).join('')}`, 'latin1');
  return Buffer.concat([
    header,
    path,
    padding(header.length + path.length),
    content,
    padding(content.length),
  ]);
}

/**
 * Writes a cpio archive in the "newc" format, which is what Linux unpacks as an initramfs
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Everything belongs to root; times are zero, so that
 * the same entries give the same bytes.
 */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  const empty = Buffer.alloc(0);
  const records = entries.map((entry, index) => {
    const bits = (entry.type === 'link' ? undefined : entry.mode) ?? defaultMode(entry);
    const content =
      entry.type === 'file' ? entry.content : entry.type === 'link' ? Buffer.from(entry.target) : empty;
    const rdev: [number, number] = entry.type === 'character-device' ? [entry.major, entry.minor] : [0, 0];
    const gid = entry.type === 'file' ? (entry.gid ?? 0) : 0;
    return record(index + 1, entry.path, { mode: TYPE_BITS[entry.type] | bits, gid, rdev }, content);
  });
  return Buffer.concat([...records, record(0, TRAILER, { mode: 0, gid: 0, rdev: [0, 0] }, empty)]);
}
