import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { exists, fillDirectory, pruneDirectory } from './cache-directory';
import { buildInitramfs, WANTED_MODULES } from './initramfs';
import { extractKernel } from './kernel-image';
import type { GuestPackages } from './packages';

const run = promisify(execFile);

/** Raised when code here or in initramfs.ts changes what comes out for the same inputs. */
const RECIPE = 1;
/** What a container disk of a cloud image usually offers, give or take; sparse, so that it costs what is written. */
const ROOT_IMAGE_BYTES = 4 * 2 ** 30;
const KEPT_BUILDS = 3;

/** What guests boot from. */
export interface Artefacts {
  /** Hash of all inputs: names whatever is derived from them. */
  key: string;
  kernel: string;
  initrd: string;
  /** An empty ext2 file system, sparse: every VM's root disk starts as a copy. */
  rootImage: string;
}

async function inputsKey(packages: GuestPackages, rootfsDirectory: string): Promise<string> {
  const hash = createHash('sha256').update(
    JSON.stringify([RECIPE, packages.versions, WANTED_MODULES, ROOT_IMAGE_BYTES]),
  );
  for (const relative of (await readdir(rootfsDirectory, { recursive: true })).sort()) {
    const file = path.join(rootfsDirectory, relative);
    if ((await stat(file)).isFile()) hash.update(`\0${relative}\0`).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function build(packages: GuestPackages, rootfsDirectory: string, directory: string): Promise<void> {
  const kernel = path.join(directory, 'kernel');
  if (!(await extractKernel(packages.kernelImage, kernel))) await copyFile(packages.kernelImage, kernel);
  await writeFile(path.join(directory, 'initrd'), await buildInitramfs(packages, rootfsDirectory));
  const rootImage = path.join(directory, 'root.img');
  await writeFile(rootImage, '');
  await truncate(rootImage, ROOT_IMAGE_BYTES);
  await run(packages.busybox, ['mke2fs', '-F', '-i', '65536', '-L', 'home', rootImage]);
}

/**
 * Builds what guests boot from, or finds it in the cache, where it lies under a hash of its inputs.
 * Several processes may do so at once: each builds apart, and the first to finish is kept.
 * @throws an Error with a sentence when a package lacks a piece or a program fails.
 */
export async function ensureArtefacts(options: {
  packages: GuestPackages;
  rootfsDirectory: string;
  cacheDirectory: string;
  log: (line: string) => void;
}): Promise<Artefacts> {
  const { packages, rootfsDirectory, cacheDirectory, log } = options;
  const key = await inputsKey(packages, rootfsDirectory);
  const parent = path.join(cacheDirectory, 'artefacts');
  const directory = path.join(parent, key);
  if (!(await exists(directory))) {
    log('Building the guest system (kernel, initramfs, root disk)…');
    await fillDirectory(directory, (work) => build(packages, rootfsDirectory, work));
    await pruneDirectory(parent, KEPT_BUILDS, key);
  }
  const file = (name: string) => path.join(directory, name);
  return { key, kernel: file('kernel'), initrd: file('initrd'), rootImage: file('root.img') };
}
