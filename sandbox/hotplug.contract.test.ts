import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';

const NS = 'plugs';
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
const VMS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines`;
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const running = async (name: string) => {
  await sandbox.createVm(testVm(name, 'Always'), NS);
  return sandbox.untilStatus(NS, name, 'Running');
};
const claim = (name: string, spec: object = {}) =>
  sandbox.ask('POST', CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeMode: 'Block',
      ...spec,
    },
  });
const addition = (name: string, claimName: string, bus = 'scsi') => ({
  name,
  disk: { disk: { bus } },
  volumeSource: { persistentVolumeClaim: { claimName } },
});
const volumeOf = (body: { status: { volumeStatus?: { name: string }[] } }, name: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: looked into field by field.
  body.status.volumeStatus?.find((volume) => volume.name === name) as any;
const untilPhase = (vm: string, volume: string, phase: string | undefined) =>
  sandbox.until(
    () => sandbox.vmi(NS, vm),
    ({ body }) => volumeOf(body, volume)?.phase === phase,
    `${volume} of ${vm} is ${phase}`,
  );
const attachments = async () => {
  const { body } = await sandbox.ask(
    'GET',
    `/api/v1/namespaces/${NS}/pods?labelSelector=kubevirt.io=hotplug-disk`,
  );
  return body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
};
const edit = (name: string, spec: object) =>
  sandbox.ask('PATCH', `${VMS}/${name}`, { spec: { template: { spec } } });
const words = (message: string) => message.replace(/^Operation cannot be fulfilled on \S+ "\S+": /, '');

describe('a hot-plugged disk', () => {
  it('comes by addvolume and goes by removevolume', async () => {
    await running('store');
    await claim('first');
    const added = await sandbox.act(NS, 'store', 'addvolume', addition('hot', 'first'));
    expect([added.status, added.text]).toEqual([202, '']);
    const { body } = await untilPhase('store', 'hot', 'Ready');
    const [pod] = await attachments();
    expect(volumeOf(body, 'hot')).toMatchObject({
      target: 'sda',
      reason: 'VolumeReady',
      message: 'Successfully attach hotplugged volume hot to VM',
      hotplugVolume: { attachPodName: pod },
      persistentVolumeClaimInfo: { claimName: 'first', volumeMode: 'Block' },
    });
    expect(volumeOf(body, 'root').target).toBe('vda');
    const vm = (await sandbox.vm(NS, 'store')).body;
    expect(vm.spec.template.spec.volumes.at(-1)).toEqual({
      name: 'hot',
      persistentVolumeClaim: { claimName: 'first', hotpluggable: true },
    });
    expect(vm.status.conditions.some(({ type }: { type: string }) => type === 'RestartRequired')).toBe(false);
    const migratable = await sandbox.until(
      () => sandbox.vm(NS, 'store'),
      ({ body: { status } }) =>
        status.conditions.find(({ type }: { type: string }) => type === 'LiveMigratable').status === 'False',
      'the disk that is not shared keeps the VM where it is',
    );
    expect(migratable.text).toContain('PVC first is not shared');

    await claim('second');
    await sandbox.act(NS, 'store', 'addvolume', addition('more', 'second', 'virtio'));
    const both = (await untilPhase('store', 'more', 'Ready')).body;
    expect([volumeOf(both, 'hot').target, volumeOf(both, 'more').target]).toEqual(['sda', 'vdb']);
    await sandbox.until(
      async () => ({ status: 0, text: '', contentType: '', body: await attachments() }),
      ({ body: pods }) => pods.length === 1 && pods[0] !== pod,
      'one pod carries both',
    );

    for (const name of ['hot', 'more']) {
      expect((await sandbox.act(NS, 'store', 'removevolume', { name })).status).toBe(202);
      await untilPhase('store', name, undefined);
    }
    expect(await attachments()).toEqual([]);
    const clean = (await sandbox.vmi(NS, 'store')).body;
    expect(clean.spec.domain.devices.disks.map(({ name }: { name: string }) => name)).toEqual(['root']);
    const { body: events } = await sandbox.ask('GET', `/api/v1/namespaces/${NS}/events`);
    const told = events.items.map(({ reason }: { reason: string }) => reason);
    expect(told).toEqual(
      expect.arrayContaining([
        'VolumeMountedToPod',
        'VolumeReady',
        'VolumeUnplugged',
        'VolumeUnMountedFromPod',
      ]),
    );
  });

  it('is refused in virt-api’s words', async () => {
    await running('strict');
    const ask = async (action: string, body: object) => {
      const answer = await sandbox.act(NS, 'strict', action, body);
      return [answer.status, answer.body ? words(answer.body.message) : ''];
    };
    expect(await ask('addvolume', { name: 'x' })).toEqual([
      400,
      'AddVolumeOptions requires disk to not be nil',
    ]);
    expect(await ask('removevolume', { name: 'x' })).toEqual([
      409,
      'Unable to remove volume [x] because it does not exist',
    ]);
    expect(await ask('removevolume', { name: 'root' })).toEqual([
      409,
      'Unable to remove volume [root] because it is not hotpluggable',
    ]);
    expect(await ask('addvolume', addition('late', 'later'))).toEqual([202, '']);
    expect(await ask('addvolume', addition('late', 'other'))).toEqual([
      409,
      'Unable to add volume [late] because volume with that name already exists',
    ]);
    expect(await ask('addvolume', addition('again', 'later'))).toEqual([
      409,
      'Unable to add volume source [later] because it already exists',
    ]);
    const waiting = await untilPhase('strict', 'late', 'Pending');
    expect(volumeOf(waiting.body, 'late').message).toBe('PVC later not found');
    await claim('later');
    await untilPhase('strict', 'late', 'Ready');
    const owned = await sandbox.ask(
      'PUT',
      `/apis/subresources.kubevirt.io/v1/namespaces/${NS}/virtualmachineinstances/strict/addvolume`,
      addition('direct', 'direct'),
    );
    expect([owned.status, owned.body.message]).toEqual([400, `VMI ${NS}/strict is owned by a VM`]);
  });

  it('hangs on an unbound claim, and on a file system that nothing is on', async () => {
    await running('hangs');
    await claim('unbound', { storageClassName: 'nowhere' });
    await sandbox.act(NS, 'hangs', 'addvolume', addition('one', 'unbound'));
    const { body } = await untilPhase('hangs', 'one', 'AttachedToNode');
    expect(volumeOf(body, 'one').hotplugVolume).not.toHaveProperty('attachPodUID');
    await sandbox.act(NS, 'hangs', 'removevolume', { name: 'one' });
    await untilPhase('hangs', 'one', undefined);
    await claim('bare', { volumeMode: 'Filesystem' });
    await sandbox.act(NS, 'hangs', 'addvolume', addition('two', 'bare'));
    await sandbox.until(
      () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/events?fieldSelector=reason%3DHotplugFailed`),
      ({ body: events }) => events.items.length > 0,
      'the node says why',
    );
    expect(volumeOf((await sandbox.vmi(NS, 'hangs')).body, 'two').phase).toBe('AttachedToNode');
  });

  it('is there again after a restart', async () => {
    await running('again');
    await claim('kept');
    await sandbox.act(NS, 'again', 'addvolume', addition('hot', 'kept'));
    await untilPhase('again', 'hot', 'Ready');
    const before = (await sandbox.vmi(NS, 'again')).body.metadata.uid;
    await sandbox.act(NS, 'again', 'restart');
    await sandbox.until(
      () => sandbox.vmi(NS, 'again'),
      ({ body }) =>
        body?.metadata?.uid !== undefined &&
        body.metadata.uid !== before &&
        volumeOf(body, 'hot')?.phase === 'Ready',
      'the next instance has it too',
    );
  });
});

