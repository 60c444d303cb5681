import { open } from 'node:fs/promises';
import { NoDiskError } from './disk-in-layers';

const EXTERNAL_DATA_FILE = 1n << 2n;

/**
 * What a disk is, by its first bytes.
 * @returns its format, and the bytes that a guest sees
 * @throws NoDiskError for a qcow2 that reads other files: what comes from a registry must not name files of the host
 */
export async function diskFormat(file: string): Promise<{ format: 'raw' | 'qcow2'; bytes: number }> {
  const handle = await open(file, 'r');
  try {
    const header = Buffer.alloc(104);
    await handle.read(header, 0, header.length, 0);
    if (header.toString('latin1', 0, 4) !== 'QFI\xfb')
      return { format: 'raw', bytes: (await handle.stat()).size };
    if (header.readBigUInt64BE(8) !== 0n)
      throw new NoDiskError('the image is invalid because it has a backing file');
    const version = header.readUInt32BE(4);
    if (version > 2 && (header.readBigUInt64BE(72) & EXTERNAL_DATA_FILE) !== 0n) {
      throw new NoDiskError('the image is invalid because it has an external data file');
    }
    return { format: 'qcow2', bytes: Number(header.readBigUInt64BE(24)) };
  } finally {
    await handle.close();
  }
}
