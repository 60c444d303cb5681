import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from '../testing';
import { hashOf, sha256, TestVolumes, testDisk, WebServer } from './testing';

const NS = 'twins';
const MIB = 1 << 20;
const disk = testDisk(16 * MIB, 7);
let sandbox: TestSandbox;
let volumes: TestVolumes;
let web: WebServer;

beforeAll(async () => {
  web = await WebServer.start();
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
  volumes = new TestVolumes(sandbox, NS);
  await volumes.create('origin', { source: { http: { url: web.serve('disk.img', disk) } } });
  await volumes.untilPhase('origin', 'Succeeded');
});
afterAll(async () => {
  await sandbox?.close();
  await web?.close();
});

const profile = (name: string, spec: object) =>
  sandbox.ask('PATCH', `/apis/cdi.kubevirt.io/v1beta1/storageprofiles/${name}`, { spec });
const clone = { source: { pvc: { namespace: NS, name: 'origin' } } };

/** Waits for a clone and compares its bytes with what was served. */
async function expectTwin(name: string, inVolumes = volumes): Promise<void> {
  const done = await inVolumes.untilPhase(name, 'Succeeded');
  expect(done.body.status.progress).toBe('100.0%');
  expect([name, await hashOf(await inVolumes.file(name), disk.length)]).toEqual([name, sha256(disk)]);
}

describe('a clone', () => {
  it('holds the same bytes, whoever copies them', async () => {
    for (const strategy of ['csi-clone', 'snapshot', 'copy']) {
      await profile('standard', { cloneStrategy: strategy });
      await sandbox.until(
        () => sandbox.ask('GET', '/apis/cdi.kubevirt.io/v1beta1/storageprofiles/standard'),
        ({ body }) => body.status.cloneStrategy === strategy,
        `the profile prefers ${strategy}`,
      );
      await volumes.create(`by-${strategy}`, { ...clone, storage: {} });
      await expectTwin(`by-${strategy}`);
      const { metadata } = await volumes.claim(`by-${strategy}`);
      expect(metadata.annotations['cdi.kubevirt.io/cloneType']).toBe(strategy);
    }
    expect(await volumes.events('by-copy')).toContain(
      `CloneInProgress: Cloning from ${NS}/origin into ${NS}/by-copy in progress`,
    );
    await profile('standard', { cloneStrategy: null });
  });

  it('is copied by a pod between classes, sizes and volume modes', async () => {
    await volumes.create(
      'moved',
      { ...clone, storage: { storageClassName: 'local', resources: { requests: { storage: '80Mi' } } } },
      { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' },
    );
    await expectTwin('moved');
    const { metadata, spec } = await volumes.claim('moved');
    expect(metadata.annotations['cdi.kubevirt.io/cloneType']).toBe('copy');
    expect(spec.volumeMode).toBe('Filesystem');
    expect((await stat(await volumes.file('moved'))).size).toBe(80 * MIB);
    const helpers = await sandbox.ask('GET', `/api/v1/namespaces/${NS}/pods`);
    await sandbox.until(
      () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/pods`),
      ({ body }) =>
        !body.items.some((pod: { metadata: { name: string } }) => /source-pod/.test(pod.metadata.name)),
      `its pods have gone (${helpers.body.items.length})`,
    );
  });

  it('is as large as its source without a size, may be larger and not smaller', async () => {
    const sized = (storage: string) => ({ ...clone, storage: { resources: { requests: { storage } } } });
    await volumes.create('same', { ...clone, storage: {} });
    await volumes.create('larger', sized('96Mi'));
    await volumes.create('smaller', sized('32Mi'));
    await expectTwin('same');
    await expectTwin('larger');
    expect((await volumes.claim('same')).status.capacity.storage).toBe('64Mi');
    expect((await stat(await volumes.file('larger'))).size).toBe(96 * MIB);
    await sandbox.until(
      () => volumes.get('smaller'),
      ({ body }) =>
        body.status?.conditions?.some(({ message }: { message?: string }) =>
          message?.includes(
            `target resources requests storage size is smaller than the source ${32 * MIB} < ${64 * MIB}`,
          ),
        ),
      'it is refused',
    );
  });

  it('comes out of a snapshot and through DataSources, also into another namespace', async () => {
    const snapshots = `/apis/snapshot.storage.k8s.io/v1/namespaces/${NS}/volumesnapshots`;
    await sandbox.ask('POST', snapshots, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: { name: 'monday' },
      spec: { source: { persistentVolumeClaimName: 'origin' } },
    });
    await sandbox.until(
      () => sandbox.ask('GET', `${snapshots}/monday`),
      ({ body }) => body.status?.readyToUse === true,
      'the snapshot is ready',
    );
    const dataSource = (name: string, source: object) =>
      sandbox.ask('POST', `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datasources`, {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataSource',
        metadata: { name },
        spec: { source },
      });
    await dataSource('image', { snapshot: { namespace: NS, name: 'monday' } });
    await dataSource('latest', { dataSource: { namespace: NS, name: 'image' } });
    await sandbox.createNamespace('far');
    const far = new TestVolumes(sandbox, 'far');
    await volumes.create('from-snapshot', {
      source: { snapshot: { namespace: NS, name: 'monday' } },
      storage: {},
    });
    await volumes.create('from-alias', { sourceRef: { kind: 'DataSource', name: 'latest' }, storage: {} });
    await far.create('from-far', { ...clone, storage: {} });
    await far.create('from-image', {
      sourceRef: { kind: 'DataSource', namespace: NS, name: 'image' },
      storage: {},
    });
    await expectTwin('from-snapshot');
    await expectTwin('from-alias');
    await expectTwin('from-far', far);
    await expectTwin('from-image', far);
  });
});
