import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a compressed kernel starts with, and the program that unpacks it. */
const PACKINGS = [
  { magic: Buffer.from('fd377a585a00', 'hex'), command: 'xz' },
  { magic: Buffer.from('28b52ffd', 'hex'), command: 'zstd' },
  { magic: Buffer.from('1f8b08', 'hex'), command: 'gzip' },
];
const ELF_MAGIC = Buffer.from('7f454c46', 'hex');

/**
 * Unpacks the ELF kernel inside a bzImage into `target`. QEMU boots it directly (PVH), which spares each cold boot the
 * unpacking, seconds under software emulation. Returns false, leaving no file, when this kernel's packing is unknown
 * or its program is missing: the bzImage itself boots as well, only slower.
 */
export async function extractKernel(bzImage: string, target: string): Promise<boolean> {
  const image = await readFile(bzImage);
  // The boot protocol's header says where the packed kernel lies (Documentation/arch/x86/boot.rst).
  const setupSectors = image[0x1f1] || 4;
  const offset = (setupSectors + 1) * 512 + image.readUInt32LE(0x248);
  const payload = image.subarray(offset, offset + image.readUInt32LE(0x24c));
  const packing = PACKINGS.find(({ magic }) => payload.subarray(0, magic.length).equals(magic));
  if (!packing) return false;
  const packed = `${target}.packed`;
  try {
    await writeFile(packed, payload);
    // The payload ends with its unpacked size: unpackers call that trailing garbage, after having written all.
    const { stdout } = await run(packing.command, ['-dc', packed], {
      encoding: 'buffer',
      maxBuffer: 512 << 20,
    }).catch((error: { stdout?: Buffer }) => ({ stdout: error.stdout ?? Buffer.alloc(0) }));
    if (!stdout.subarray(0, 4).equals(ELF_MAGIC)) return false;
    await writeFile(target, stdout);
    return true;
  } finally {
    await rm(packed, { force: true });
  }
}
