import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Typist } from './guests/testing';
import { TestSandbox, testVm } from './testing';
import { addLogin, GUEST_TEST, hasGuests, typistAt, untilAnswer } from './testing-guests';
import { imageOfClaim } from './testing-images';

const run = promisify(execFile);
const NS = 'keeping';
const CORE = `/api/v1/namespaces/${NS}`;
const SNAPSHOTS = `/apis/snapshot.kubevirt.io/v1beta1/namespaces/${NS}`;
const VOLUME_SNAPSHOTS = `/apis/snapshot.storage.k8s.io/v1/namespaces/${NS}/volumesnapshots`;
const CLONES = `/apis/clone.kubevirt.io/v1beta1/namespaces/${NS}/virtualmachineclones`;
const MAC = '02:00:00:00:aa:01';
/** Mounts the disk of a VM's volume `data`. */
const MOUNT =
  'for d in /sys/block/vd*; do [ "$(cat $d/serial)" = data ] && sudo mount /dev/$(basename $d) /mnt; done; mount | grep -c " /mnt "';

describe.runIf(hasGuests)('a snapshot of a guest', () => {
  let sandbox: TestSandbox;
  let typist: Typist;
  let before = '';
  const machine = (name: string) => ({ apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name });

  const logIn = async (name: string) => {
    await untilAnswer(
      () => sandbox.vmi(NS, name),
      ({ body }) => body.status?.phase === 'Running',
      `${name} runs`,
    );
    const one = typistAt(sandbox, NS, name);
    await one.login('fedora', 'fedora');
    expect(await one.run(MOUNT)).toBe('1');
    return one;
  };
  const untilComplete = (kind: string, name: string) =>
    untilAnswer(
      () => sandbox.ask('GET', `${SNAPSHOTS}/${kind}/${name}`),
      ({ body }) => body.status?.readyToUse === true || body.status?.complete === true,
      `${name} is complete`,
    );

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true });
    await sandbox.createNamespace(NS);
    await sandbox.ask('POST', `${CORE}/persistentvolumeclaims`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'keeper-data' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        volumeMode: 'Block',
        resources: { requests: { storage: '48Mi' } },
      },
    });
    await untilAnswer(
      () => sandbox.ask('GET', `${CORE}/persistentvolumeclaims/keeper-data`),
      ({ body }) => body.status?.phase === 'Bound',
      'the claim is bound',
    );
    await run('/sbin/mkfs.ext4', ['-q', await imageOfClaim(sandbox, NS, 'keeper-data')]);
    const vm = testVm('keeper', 'Always', ({ domain, volumes }) => {
      addLogin(domain.devices.disks, volumes);
      domain.devices.disks.push({ name: 'data', disk: { bus: 'virtio' }, serial: 'data' });
      domain.devices.interfaces = [{ name: 'default', masquerade: {}, macAddress: MAC }];
      volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'keeper-data' } });
    });
    expect((await sandbox.createVm(vm, NS)).status).toBe(201);
    typist = await logIn('keeper');
    before = await typist.run(
      'sudo dd if=/dev/urandom of=/mnt/old bs=1M count=4 2>/dev/null; sync; sha256sum < /mnt/old',
    );
    await untilAnswer(
      () => sandbox.vmi(NS, 'keeper'),
      ({ body }) => body.status.conditions.some(({ type }: { type: string }) => type === 'AgentConnected'),
      'the agent answers',
    );
  }, GUEST_TEST.timeout);
  afterAll(() => sandbox?.close());

  it('that writes all the time is whole, because its agent froze it', GUEST_TEST, async () => {
    await typist.run(
      'sudo sh -c "while :; do echo line >> /mnt/log; cp /mnt/log /mnt/log.new; mv /mnt/log.new /mnt/log.old; sync; done" & sleep 1; head -1 /mnt/log',
    );
    await sandbox.ask('POST', `${SNAPSHOTS}/virtualmachinesnapshots`, {
      apiVersion: 'snapshot.kubevirt.io/v1beta1',
      kind: 'VirtualMachineSnapshot',
      metadata: { name: 'first' },
      spec: { source: machine('keeper') },
    });
    await untilAnswer(
      () => sandbox.vmi(NS, 'keeper'),
      ({ body }) => body.status.fsFreezeStatus === 'frozen',
      'the guest is frozen',
    );
    const { body } = await untilComplete('virtualmachinesnapshots', 'first');
    expect(body.status).toMatchObject({
      phase: 'Succeeded',
      indications: ['Online', 'GuestAgent'],
      snapshotVolumes: { includedVolumes: ['data'] },
    });
    await untilAnswer(
      () => sandbox.vmi(NS, 'keeper'),
      (answer) => answer.body.status.fsFreezeStatus === undefined,
      'the guest goes on',
    );
    const lines = async () => Number(await typist.run('wc -l < /mnt/log'));
    const now = await lines();
    await expect.poll(lines, { timeout: 30_000 }).toBeGreaterThan(now);
    const [copy] = (await sandbox.ask('GET', VOLUME_SNAPSHOTS)).body.items;
    const file = path.join(
      sandbox.directory,
      'disks',
      `${copy.status.boundVolumeSnapshotContentName}.snapshot`,
    );
    // A frozen file system needs no repair: nothing is left in its journal.
    const { stdout } = await run('/sbin/e2fsck', ['-fn', file]);
    expect(stdout).not.toMatch(/recover|was modified|WARNING/i);
  });

  it('of a disk alone is of one moment, too', GUEST_TEST, async () => {
    await sandbox.ask('POST', VOLUME_SNAPSHOTS, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: { name: 'alone' },
      spec: { source: { persistentVolumeClaimName: 'keeper-data' } },
    });
    const { body } = await untilAnswer(
      () => sandbox.ask('GET', `${VOLUME_SNAPSHOTS}/alone`),
      (answer) => answer.body.status?.readyToUse === true,
      'the copy is ready',
    );
    const file = path.join(
      sandbox.directory,
      'disks',
      `${body.status.boundVolumeSnapshotContentName}.snapshot`,
    );
    // As after a power cut: the journal brings it in order, and then there is nothing wrong.
    await run('/sbin/e2fsck', ['-p', file]).catch(({ code }) => expect(code).toBe(1));
    await run('/sbin/e2fsck', ['-fn', file]);
  });

  it('brings the old file back, byte for byte', GUEST_TEST, async () => {
    await typist.run('sudo pkill -f "while :"; sudo dd if=/dev/zero of=/mnt/old bs=1M count=4; sync');
    await sandbox.act(NS, 'keeper', 'stop', { gracePeriod: 0 });
    await sandbox.untilStatus(NS, 'keeper', 'Stopped');
    await sandbox.ask('POST', `${SNAPSHOTS}/virtualmachinerestores`, {
      apiVersion: 'snapshot.kubevirt.io/v1beta1',
      kind: 'VirtualMachineRestore',
      metadata: { name: 'back' },
      spec: { target: machine('keeper'), virtualMachineSnapshotName: 'first' },
    });
    const { body } = await untilComplete('virtualmachinerestores', 'back');
    const [{ persistentVolumeClaim }] = body.status.restores;
    expect(persistentVolumeClaim).not.toBe('keeper-data');
    expect((await sandbox.act(NS, 'keeper', 'start')).status).toBe(202);
    typist = await logIn('keeper');
    expect(await typist.run('sha256sum < /mnt/old')).toBe(before);
    expect(await typist.run('sudo dmesg | grep -c "recovery complete"')).toBe('0');
  });

  it('makes a clone with the file, and another name and card', GUEST_TEST, async () => {
    await sandbox.ask('POST', CLONES, {
      apiVersion: 'clone.kubevirt.io/v1beta1',
      kind: 'VirtualMachineClone',
      metadata: { name: 'twin' },
      spec: {
        source: { apiGroup: 'snapshot.kubevirt.io', kind: 'VirtualMachineSnapshot', name: 'first' },
        target: machine('twin'),
      },
    });
    await sandbox.untilStatus(NS, 'twin', 'Stopped');
    expect((await sandbox.act(NS, 'twin', 'start')).status).toBe(202);
    const twin = await logIn('twin');
    expect(await twin.run('sha256sum < /mnt/old')).toBe(before);
    expect(await twin.run('hostname')).toBe('twin');
    const identity = 'cat /sys/class/net/eth0/address; sudo cat /sys/class/dmi/id/product_uuid';
    const [[mac, uuid], [otherMac, otherUuid]] = [
      (await typist.run(identity)).split('\n'),
      (await twin.run(identity)).split('\n'),
    ];
    expect(mac).toBe(MAC);
    expect(otherMac).toMatch(/^02:/);
    expect(otherMac).not.toBe(mac);
    expect(otherUuid).not.toBe(uuid);
  });

  it('of its memory is a core that the guest’s kernel wrote', GUEST_TEST, async () => {
    const name = 'memory';
    await sandbox.ask('POST', `${CORE}/persistentvolumeclaims`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '512Mi' } } },
    });
    await typist.run('echo "a word in the memory of the guest" > /tmp/word; cat /tmp/word');
    expect((await sandbox.act(NS, 'keeper', 'memorydump', { claimName: name })).status).toBe(202);
    await untilAnswer(
      () => sandbox.vm(NS, 'keeper'),
      ({ body }) => body.status.memoryDumpRequest?.phase === 'Completed',
      'the memory is written',
    );
    const core = await readFile(await imageOfClaim(sandbox, NS, name));
    expect(core.subarray(0, 4).toString('latin1')).toBe('\x7fELF');
    expect(core.length).toBeGreaterThan(128 * 2 ** 20);
    expect(core.includes('a word in the memory of the guest')).toBe(true);
  });
});
