import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';
import { imageOfClaim } from './testing-images';

const NS = 'volumes';
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
const VOLUMES = '/api/v1/persistentvolumes';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const claim = (name: string, spec: object = {}) =>
  sandbox.ask('POST', CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
  });
const untilPhase = (name: string, phase: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${CLAIMS}/${name}`),
    ({ body }) => body.status?.phase === phase,
    `${name} is ${phase}`,
  );
const untilEvent = (name: string, reason: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/events?fieldSelector=involvedObject.name=${name}`),
    ({ body }) => body.items.some((event: { reason: string }) => event.reason === reason),
    `${name} has an event ${reason}`,
  );

describe('claims and volumes', () => {
  it('gives a claim without a class the default one, and a volume at once', async () => {
    const { body } = await claim('plain');
    expect(body.spec.storageClassName).toBe('standard');
    const bound = (await untilPhase('plain', 'Bound')).body;
    const volume = (await sandbox.ask('GET', `${VOLUMES}/${bound.spec.volumeName}`)).body;
    expect(volume.spec).toMatchObject({
      capacity: { storage: '1Gi' },
      claimRef: { namespace: NS, name: 'plain', uid: bound.metadata.uid },
      csi: { driver: 'csi.sandbox.portlight.io', volumeHandle: volume.metadata.name },
    });
    await untilEvent('plain', 'ProvisioningSucceeded');
  });

  it('waits for the first consumer where the class says so', async () => {
    await claim('patient', { storageClassName: 'local' });
    await untilEvent('patient', 'WaitForFirstConsumer');
    await sandbox.createVm(
      testVm('consumer', 'Always', (spec) => {
        spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'patient' } }];
      }),
      NS,
    );
    await untilPhase('patient', 'Bound');
  });

  it('says that somebody else’s driver has to make the volume', async () => {
    await sandbox.ask('POST', '/apis/storage.k8s.io/v1/storageclasses', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'manual' },
      provisioner: 'kubernetes.io/no-provisioner',
    });
    await claim('manual', { storageClassName: 'manual' });
    await untilEvent('manual', 'ExternalProvisioning');
    await sandbox.ask('POST', VOLUMES, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'by-hand' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '5Gi' },
        storageClassName: 'manual',
        hostPath: { path: '/data' },
      },
    });
    const { body } = await untilPhase('manual', 'Bound');
    expect(body.status.capacity).toEqual({ storage: '5Gi' });
    await sandbox.ask('DELETE', `${CLAIMS}/manual`);
    await sandbox.until(
      () => sandbox.ask('GET', `${VOLUMES}/by-hand`),
      (answer) => answer.body.status?.phase === 'Released',
      'the volume is released',
    );
  });

  it('grows a volume at once, and its file system when a pod runs with it', async () => {
    await claim('growing');
    await untilPhase('growing', 'Bound');
    const more = { spec: { resources: { requests: { storage: '2Gi' } } } };
    expect((await sandbox.ask('PATCH', `${CLAIMS}/growing`, more)).status).toBe(200);
    const waiting = await sandbox.until(
      () => sandbox.ask('GET', `${CLAIMS}/growing`),
      ({ body }) => body.status.conditions?.[0]?.type === 'FileSystemResizePending',
      'the claim waits for a pod',
    );
    expect(waiting.body.status.capacity).toEqual({ storage: '1Gi' });
    await sandbox.createVm(
      testVm('grower', 'Always', (spec) => {
        spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'growing' } }];
      }),
      NS,
    );
    const grown = await sandbox.until(
      () => sandbox.ask('GET', `${CLAIMS}/growing`),
      ({ body }) => body.status.capacity.storage === '2Gi',
      'the claim has grown',
    );
    expect(grown.body.status.conditions).toBeUndefined();
  });

  it('loses a claim with its volume', async () => {
    await claim('unlucky');
    const { body } = await untilPhase('unlucky', 'Bound');
    const volume = `${VOLUMES}/${body.spec.volumeName}`;
    await sandbox.ask('DELETE', volume);
    expect((await sandbox.ask('GET', volume)).body.metadata.deletionTimestamp).toBeDefined();
    await sandbox.ask('PATCH', volume, { metadata: { finalizers: null } });
    await untilPhase('unlucky', 'Lost');
    await untilEvent('unlucky', 'ClaimLost');
  });

  it('is written by nobody where it may only be read, but over', async () => {
    await claim('fixed', { accessModes: ['ReadOnlyMany'] });
    await untilPhase('fixed', 'Bound');
    const machine = (name: string, volume: object) =>
      sandbox.createVm(
        testVm(name, 'Always', (spec) => {
          spec.volumes = [{ name: 'root', ...volume }];
        }),
        NS,
      );
    await machine('writer', { persistentVolumeClaim: { claimName: 'fixed' } });
    await machine('passer-by', { ephemeral: { persistentVolumeClaim: { claimName: 'fixed' } } });
    await sandbox.until(
      () => sandbox.vmi(NS, 'writer'),
      ({ body }) =>
        body.status?.conditions?.some(
          ({ type, message }: { type: string; message?: string }) =>
            type === 'Synchronized' && message?.includes('Read-only file system'),
        ),
      'the guest that would write does not start',
    );
    await sandbox.untilStatus(NS, 'passer-by', 'Running');
  });

  it('is for one pod only where it says so, in the scheduler’s words', async () => {
    await claim('single', { accessModes: ['ReadWriteOncePod'] });
    await untilPhase('single', 'Bound');
    const machine = (name: string) =>
      sandbox.createVm(
        testVm(name, 'Always', (spec) => {
          spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'single' } }];
        }),
        NS,
      );
    await machine('first');
    await sandbox.untilStatus(NS, 'first', 'Running');
    await machine('second');
    const wanted =
      'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode';
    await sandbox.until(
      () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/pods?labelSelector=vm.kubevirt.io/name=second`),
      ({ body }) =>
        body.items[0]?.status?.conditions?.some(
          ({ reason, message = '' }: { reason?: string; message?: string }) =>
            reason === 'Unschedulable' && message.includes(wanted),
        ),
      'the second pod finds no node',
    );
    await sandbox.act(NS, 'first', 'stop', { gracePeriod: 0 });
    await sandbox.untilStatus(NS, 'second', 'Running');
  });

  it('goes with its bytes, or keeps them for whoever gets it next', async () => {
    const classes = { keeping: 'Retain', leaving: 'Delete' };
    for (const [name, reclaimPolicy] of Object.entries(classes)) {
      await sandbox.ask('POST', '/apis/storage.k8s.io/v1/storageclasses', {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name },
        provisioner: 'csi.sandbox.portlight.io',
        reclaimPolicy,
      });
      await claim(name, {
        storageClassName: name,
        volumeMode: 'Block',
        resources: { requests: { storage: '1Mi' } },
      });
      await untilPhase(name, 'Bound');
      await writeFile(await imageOfClaim(sandbox, NS, name), 'bytes', { flag: 'r+' });
    }
    const kept = (await sandbox.ask('GET', `${CLAIMS}/keeping`)).body.spec.volumeName;
    const gone = await imageOfClaim(sandbox, NS, 'leaving');
    for (const name of Object.keys(classes)) await sandbox.ask('DELETE', `${CLAIMS}/${name}`);
    await expect.poll(() => existsSync(gone)).toBe(false);
    const untilVolume = (phase: string) =>
      sandbox.until(
        () => sandbox.ask('GET', `${VOLUMES}/${kept}`),
        ({ body }) => body.status?.phase === phase,
        `the volume is ${phase}`,
      );
    await untilVolume('Released');
    await sandbox.ask('PATCH', `${VOLUMES}/${kept}`, { spec: { claimRef: null } });
    await untilVolume('Available');
    await claim('heir', {
      storageClassName: 'keeping',
      volumeMode: 'Block',
      volumeName: kept,
      resources: { requests: { storage: '1Mi' } },
    });
    await untilPhase('heir', 'Bound');
    const image = await readFile(await imageOfClaim(sandbox, NS, 'heir'));
    expect(image.subarray(0, 5).toString()).toBe('bytes');
  });
});