describe('the template declares', () => {
  const root = { name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:42' } };
  const rootDisk = { name: 'root', disk: { bus: 'virtio' } };
  const hot = (claimName: string) => ({
    name: 'cd',
    persistentVolumeClaim: { claimName, hotpluggable: true },
  });

  it('what lies in a CD-ROM drive', async () => {
    const vm = testVm('drive', 'Always', (spec) => {
      spec.domain.devices.disks.push({ name: 'cd', cdrom: { bus: 'sata' } });
    });
    await sandbox.createVm(vm, NS);
    await sandbox.untilStatus(NS, 'drive', 'Running');
    for (const name of ['iso-a', 'iso-b']) await claim(name);
    await edit('drive', { volumes: [root, hot('iso-a')] });
    await untilPhase('drive', 'cd', 'Ready');
    await edit('drive', { volumes: [root, hot('iso-b')] });
    const swapped = await sandbox.until(
      () => sandbox.vmi(NS, 'drive'),
      ({ body }) => {
        const volume = volumeOf(body, 'cd');
        return volume?.phase === 'Ready' && volume.persistentVolumeClaimInfo.claimName === 'iso-b';
      },
      'the other disc is in',
    );
    expect(volumeOf(swapped.body, 'cd').target).toBe('sda');
    await edit('drive', { volumes: [root] });
    await untilPhase('drive', 'cd', undefined);
    const { disks } = (await sandbox.vmi(NS, 'drive')).body.spec.domain.devices;
    expect(disks.map(({ name }: { name: string }) => name)).toEqual(['root', 'cd']);
    const { conditions } = (await sandbox.vm(NS, 'drive')).body.status;
    expect(conditions.some(({ type }: { type: string }) => type === 'RestartRequired')).toBe(false);
  });

  it('a disk whose bus takes none while the VM runs, and one for the next start', async () => {
    await running('wrong');
    await claim('spare');
    await edit('wrong', {
      volumes: [root, { name: 'hot', persistentVolumeClaim: { claimName: 'spare', hotpluggable: true } }],
      domain: { devices: { disks: [rootDisk, { name: 'hot', disk: { bus: 'sata' } }] } },
    });
    const failing = await sandbox.until(
      () => sandbox.vm(NS, 'wrong'),
      ({ body }) => body.status.conditions.some(({ type }: { type: string }) => type === 'Failure'),
      'it fails to plug',
    );
    expect(failing.text).toContain('HotPlugVolumeError');
    expect(failing.text).toContain("requires bus to be 'scsi' or 'virtio'. [sata] is not permitted.");
    await edit('wrong', {
      volumes: [root, { name: 'cold', persistentVolumeClaim: { claimName: 'spare' } }],
      domain: { devices: { disks: [rootDisk, { name: 'cold', disk: { bus: 'sata' } }] } },
    });
    await sandbox.until(
      () => sandbox.vm(NS, 'wrong'),
      ({ body }) => body.status.conditions.some(({ type }: { type: string }) => type === 'RestartRequired'),
      'it takes a restart',
    );
    expect((await sandbox.vmi(NS, 'wrong')).body.spec.volumes.length).toBe(1);
  });
});
