import { execFile } from 'node:child_process';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** @throws when `name` could lead out of a directory: ids and volumes come from objects that users write. */
export function safeName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) throw new Error(`"${name}" cannot name a file.`);
  return name;
}

/** The disks that live and die with one VMI: copies of the root image and seeds. */
export class InstanceFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async path(id: string, file: string): Promise<string> {
    const directory = path.join(this.#directory, safeName(id));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return path.join(directory, safeName(file));
  }

  /** A copy of `image` that keeps its holes (gigabytes of them). */
  async copyOf(image: string, id: string, volume: string): Promise<string> {
    const target = await this.path(id, `${volume}.img`);
    await run('cp', ['--sparse=always', '--no-preserve=mode', image, target]);
    return target;
  }

  /** An image that holds what differs from `base`, which stays as it is. @throws what qemu-img says */
  async overlayOf(
    base: { path: string; format: 'raw' | 'qcow2' },
    id: string,
    volume: string,
  ): Promise<string> {
    const target = await this.path(id, `${volume}.qcow2`);
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base.path, '-F', base.format, target]);
    return target;
  }

  async discard(id: string): Promise<void> {
    await rm(path.join(this.#directory, safeName(id)), { recursive: true, force: true });
  }
}

/**
 * Makes a sparse file of `bytes` (rounded up, as a quantity is) unless there is one already.
 * @throws when no file can be that long; none is left behind then, which would be taken for the disk the next time.
 */
export async function makeSparseFile(file: string, bytes: number): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  const handle = await openNew(file);
  if (!handle) return file;
  try {
    await handle.truncate(Math.ceil(bytes));
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
  return file;
}

/** Undefined when there is such a file. */
async function openNew(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'wx');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  }
}
