// Gets what the sandbox's guests are made of: QEMU and xz as installed packages, and a Debian kernel, busybox and the
// QEMU guest agent as extracted ones (they are for the guest: nothing of them is installed on this machine).
// Plain Node without packages, because the set-up step runs it before anything else is there.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  dependsOf,
  downloadPackages,
  ensureTree,
  exists,
  hasApt,
  hasCommand,
  isRoot,
  output,
  sentence,
  withFreshLists,
} from './debian-packages.mjs';

/** Raised when the manifest's shape changes: an older one is then made anew. */
const MANIFEST_VERSION = 1;
const COMMANDS = [
  { command: 'qemu-system-x86_64', package: 'qemu-system-x86' },
  { command: 'qemu-img', package: 'qemu-utils' },
  { command: 'xz', package: 'xz-utils' },
];
/** What unpacks some images, and makes a file system of an archive. Without them only such imports fail, and say so. */
const UNPACKERS = [
  { command: 'zstd', package: 'zstd' },
  { command: 'mke2fs', package: 'e2fsprogs' },
];
/** What machines need that boot their disks: UEFI and a TPM. Without them only those machines fail. */
const FIRMWARE = ['ovmf', 'swtpm', 'swtpm-libs'];

/**
 * The names of all packages that are extracted: the versioned kernel behind linux-image-amd64, busybox, the guest
 * agent and its libraries (its own dependencies and theirs: two levels hold all that it loads).
 */
async function packageNames() {
  const isLibrary = (name) => /^(lib|zlib)/.test(name);
  const first = await dependsOf(['linux-image-amd64', 'qemu-guest-agent']);
  const kernel = first.get('linux-image-amd64')?.find((name) => /^linux-image-\d.*-amd64$/.test(name));
  if (!kernel) throw new Error('the package lists name no linux-image-amd64');
  const direct = (first.get('qemu-guest-agent') ?? []).filter(isLibrary);
  const second = await dependsOf(direct);
  const indirect = direct.flatMap((name) => second.get(name) ?? []).filter(isLibrary);
  return {
    kernel,
    names: [...new Set([kernel, 'busybox-static', 'qemu-guest-agent', ...direct, ...indirect])],
  };
}

async function readManifest(cacheDirectory) {
  try {
    const manifest = JSON.parse(await readFile(path.join(cacheDirectory, 'packages.json'), 'utf8'));
    if (manifest.manifestVersion !== MANIFEST_VERSION) return undefined;
    for (const { directory } of manifest.packages) {
      if (!(await exists(path.join(cacheDirectory, directory)))) return undefined;
    }
    return manifest;
  } catch {
    return undefined;
  }
}

