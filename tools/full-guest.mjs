// Builds the fuller guest, which the sandbox's small Linux is not: Debian with systemd, cloud-init, sshd and the guest
// agent, as one disk that boots by BIOS like a distribution's cloud image. Wants root, some minutes and about 1 GiB.
// Plain Node without packages, like everything that makes a machine ready.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensurePrograms } from './machine.mjs';

/** Raised when what is built changes. */
const RECIPE = 1;
const SECTOR = 512;
const FIRST_SECTOR = 2048;
const DISK_BYTES = 3 * 2 ** 30;
const HEARTBEAT_MS = 10_000;

const PACKAGES = [
  ...['systemd-sysv', 'systemd-resolved', 'dbus', 'udev', 'kmod', 'procps', 'login', 'sudo'],
  // debootstrap doesn't find what cloud-init's virtual dependency stands for: python3-cffi-backend.
  ...['cloud-init', 'cloud-guest-utils', 'python3-cffi-backend', 'e2fsprogs'],
  ...['openssh-server', 'qemu-guest-agent', 'iproute2', 'iputils-ping', 'netbase'],
  ...['linux-image-cloud-amd64', 'initramfs-tools', 'zstd'],
];
/** Drivers of the devices that a VM may boot from. */
const BOOT_MODULES = ['virtio_pci', 'virtio_blk', 'virtio_scsi', 'ahci', 'sd_mod', 'ext4'];
/** What a boot loader needs to find the disk labelled root and to start a kernel from it. */
const LOADER_MODULES = [
  ...['biosdisk', 'part_msdos', 'ext2', 'search', 'search_label', 'normal', 'configfile'],
  ...['linux', 'serial', 'terminal', 'echo', 'test'],
];
/** Work at the wrong time: nobody keeps such a guest for long. */
const MASKED = ['apt-daily.timer', 'apt-daily-upgrade.timer', 'e2scrub_all.timer', 'fstrim.timer'];

/** Runs a program to its end; its output is shown only when it fails. */
function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      ...options,
    });
    let printed = '';
    const keep = (chunk) => {
      printed = (printed + chunk).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`${command} failed:\n${printed.trim()}`)),
    );
  });
}

/** The release that this machine runs, and where its own packages come from. */
async function suiteAndMirror() {
  const release = await readFile('/etc/os-release', 'utf8');
  const suite = /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1];
  if (!suite) throw new Error('/etc/os-release names no Debian release');
  const text = await run('apt-get', [
    'indextargets',
    '--format',
    '$(SITE) $(RELEASE)',
    'Created-By: Packages',
  ]);
  const site = text
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, name]) => name === suite)?.[0];
  if (!site) throw new Error(`apt knows no source for ${suite}`);
  return { suite, mirror: site };
}

/** Turns a fresh Debian tree into one that becomes somebody's machine at its first boot. */
async function personalise(tree) {
  const write = async (file, text) => {
    await mkdir(path.dirname(path.join(tree, file)), { recursive: true });
    await writeFile(path.join(tree, file), text);
  };
  const inside = (...command) => run('chroot', [tree, ...command]);
  await write('etc/fstab', 'LABEL=root / ext4 defaults,noatime 0 1\n');
  await write('etc/hostname', 'localhost\n');
  await write(
    'etc/cloud/cloud.cfg.d/90_sandbox.cfg',
    'datasource_list: [NoCloud, ConfigDrive, None]\nlocale: C.UTF-8\n',
  );
  await write('etc/initramfs-tools/modules', `${BOOT_MODULES.join('\n')}\n`);
  await write('etc/initramfs-tools/conf.d/sandbox', 'MODULES=list\nCOMPRESS=zstd\n');
  await inside('systemctl', 'enable', 'systemd-networkd', 'systemd-resolved', 'ssh');
  await inside('systemctl', 'mask', ...MASKED);
  await inside('update-initramfs', '-u');
  const boot = await readdir(path.join(tree, 'boot'));
  const newest = (prefix) =>
    boot
      .filter((name) => name.startsWith(prefix))
      .sort()
      .at(-1);
  await write(
    'boot/grub/grub.cfg',
    [
      'serial --unit=0 --speed=115200',
      'terminal_output console serial',
      `linux /boot/${newest('vmlinuz-')} root=LABEL=root ro console=tty0 console=ttyS0,115200`,
      `initrd /boot/${newest('initrd.img-')}`,
      'boot',
      '',
    ].join('\n'),
  );
  // Each machine makes its own.
  await write('etc/machine-id', '');
  for (const name of await readdir(path.join(tree, 'etc/ssh')))
    if (name.startsWith('ssh_host_')) await rm(path.join(tree, 'etc/ssh', name));
  await inside('apt-get', 'clean');
  await rm(path.join(tree, 'var/lib/apt/lists'), { recursive: true, force: true });
  await mkdir(path.join(tree, 'var/lib/apt/lists'), { recursive: true });
}

