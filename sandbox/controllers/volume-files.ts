import { mkdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { copySparse } from '../guests/block-copy';

/** The file that holds what a VolumeSnapshotContent kept of its volume. */
export function snapshotFile(directory: string, content: string): string {
  return path.join(directory, 'disks', `${content}.snapshot`);
}

/**
 * Copies a raw image without filling its holes, and makes it at least `bytes` long. A source that was never written
 * (its volume is still mere state) comes to an empty image. Complete or not there at all.
 */
export async function copyImage(source: string, target: string, bytes: number): Promise<void> {
  await mkdir(path.dirname(target), { recursive: true });
  const draft = `${target}.copying`;
  await rm(draft, { force: true });
  try {
    if (await isThere(source)) await copySparse(source, draft);
    else await writeFile(draft, '');
    await growImage(draft, bytes);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw inPlainWords(error);
  }
}

/** What went wrong with a file, without the command that found it. */
function inPlainWords(error: unknown): Error {
  const words = error instanceof Error ? error.message : String(error);
  if (/No space left on device|ENOSPC/.test(words)) return new Error('no space left on device');
  return new Error(words.trim().split('\n').at(-1) ?? words);
}

/** Makes a raw image at least `bytes` (rounded up) long; a longer one stays as it is. */
export async function growImage(file: string, bytes: number): Promise<void> {
  if (!(await isThere(file))) return;
  const { size } = await stat(file);
  if (size < bytes) await truncate(file, Math.ceil(bytes));
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch {
    return false;
  }
}