async function downloadAll({ cacheDirectory, log }) {
  const { kernel, names } = await packageNames();
  const work = path.join(cacheDirectory, `download-${process.pid}`);
  await rm(work, { recursive: true, force: true });
  await mkdir(path.join(cacheDirectory, 'packages'), { recursive: true });
  await mkdir(work, { recursive: true });
  try {
    log(
      `Downloading ${names.length} Debian packages for the guests, about 75 MiB (extracted, not installed)…`,
    );
    const packages = [];
    await downloadPackages(names, work, async (archive, { name, version }) => {
      const directory = path.join('packages', `${name}_${version.replaceAll(/[^\w.+~-]/g, '-')}`);
      const tree = path.join(work, `${name}.tree`);
      await output('dpkg-deb', ['-x', archive, tree]);
      await rm(path.join(cacheDirectory, directory), { recursive: true, force: true });
      await rename(tree, path.join(cacheDirectory, directory));
      packages.push({ name, version, directory });
    });
    return { manifestVersion: MANIFEST_VERSION, kernel, packages };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Drops what an older manifest named (a kernel is 400 MB), then makes the new one visible. */
async function writeManifest(cacheDirectory, manifest) {
  const packagesDirectory = path.join(cacheDirectory, 'packages');
  const kept = new Set(manifest.packages.map((entry) => path.basename(entry.directory)));
  for (const name of await readdir(packagesDirectory)) {
    if (!kept.has(name)) await rm(path.join(packagesDirectory, name), { recursive: true, force: true });
  }
  const temporary = path.join(cacheDirectory, `packages.json.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(temporary, path.join(cacheDirectory, 'packages.json'));
}

async function missingPackages(commands) {
  const missing = [];
  for (const entry of commands) if (!(await hasCommand(entry.command))) missing.push(entry.package);
  return missing;
}

/**
 * Makes sure that guests can be built and run here.
 *
 * Fast (a few file checks) when all is there already. As root with apt it installs by name what is missing; without
 * root it still fetches the packages that are only extracted. Leaves `packages.json` in the cache directory, which
 * names every extracted package with its version and directory (relative to the cache directory).
 *
 * @param {{ cacheDirectory: string, log: (line: string) => void }} options
 * @returns {Promise<{ ok: boolean, missing: string[], aptLine?: string, reason?: string }>} `aptLine` is the exact
 *   line to run where a person can help; `reason` a whole sentence when `ok` is false.
 */
export async function ensureGuestPackages({ cacheDirectory, log }) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const reason = `Guests need Linux on an amd64 processor; this is ${process.platform} on ${process.arch}.`;
    return { ok: false, missing: ['linux-amd64'], reason };
  }
  const missing = await missingPackages(COMMANDS);
  const install = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (missing.length > 0) {
    const reason = `Guests need ${missing.join(' and ')}, which ${missing.length > 1 ? 'are' : 'is'} not installed.`;
    if (!(await hasApt())) return { ok: false, missing, reason };
    if (!isRoot()) return { ok: false, missing, aptLine: `sudo ${install}`, reason };
    try {
      log(`Installing ${missing.join(' and ')}…`);
      await withFreshLists(() => output('apt-get', install.split(' ').slice(1)), log);
    } catch (error) {
      return { ok: false, missing, aptLine: install, reason: `${reason} apt-get says: ${sentence(error)}` };
    }
  }
  const unpackers = await missingPackages(UNPACKERS);
  if (unpackers.length > 0 && isRoot() && (await hasApt())) {
    const install = ['install', '-y', '--no-install-recommends', ...unpackers];
    await withFreshLists(() => output('apt-get', install), log).catch((error) => log(sentence(error)));
  }
  const withoutFirmware = await ensureTree({
    directory: path.join(cacheDirectory, 'firmware'),
    names: FIRMWARE,
    log,
  });
  if (withoutFirmware) log(`Machines with UEFI or a TPM will not start: ${withoutFirmware}`);
  if (await readManifest(cacheDirectory)) return { ok: true, missing: [] };
  if (!(await hasApt())) {
    const reason = 'Guests are built from Debian packages, and this system has no apt-get to fetch them.';
    return { ok: false, missing: ['apt'], reason };
  }
  try {
    await mkdir(cacheDirectory, { recursive: true });
    const manifest = await withFreshLists(() => downloadAll({ cacheDirectory, log }), log);
    await writeManifest(cacheDirectory, manifest);
    return { ok: true, missing: [] };
  } catch (error) {
    const reason = `The guests' Debian packages could not be fetched: ${sentence(error)}.`;
    const aptLine = isRoot() ? 'apt-get update' : 'sudo apt-get update';
    return {
      ok: false,
      missing: ['linux-image-amd64', 'busybox-static', 'qemu-guest-agent'],
      aptLine,
      reason,
    };
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const cacheDirectory = path.join(root, '.cache', 'guest');
  const result = await ensureGuestPackages({ cacheDirectory, log: (line) => console.log(line) });
  if (result.ok) console.log(`Ready: ${path.relative(process.cwd(), cacheDirectory) || '.'}`);
  else console.error([result.reason, result.aptLine && `Run: ${result.aptLine}`].filter(Boolean).join('\n'));
  process.exitCode = result.ok ? 0 : 1;
}
