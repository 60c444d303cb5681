import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHypervisor } from './create-hypervisor';
import type { Guest, GuestDisk, GuestSpec, Hypervisor } from './hypervisor';
import { writeIso } from './iso9660';
import { makeSpec, STEP_MS, Typist } from './testing';

const projectRoot = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const cacheDirectory = path.join(projectRoot, '.cache/guest');
const run = promisify(execFile);
const setUp = await run(process.execPath, [path.join(projectRoot, 'tools/guest-packages.mjs')]).then(
  () => true,
  () => false,
);

const MIB = 2 ** 20;
const USER_DATA = '#cloud-config\npassword: fedora\nchpasswd: { expire: false }\n';
const TIMEOUT = { timeout: 4 * STEP_MS };

describe.runIf(setUp)('devices of a guest', () => {
  let directory = '';
  let hypervisor: Hypervisor;
  let spec: GuestSpec;
  let guest: Guest;
  let typist: Typist;

  const image = (name: string, bytes = 16 * MIB) =>
    hypervisor.makeDataDisk(path.join(directory, `${name}.img`), bytes);
  const iso = async (label: string) => {
    const file = path.join(directory, `${label}.iso`);
    await writeFile(file, writeIso(label, new Map([['readme', Buffer.from(`this is ${label}`)]])));
    return file;
  };
  const data = (name: string, file: string, more: Partial<GuestDisk> = {}): GuestDisk => ({
    name,
    path: file,
    role: 'data',
    readOnly: false,
    ...more,
  });
  const until = (command: string, pattern: RegExp) =>
    vi.waitUntil(async () => pattern.test(await typist.run(command)), { timeout: STEP_MS, interval: 200 });

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'portlight-devices-'));
    hypervisor = await createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
    spec = await makeSpec(hypervisor, 21, USER_DATA);
    spec.disks.push(
      data('on-scsi', await image('on-scsi'), { bus: 'scsi', serial: 'SCSI-1', cache: 'writethrough' }),
      data('on-sata', await image('on-sata'), { bus: 'sata', serial: 'SATA-1' }),
      data('on-usb', await image('on-usb'), { bus: 'usb', serial: 'USB-1' }),
      data('drive', '', { bus: 'sata', device: 'cdrom', readOnly: true }),
    );
    spec.nics.push({ name: 'old', mac: '02:00:00:00:02:21', address: '10.244.2.21', model: 'e1000e' });
    guest = await hypervisor.start(spec);
    typist = new Typist(guest);
    await typist.login('fedora', 'fedora');
  }, 4 * STEP_MS);

  afterAll(async () => {
    await hypervisor?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('sit on the buses that were asked for, with their serials', TIMEOUT, async () => {
    const seen = await typist.run(
      `for d in /sys/block/[vs][dr]*; do read n < $d/dev; echo "\${d##*/} $(readlink -f $d | grep -o '[a-z]*[0-9]*/host\\|virtio[0-9]*/block\\|usb[0-9]' | head -1) $(cat /run/udev/data/b$n 2>/dev/null) $(cat $d/queue/write_cache)"; done`,
    );
    // Which of them is found first is not the same each time.
    const names = seen.split('\n').map((line) => line.replace(/^sd./, 'sd'));
    expect(names.sort()).toEqual([
      expect.stringMatching(/^sd ata\d+\/host E:ID_SERIAL=QEMU_HARDDISK_SATA-1 write back$/),
      expect.stringMatching(/^sd usb\d E:ID_SERIAL=QEMU_QEMU_HARDDISK_USB-1-0:0 write back$/),
      expect.stringMatching(/^sd virtio\d+\/host E:ID_SERIAL=0QEMU_QEMU_HARDDISK_SCSI-1 write through$/),
      expect.stringMatching(/^sr0 ata\d+\/host {2}write/),
      expect.stringMatching(/^vda virtio\d+\/block {2}write back$/),
      expect.stringMatching(/^vdb virtio\d+\/block {2}write back$/),
    ]);
    expect(await typist.run('df /home | tail -1 | cut -d" " -f1')).toBe('/dev/vda');
    const driver = 'readlink -f /sys/class/net/eth1/device/driver; cat /sys/class/net/eth1/address';
    expect((await typist.run(driver)).split('\n')).toEqual([
      '/sys/bus/pci/drivers/e1000e',
      '02:00:00:00:02:21',
    ]);
  });

  it('have a drive whose medium comes and goes', TIMEOUT, async () => {
    const label = 'sudo dd if=/dev/sr0 bs=1 skip=32808 count=8 2>&1 | head -1';
    expect(await typist.run(label)).toContain('No medium found');
    await guest.insertDisk(data('drive', await iso('FIRSTCD')));
    await until(label, /FIRSTCD/);
    await guest.insertDisk(data('drive', await iso('SECONDCD')));
    await until(label, /SECONDCD/);
    await typist.run('sudo mount -t iso9660 -o ro /dev/sr0 /mnt');
    await expect(guest.ejectDisk('drive')).rejects.toThrow('holds the tray');
    expect(await typist.run('cat /mnt/readme; sudo umount /mnt')).toBe('this is SECONDCD');
    await guest.ejectDisk('drive');
    expect(await typist.run(label)).toContain('No medium found');
    expect(guest.spec.disks.at(-1)).toMatchObject({ name: 'drive', path: '' });
  });

  it('get disks on both buses that plug, and give them back', TIMEOUT, async () => {
    const blocks = 'ls /sys/block | tr "\\n" " "';
    const before = await typist.run(blocks);
    await guest.plugDisk(data('a', await image('a'), { serial: 'HOT-A' }));
    await guest.plugDisk(data('b', await image('b'), { bus: 'scsi', serial: 'HOT-B' }));
    await until('cat /run/udev/data/b*', /HOT-A[\s\S]*HOT-B|HOT-B[\s\S]*HOT-A/);
    await expect(guest.plugDisk(data('c', await image('c'), { bus: 'sata' }))).rejects.toThrow(
      'no sata disk',
    );
    expect(guest.spec.disks.map(({ name, slot }) => [name, slot])).toEqual([
      ['containerdisk', 0],
      ['cloudinitdisk', 1],
      ['on-scsi', 0],
      ['on-sata', 0],
      ['on-usb', 0],
      ['drive', 1],
      ['a', 2],
      ['b', 1],
    ]);
    await guest.unplugDisk('a');
    await guest.unplugDisk('b');
    await until(blocks, new RegExp(`^${before}$`));
  });

  it('get network cards, whose cables come out and go in', TIMEOUT, async () => {
    const nic = { name: 'hot', mac: '02:00:00:00:03:21', address: '10.244.3.21', link: 'down' } as const;
    await guest.plugNic(nic);
    await until('cat /sys/class/net/eth2/address', /02:00:00:00:03:21/);
    await until('cat /sys/class/net/eth2/carrier', /^0$/);
    await guest.setLink('hot', 'up');
    await until('cat /sys/class/net/eth2/carrier', /^1$/);
    await until('ip addr show eth2', /inet 10\.244\.3\.21/);
    await guest.setLink('hot', 'down');
    await until('cat /sys/class/net/eth2/carrier', /^0$/);
    await guest.unplugNic('hot');
    await until('ls /sys/class/net', /^eth0\s+eth1\s+lo$/);
    expect(guest.spec.nics.map(({ name }) => name)).toEqual(['default', 'old']);
  });

  it('are opened by one machine, unless they are made to be shared', TIMEOUT, async () => {
    const shared = data('shared', await image('shared'), {
      serial: 'SHARED',
      shareable: true,
      cache: 'none',
    });
    await guest.plugDisk(shared);
    await until('cat /run/udev/data/b*', /SHARED/);
    const own = await image('on-scsi');
    const second = await makeSpec(hypervisor, 22, USER_DATA);
    await expect(
      hypervisor.start({ ...second, disks: [...second.disks, data('theirs', own)] }),
    ).rejects.toThrow('lock');
    const other = await hypervisor.start({ ...second, disks: [...second.disks, { ...shared }] });
    const reader = new Typist(other);
    await reader.login('fedora', 'fedora');
    await typist.run('echo from-the-first | sudo dd of=/dev/vdc bs=512 conv=sync,fsync 2>/dev/null');
    expect(await reader.run('sudo head -c 14 /dev/vdc')).toBe('from-the-first');
    await other.kill();
    await guest.unplugDisk('shared');
  });

  it('are where they were after a reset', TIMEOUT, async () => {
    await guest.reset();
    await typist.login('fedora', 'fedora');
    expect(await typist.run('df /home | tail -1 | cut -d" " -f1; ls /sys/block | tr "\\n" " "')).toMatch(
      /^\/dev\/vda\n.*sda sdb sdc sr0 vda vdb/,
    );
  });
});
