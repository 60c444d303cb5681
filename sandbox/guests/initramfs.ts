import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { type CpioEntry, writeCpio } from './cpio';
import { neededLibraries, setuidLauncher } from './elf';
import { collectModules, type KernelModule } from './kernel-modules';
import type { GuestPackages } from './packages';

const run = promisify(execFile);

/**
 * The drivers of the guest's devices and the file systems that it mounts. What the kernel has built in or doesn't know
 * is passed over: names differ between Debian's kernels.
 */
export const WANTED_MODULES = [
  ...['virtio_pci', 'virtio_console', 'virtio_blk', 'virtio_net', 'virtio_balloon', 'virtio_rng'],
  ...['virtio_mem', 'virtio_scsi', 'ahci', 'xhci_pci', 'usb_storage', 'sd_mod', 'sr_mod'],
  ...['e1000', 'e1000e', '8139cp', 'ne2k_pci', 'pcnet32'],
  ...['button', 'psmouse', 'evdev', 'bochs', 'qemu_fw_cfg'],
  ...['crc32c_generic', 'ext4', 'isofs', 'vfat', 'nls_utf8', 'nls_ascii', 'nls_cp437'],
];
/** Loaded by the kernel when they are mounted, not at boot. */
const ON_DEMAND = new Set(['isofs', 'vfat', 'nls_ascii', 'nls_cp437']);
const DIRECTORIES = [
  ...['bin', 'dev', 'etc', 'home', 'lib', 'lib64', 'mnt', 'proc', 'root', 'run', 'sys', 'tmp', 'usr', 'var'],
  ...[
    'lib/x86_64-linux-gnu',
    'lib/modules',
    'usr/local',
    'usr/local/bin',
    'var/log',
    'var/lib',
    'var/lib/cloud',
  ],
];
/** busybox applets that would stand in for Debian's own tools or make no sense in a guest. */
const LEFT_OUT = new Set(['busybox', 'dpkg', 'dpkg-deb', 'rpm', 'rpm2cpio', 'linuxrc', 'init']);
const SUDO_GROUP = 27;

/** Our own files of the guest: path inside the guest → content and mode. Scripts are those in bin and with a #!. */
async function readRootfs(directory: string): Promise<CpioEntry[]> {
  const entries: CpioEntry[] = [];
  for (const relative of (await readdir(directory, { recursive: true })).sort()) {
    const file = path.join(directory, relative);
    if ((await stat(file)).isDirectory()) {
      if (!DIRECTORIES.includes(relative)) entries.push({ type: 'directory', path: relative });
      continue;
    }
    const content = await readFile(file);
    entries.push({
      type: 'file',
      path: relative,
      content,
      mode: content.toString('latin1', 0, 2) === '#!' ? 0o755 : 0o644,
    });
  }
  return entries;
}

/** The guest agent with every library that it loads, found in the extracted packages. */
async function agentFiles(packages: GuestPackages): Promise<CpioEntry[]> {
  const program = await readFile(packages.guestAgent);
  const entries: CpioEntry[] = [{ type: 'file', path: 'bin/qemu-ga', content: program, mode: 0o755 }];
  const queue = neededLibraries(program);
  const seen = new Set<string>();
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    let content: Buffer | undefined;
    for (const directory of packages.libraryDirectories) {
      content ??= await readFile(path.join(directory, name)).catch(() => undefined);
    }
    if (!content) throw new Error(`the guest agent needs ${name}, which no fetched package holds`);
    queue.push(...neededLibraries(content));
    const directory = name.startsWith('ld-linux') ? 'lib64' : 'lib/x86_64-linux-gnu';
    entries.push({ type: 'file', path: `${directory}/${name}`, content, mode: 0o755 });
  }
  return entries;
}

