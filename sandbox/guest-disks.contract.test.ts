import { execFile } from 'node:child_process';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Typist } from './guests/testing';
import { TestSandbox, testVm } from './testing';
import { addLogin, GUEST_TEST, hasGuests, typistAt, untilAnswer } from './testing-guests';
import { imageOfClaim, sumOf } from './testing-images';

const run = promisify(execFile);
const NS = 'disks';
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
const MIB = 2 ** 20;

describe.runIf(hasGuests)('the disks of a guest', () => {
  let sandbox: TestSandbox;
  let typist: Typist;
  let storage = '';

  const claim = (name: string, storage: string, volumeMode: string) =>
    sandbox.ask('POST', CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], volumeMode, resources: { requests: { storage } } },
    });
  const bound = (name: string) =>
    untilAnswer(
      () => sandbox.ask('GET', `${CLAIMS}/${name}`),
      ({ body }) => body.status?.phase === 'Bound',
      `${name} is bound`,
    );
  const conditionOf = (type: string) => async () => {
    const { body } = await sandbox.vmi(NS, 'writer');
    return body.status?.conditions?.find((condition: { type: string }) => condition.type === type);
  };
  const deviceOf = async (serial: string) =>
    (
      await typist.run(`for d in /sys/block/vd*; do [ "$(cat $d/serial)" = ${serial} ] && basename $d; done`)
    ).trim();

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true });
    await sandbox.createNamespace(NS);
    // A storage of its own, small enough to be filled.
    storage = path.join(sandbox.directory, 'disks');
    await mkdir(storage, { recursive: true });
    await run('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', storage]);
    await claim('raw', '64Mi', 'Block');
    await claim('files', '20Mi', 'Filesystem');
    await bound('raw');
    await bound('files');
    const image = await imageOfClaim(sandbox, NS, 'files');
    await run('truncate', ['--size', '12M', image]);
    await run('/sbin/mkfs.ext4', ['-q', '-O', '^has_journal', image]);
    const vm = testVm('writer', 'Always', ({ domain, volumes }) => {
      addLogin(domain.devices.disks, volumes);
      for (const name of ['raw', 'files']) {
        domain.devices.disks.push({ name, disk: { bus: 'virtio' }, serial: name });
        volumes.push({ name, persistentVolumeClaim: { claimName: name } });
      }
    });
    expect((await sandbox.createVm(vm, NS)).status).toBe(201);
    await untilAnswer(
      () => sandbox.vmi(NS, 'writer'),
      ({ body }) => body.status?.phase === 'Running',
      'the guest runs',
    );
    typist = typistAt(sandbox, NS, 'writer');
    await typist.login('fedora', 'fedora');
  }, GUEST_TEST.timeout);

  afterAll(async () => {
    if (storage) await run('umount', ['--lazy', storage]);
    await sandbox?.close();
  });

  it('have what a file system leaves, or all of a block device', GUEST_TEST, async () => {
    const sizes = await typist.run(
      `for n in raw files; do for d in /sys/block/vd*; do [ "$(cat $d/serial)" = $n ] && cat $d/size; done; done`,
    );
    // 20 MiB without CDI's six per cent, in whole MiB.
    expect(sizes.split('\n').map((sectors) => (Number(sectors) * 512) / MIB)).toEqual([64, 18]);
  });

  it('are full for the guest when its file system is', GUEST_TEST, async () => {
    const device = await deviceOf('files');
    const told = await typist.run(
      `sudo mkdir -p /mnt/files; sudo mount /dev/${device} /mnt/files; sudo dd if=/dev/zero of=/mnt/files/big bs=64k; sudo rm /mnt/files/big; sudo umount /mnt/files`,
    );
    expect(told).toContain('No space left on device');
  });

  it('stop the guest when the storage is full, and lose nothing when it goes on', GUEST_TEST, async () => {
    const device = `/dev/${await deviceOf('raw')}`;
    const written = typist.run(
      `dd if=/dev/urandom of=/tmp/random bs=1M count=1 2>/dev/null; for i in $(seq 48); do cat /tmp/random; done | sudo dd of=${device} bs=1M iflag=fullblock conv=fsync 2>/dev/null; sync; echo written; for i in $(seq 48); do cat /tmp/random; done | sha256sum`,
    );
    await untilAnswer(
      () => sandbox.vmi(NS, 'writer'),
      ({ body }) =>
        body.status.conditions.some(({ reason }: { reason: string }) => reason === 'PausedIOError'),
      'the guest is stopped',
    );
    expect(await conditionOf('Paused')()).toMatchObject({
      status: 'True',
      message: 'VMI was paused, low-level IO error detected',
    });
    await untilAnswer(
      () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/events?fieldSelector=involvedObject.name=writer`),
      ({ body }) =>
        body.items.some(
          ({ reason, message }: { reason: string; message: string }) =>
            reason === 'IOerror' && message === 'VM Paused due to not enough space on volume: raw',
        ),
      'an event says so',
    );
    // There is still no room: it stops again at once.
    expect((await sandbox.actOnInstance(NS, 'writer', 'unpause')).status).toBe(200);
    await untilAnswer(
      () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/events?fieldSelector=involvedObject.name=writer`),
      ({ body }) => body.items.find(({ reason }: { reason: string }) => reason === 'IOerror')?.count > 1,
      'it was stopped once more',
    );
    await run('mount', ['-o', 'remount,size=100m', storage]);
    expect((await sandbox.actOnInstance(NS, 'writer', 'unpause')).status).toBe(200);
    const [, said, sum] = /^(written)\n(\w+) /.exec(await written) ?? [];
    expect(said).toBe('written');
    expect(await sumOf(await imageOfClaim(sandbox, NS, 'raw'), 48 * MIB)).toBe(sum);
    expect(await conditionOf('Paused')()).toBeUndefined();
  });

  it('take no more of the storage than was written', async () => {
    const { blocks } = await stat(await imageOfClaim(sandbox, NS, 'raw'));
    expect(blocks * 512).toBe(48 * MIB);
  });

  it('grow while the guest runs', GUEST_TEST, async () => {
    const device = await deviceOf('raw');
    const more = { spec: { resources: { requests: { storage: '80Mi' } } } };
    for (const name of ['raw', 'files'])
      expect((await sandbox.ask('PATCH', `${CLAIMS}/${name}`, more)).status).toBe(200);
    const sectors = async (name: string) => Number(await typist.run(`cat /sys/block/${name}/size`));
    await expect.poll(() => sectors(device), { timeout: 30_000 }).toBe((80 * MIB) / 512);
    const files = await deviceOf('files');
    await expect.poll(() => sectors(files), { timeout: 30_000 }).toBe((75 * MIB) / 512);
    const { body } = await sandbox.vmi(NS, 'writer');
    const told = body.status.volumeStatus.find(({ name }: { name: string }) => name === 'raw');
    expect(told.persistentVolumeClaimInfo.capacity).toEqual({ storage: '80Mi' });
  });
});