/** The boot loader, as two pieces for the sectors before the first partition. */
async function makeLoader(work) {
  const packages = path.join(work, 'packages');
  await mkdir(packages);
  await run('apt-get', ['-o', 'APT::Sandbox::User=root', '-q', 'download', 'grub-pc-bin', 'grub-common'], {
    cwd: packages,
  });
  const tree = path.join(work, 'grub');
  for (const name of await readdir(packages)) await run('dpkg-deb', ['-x', path.join(packages, name), tree]);
  const modules = path.join(tree, 'usr/lib/grub/i386-pc');
  const script = path.join(work, 'loader.cfg');
  await writeFile(
    script,
    'search.fs_label root root\nset prefix=($root)/boot/grub\nconfigfile ($root)/boot/grub/grub.cfg\n',
  );
  const core = path.join(work, 'core.img');
  await run(path.join(tree, 'usr/bin/grub-mkimage'), [
    ...['-O', 'i386-pc', '-d', modules, '-p', '/boot/grub', '-c', script, '-o', core],
    ...LOADER_MODULES,
  ]);
  return { first: await readFile(path.join(modules, 'boot.img')), rest: await readFile(core) };
}

/**
 * The first sector with a table of one active Linux partition. GRUB's own first sector loads what lies in the next
 * ones, where its core image expects itself to be.
 */
export function bootSector(loader, diskBytes) {
  const sector = Buffer.alloc(SECTOR);
  loader.copy(sector, 0, 0, 440);
  const entry = sector.subarray(446, 462);
  entry[0] = 0x80;
  entry[4] = 0x83;
  entry.writeUInt32LE(FIRST_SECTOR, 8);
  entry.writeUInt32LE(diskBytes / SECTOR - FIRST_SECTOR, 12);
  sector.writeUInt16BE(0x55aa, 510);
  return sector;
}

async function makeDisk(tree, work, disk) {
  const raw = path.join(work, 'disk.raw');
  const loader = await makeLoader(work);
  if (loader.rest.length > (FIRST_SECTOR - 1) * SECTOR) throw new Error('the boot loader is too large');
  const handle = await open(raw, 'w');
  await handle.truncate(DISK_BYTES);
  await handle.write(bootSector(loader.first, DISK_BYTES), 0, SECTOR, 0);
  await handle.write(loader.rest, 0, loader.rest.length, SECTOR);
  await handle.close();
  const blocks = (DISK_BYTES - FIRST_SECTOR * SECTOR) / 1024;
  await run('mke2fs', [
    ...['-q', '-F', '-t', 'ext4', '-L', 'root', '-d', tree],
    ...['-E', `offset=${FIRST_SECTOR * SECTOR}`, raw, `${blocks}k`],
  ]);
  await run('qemu-img', ['convert', '-O', 'qcow2', raw, disk]);
}

/**
 * The fuller guest's disk below `cacheDirectory`, built when it is missing. Returns its path, or why there is none.
 */
export async function ensureFullGuest({ cacheDirectory, log }) {
  const disk = path.join(cacheDirectory, `debian-${RECIPE}.qcow2`);
  if (existsSync(disk)) return { disk };
  if (process.getuid?.() !== 0) return { reason: 'Building the fuller guest takes root.' };
  const byHand = ensurePrograms(
    { debootstrap: 'debootstrap', 'qemu-img': 'qemu-utils', mke2fs: 'e2fsprogs' },
    log,
  );
  if (byHand) return { reason: `The fuller guest needs more of this machine; run: ${byHand}` };
  const work = path.join(cacheDirectory, `build-${process.pid}`);
  await mkdir(work, { recursive: true });
  const started = Date.now();
  let doing = '';
  const say = (what) => {
    doing = what;
    log(`The fuller guest: ${what} …`);
  };
  const heartbeat = setInterval(
    () => log(`The fuller guest: ${doing} … ${Math.round((Date.now() - started) / 1000)} s`),
    HEARTBEAT_MS,
  );
  try {
    const { suite, mirror } = await suiteAndMirror();
    const tree = path.join(work, 'tree');
    say(`fetching Debian ${suite}`);
    await run('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, suite, tree, mirror]);
    say('setting it up');
    await personalise(tree);
    say('writing its disk');
    await makeDisk(tree, work, `${disk}.part`);
    await rename(`${disk}.part`, disk);
    const { blocks } = await stat(disk);
    const seconds = Math.round((Date.now() - started) / 1000);
    log(`The fuller guest is ready: ${Math.round((blocks * SECTOR) / 2 ** 20)} MiB, after ${seconds} s.`);
    return { disk };
  } catch (error) {
    return { reason: `The fuller guest cannot be built: ${error.message}` };
  } finally {
    clearInterval(heartbeat);
    await rm(work, { recursive: true, force: true });
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const result = await ensureFullGuest({
    cacheDirectory: path.join(root, '.cache', 'full-guest'),
    log: (line) => console.log(line),
  });
  if (result.reason) console.error(result.reason);
  else console.log(result.disk);
  process.exitCode = result.disk ? 0 : 1;
}