/** The modules' files and what `modprobe` reads, made by busybox's own depmod in a temporary directory. */
async function moduleFiles(packages: GuestPackages, modules: KernelModule[]): Promise<CpioEntry[]> {
  const release = packages.kernelRelease;
  const base = `lib/modules/${release}`;
  const work = await mkdtemp(path.join(tmpdir(), 'portlight-modules-'));
  try {
    const directory = path.join(work, base);
    await mkdir(directory, { recursive: true });
    for (const { name, content } of modules) await writeFile(path.join(directory, `${name}.ko`), content);
    await run(packages.busybox, ['depmod', '-b', work, release]);
    const files = (await readdir(directory)).sort();
    return [
      { type: 'directory', path: base },
      ...(await Promise.all(
        files.map(async (file): Promise<CpioEntry> => {
          return {
            type: 'file',
            path: `${base}/${file}`,
            content: await readFile(path.join(directory, file)),
          };
        }),
      )),
    ];
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function accountFiles(): CpioEntry[] {
  const file = (name: string, text: string, mode?: number): CpioEntry => {
    return {
      type: 'file',
      path: `etc/${name}`,
      content: Buffer.from(text),
      ...(mode === undefined ? {} : { mode }),
    };
  };
  return [
    file('passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
    file('group', `root:x:0:\nsudo:x:${SUDO_GROUP}:\n`),
    file('shadow', 'root:!:19700:0:99999:7:::\n', 0o640),
    file('shells', '/bin/sh\n/bin/ash\n'),
    file('nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n'),
  ];
}

/** A program that runs our script of the same name as root, for the members of a group or for everybody. */
function launcher(name: string, mode: number, gid: number): CpioEntry {
  return { type: 'file', path: `bin/${name}`, content: setuidLauncher(`/lib/portlight/${name}`), mode, gid };
}

/**
 * Builds the guest's initramfs (an unpacked cpio archive): busybox, the guest agent with its libraries, the drivers and
 * our own files of `rootfsDirectory`. /sbin, /usr/bin and /usr/sbin are links to /bin.
 */
export async function buildInitramfs(packages: GuestPackages, rootfsDirectory: string): Promise<Buffer> {
  const busybox = await readFile(packages.busybox);
  const { stdout: applets } = await run(packages.busybox, ['--list']);
  const own = await readRootfs(rootfsDirectory);
  const ownPaths = new Set(own.map((entry) => entry.path));
  const modules = await collectModules(packages.modulesDirectory, WANTED_MODULES);
  const loaded = modules.map((module) => module.name).filter((name) => !ON_DEMAND.has(name));
  const appletLinks = applets
    .split('\n')
    .filter((name) => name && !LEFT_OUT.has(name) && !ownPaths.has(`bin/${name}`))
    .map((name): CpioEntry => ({ type: 'link', path: `bin/${name}`, target: 'busybox' }));
  return writeCpio([
    ...DIRECTORIES.map((name): CpioEntry => {
      const mode = name === 'tmp' ? 0o1777 : name === 'root' ? 0o700 : 0o755;
      return { type: 'directory', path: name, mode };
    }),
    { type: 'link', path: 'sbin', target: 'bin' },
    { type: 'link', path: 'usr/bin', target: '../bin' },
    { type: 'link', path: 'usr/sbin', target: '../bin' },
    { type: 'link', path: 'var/run', target: '../run' },
    { type: 'character-device', path: 'dev/console', major: 5, minor: 1 },
    { type: 'file', path: 'bin/busybox', content: busybox, mode: 0o755 },
    { type: 'link', path: 'bin/init', target: 'busybox' },
    ...appletLinks,
    ...own,
    ...accountFiles(),
    launcher('sudo', 0o4750, SUDO_GROUP),
    launcher('change-password', 0o4755, 0),
    { type: 'file', path: 'etc/modules', content: Buffer.from(`${loaded.join('\n')}\n`) },
    ...(await agentFiles(packages)),
    ...(await moduleFiles(packages, modules)),
  ]);
}
