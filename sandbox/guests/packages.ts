import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from './cache-directory';

/** What `tools/guest-packages.mjs` left in the cache directory: extracted Debian packages. */
export interface GuestPackages {
  /** The kernel's release, such as 6.1.0-56-amd64. */
  kernelRelease: string;
  kernelImage: string;
  /** lib/modules/RELEASE of the kernel's package. */
  modulesDirectory: string;
  busybox: string;
  guestAgent: string;
  /** Where the guest agent's libraries may lie. */
  libraryDirectories: string[];
  /** name=version of every package, sorted: part of the key under which what is built from them is cached. */
  versions: string[];
}

interface Manifest {
  kernel: string;
  packages: { name: string; version: string; directory: string }[];
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'kernel' in value &&
    typeof value.kernel === 'string' &&
    'packages' in value &&
    Array.isArray(value.packages)
  );
}

/** Debian 13 packages have all under usr/, older ones split it: the first path that exists. */
async function either(directory: string, ...candidates: string[]): Promise<string> {
  for (const candidate of candidates) {
    const file = path.join(directory, candidate);
    if (await exists(file)) return file;
  }
  throw new Error(`the package in ${directory} has no ${candidates.join(' or ')}`);
}

/** Reads the manifest; undefined when the set-up step has not run (or could not do its work). */
export async function readGuestPackages(cacheDirectory: string): Promise<GuestPackages | undefined> {
  const text = await readFile(path.join(cacheDirectory, 'packages.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const manifest: unknown = JSON.parse(text);
  if (!isManifest(manifest)) return undefined;
  const directoryOf = (name: string): string => {
    const found = manifest.packages.find((entry) => entry.name === name);
    if (!found) throw new Error(`the manifest of the guests' packages names no ${name}`);
    return path.join(cacheDirectory, found.directory);
  };
  const kernelRelease = manifest.kernel.replace(/^linux-image-/, '');
  const kernel = directoryOf(manifest.kernel);
  return {
    kernelRelease,
    kernelImage: path.join(kernel, 'boot', `vmlinuz-${kernelRelease}`),
    modulesDirectory: await either(
      kernel,
      `lib/modules/${kernelRelease}`,
      `usr/lib/modules/${kernelRelease}`,
    ),
    busybox: await either(directoryOf('busybox-static'), 'bin/busybox', 'usr/bin/busybox'),
    guestAgent: await either(directoryOf('qemu-guest-agent'), 'usr/sbin/qemu-ga', 'usr/bin/qemu-ga'),
    libraryDirectories: manifest.packages.flatMap(({ directory }) =>
      ['lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu'].map((part) =>
        path.join(cacheDirectory, directory, part),
      ),
    ),
    versions: manifest.packages.map(({ name, version }) => `${name}=${version}`).sort(),
  };
}
