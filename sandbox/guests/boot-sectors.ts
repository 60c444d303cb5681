import { execFile } from 'node:child_process';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Holds a partition table of either kind and the beginning of a CD. */
const START_BYTES = 64 * 1024;
const SECTOR = 512;
const BOOT_CODE_BYTES = 440;
const PARTITIONS = 446;
const EFI_PARTITION = 0xef;
/** C12A7328-F81F-11D2-BA4B-00A0C93EC93B as GPT stores it. */
const EFI_SYSTEM_PARTITION = Buffer.from('28732ac11ff8d211ba4b00a0c93ec93b', 'hex');
const GPT_ENTRIES = 2 * SECTOR;
const GPT_ENTRY_BYTES = 128;
const GPT_ENTRY_COUNT = 128;
const BOOT_CATALOGUE = 17 * 2048;
const EXT4_MAGIC = 1024 + 0x38;
const EXT4_LABEL = 1024 + 0x78;
/** What mkfs.fat writes where others have code. */
const NOT_BOOTABLE = 'This is not a bootable disk';

/** `home`: our own image, which the built-in Linux goes with; `bootable`: firmware finds something to start. */
export type DiskContents = 'home' | 'bootable' | 'other';

/** What a disk is good for at a machine's start, by its first 64 KiB. */
export function diskContents(start: Buffer): DiskContents {
  const label = start.toString('latin1', EXT4_LABEL, EXT4_LABEL + 16).replace(/\0.*$/, '');
  const isExt4 = start.length > EXT4_LABEL + 16 && start.readUInt16LE(EXT4_MAGIC) === 0xef53;
  if (isExt4 && label === 'home') return 'home';
  return hasBootSector(start) || hasEfiPartition(start) || isBootableCd(start) ? 'bootable' : 'other';
}

/** Reads the first 64 KiB that a guest sees; fewer from a shorter disk, none where there is no file. */
export async function diskStart(file: string, format: 'raw' | 'qcow2'): Promise<Buffer> {
  if (format === 'raw') return readStart(file);
  const directory = await mkdtemp(path.join(tmpdir(), 'portlight-start-'));
  try {
    const start = path.join(directory, 'start');
    const block = [`bs=${START_BYTES}`, 'count=1', `if=${file}`, `of=${start}`];
    await run('qemu-img', ['dd', '-U', '-f', 'qcow2', '-O', 'raw', ...block]);
    return await readFile(start);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readStart(file: string): Promise<Buffer> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return Buffer.alloc(0);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function isSigned(start: Buffer): boolean {
  return start.length >= SECTOR && start.readUInt16LE(SECTOR - 2) === 0xaa55;
}

function hasBootSector(start: Buffer): boolean {
  if (!isSigned(start)) return false;
  const code = start.subarray(0, BOOT_CODE_BYTES);
  return code.some((byte) => byte !== 0) && !start.subarray(0, SECTOR).includes(NOT_BOOTABLE);
}

function hasEfiPartition(start: Buffer): boolean {
  const types = [0, 1, 2, 3].map((index) => start[PARTITIONS + index * 16 + 4]);
  if (isSigned(start) && types.includes(EFI_PARTITION)) return true;
  if (start.toString('latin1', SECTOR, SECTOR + 8) !== 'EFI PART') return false;
  return [...Array(GPT_ENTRY_COUNT).keys()].some((index) => {
    const at = GPT_ENTRIES + index * GPT_ENTRY_BYTES;
    return start.subarray(at, at + 16).equals(EFI_SYSTEM_PARTITION);
  });
}

function isBootableCd(start: Buffer): boolean {
  return (
    start.toString('latin1', BOOT_CATALOGUE + 1, BOOT_CATALOGUE + 30) === 'CD001\x01EL TORITO SPECIFICATION'
  );
}
