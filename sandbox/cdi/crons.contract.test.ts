import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTar, TestRegistry } from '../registry/testing';
import { type Answer, TestSandbox } from '../testing';
import { hashOf, sha256, TestVolumes, testDisk } from './testing';

const NS = 'images';
const MIB = 1 << 20;
const CRONS = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/dataimportcrons`;
const SOURCES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datasources`;
const SNAPSHOTS = `/apis/snapshot.storage.k8s.io/v1/namespaces/${NS}/volumesnapshots`;
const storage = { resources: { requests: { storage: '32Mi' } } };
let sandbox: TestSandbox;
let registry: TestRegistry;
let volumes: TestVolumes;

beforeAll(async () => {
  registry = await TestRegistry.start();
  sandbox = await TestSandbox.start({ control: true });
  await sandbox.createNamespace(NS);
  volumes = new TestVolumes(sandbox, NS);
});
afterAll(async () => {
  await sandbox?.close();
  await registry?.close();
});

/** Pushes a container disk and returns its bytes and digest. */
async function push(repository: string, tag: string, seed: number) {
  const disk = testDisk(4 * MIB, seed);
  const tar = makeTar([
    { path: 'disk/', type: '5' },
    { path: 'disk/disk.img', bytes: disk },
  ]);
  const { digest } = await registry.push(repository, tag, [gzipSync(tar, { level: 1 })]);
  return { disk, digest, name: digest.slice('sha256:'.length, 'sha256:'.length + 12) };
}

const createCron = (name: string, repository: string, spec: object) =>
  sandbox.ask('POST', CRONS, {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataImportCron',
    metadata: { name },
    spec: {
      schedule: '0 * * * *',
      managedDataSource: name,
      template: {
        spec: { source: { registry: { url: `docker://${registry.host}/${repository}:latest` } }, storage },
      },
      ...spec,
    },
  });
const untilUpToDate = (name: string, digest: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${CRONS}/${name}`),
    ({ body }) =>
      body.status?.currentImports?.[0]?.Digest === digest &&
      body.status.conditions.some(
        ({ type, status }: { type: string; status: string }) => type === 'UpToDate' && status === 'True',
      ),
    `${name} is up to date`,
  );
const anHour = () => sandbox.steer('POST', '/clock', { advanceSeconds: 3600 });
const isGone = ({ status }: Answer) => status === 404;
const isThere = ({ status }: Answer) => status === 200;

describe('an image of a registry', () => {
  it('is on its claim as it was pushed', async () => {
    const { disk } = await push('disks/once', '1', 3);
    const url = `docker://${registry.host}/disks/once:1`;
    await volumes.create('once', { source: { registry: { url } }, storage });
    await volumes.create('none', {
      source: { registry: { url: `docker://${registry.host}/disks/nothing:1` } },
      storage,
    });
    await volumes.untilPhase('once', 'Succeeded');
    expect(await hashOf(await volumes.file('once'), disk.length)).toBe(sha256(disk));
    expect(await volumes.untilFailure('none')).toContain('Failed to read registry image');
  });

  it('is the built-in one where no registry answers, and an event says so', async () => {
    const url = 'docker://registry.nowhere.example.org/disks/fedora:1';
    await volumes.create('stranded', { source: { registry: { url } }, storage });
    await volumes.untilPhase('stranded', 'Succeeded');
    const said =
      /^BuiltInGuest: registry\.nowhere\.example\.org was not asked.* The built-in image stands in for registry\.nowhere/;
    expect(await volumes.events('stranded')).toContainEqual(expect.stringMatching(said));
    expect(await volumes.events('stranded', 'PersistentVolumeClaim')).toContainEqual(
      expect.stringMatching(said),
    );
  });
});

describe('a DataImportCron', () => {
  it('notices a new digest, imports it, and its DataSource follows', async () => {
    const first = await push('disks/rolling', 'latest', 1);
    await createCron('rolling', 'disks/rolling', { importsToKeep: 1 });
    await untilUpToDate('rolling', first.digest);
    const second = await push('disks/rolling', 'latest', 2);
    await anHour();
    const done = await untilUpToDate('rolling', second.digest);
    const name = `rolling-${second.name}`;
    expect(done.body.status.lastImportedPVC).toEqual({ namespace: NS, name });
    const source = await sandbox.until(
      () => sandbox.ask('GET', `${SOURCES}/rolling`),
      ({ body }) => body.spec.source.pvc?.name === name && body.status?.conditions?.[0]?.status === 'True',
      'its DataSource stands for the new one',
    );
    expect(source.body.metadata.labels['cdi.kubevirt.io/dataImportCron']).toBe('rolling');
    expect(await hashOf(await volumes.file(name), second.disk.length)).toBe(sha256(second.disk));
    await sandbox.until(() => volumes.get(`rolling-${first.name}`), isGone, 'the older import has gone');
    await anHour();
    await untilUpToDate('rolling', second.digest);
    const { body } = await sandbox.ask('GET', volumes.volumes);
    const made = body.items.filter((dv: { metadata: { name: string } }) =>
      dv.metadata.name.startsWith('rolling-'),
    );
    expect(made).toHaveLength(1);
    // Without a word about retention what was imported stays.
    await sandbox.ask('DELETE', `${CRONS}/rolling`);
    await volumes.create('heir', { sourceRef: { kind: 'DataSource', name: 'rolling' }, storage: {} });
    await volumes.untilPhase('heir', 'Succeeded');
    expect(await hashOf(await volumes.file('heir'), second.disk.length)).toBe(sha256(second.disk));
  });

  it('keeps its imports as snapshots where the class wants them, and takes them along when told', async () => {
    const profile = '/apis/cdi.kubevirt.io/v1beta1/storageprofiles/standard';
    await sandbox.ask('PATCH', profile, { spec: { dataImportCronSourceFormat: 'snapshot' } });
    const { digest, name, disk } = await push('disks/frozen', 'latest', 5);
    await createCron('frozen', 'disks/frozen', { retentionPolicy: 'None' });
    const done = await untilUpToDate('frozen', digest);
    expect(done.body.status.sourceFormat).toBe('snapshot');
    await sandbox.until(() => sandbox.ask('GET', `${SNAPSHOTS}/frozen-${name}`), isThere, 'a snapshot');
    await sandbox.until(() => volumes.get(`frozen-${name}`), isGone, 'the claim has gone');
    await sandbox.until(
      () => sandbox.ask('GET', `${SOURCES}/frozen`),
      ({ body }) => body.status?.conditions?.[0]?.status === 'True',
      'its DataSource is ready',
    );
    await volumes.create('thawed', { sourceRef: { kind: 'DataSource', name: 'frozen' }, storage: {} });
    await volumes.untilPhase('thawed', 'Succeeded');
    expect(await hashOf(await volumes.file('thawed'), disk.length)).toBe(sha256(disk));
    await sandbox.ask('DELETE', `${CRONS}/frozen`);
    await sandbox.until(() => sandbox.ask('GET', `${SNAPSHOTS}/frozen-${name}`), isGone, 'its snapshot goes');
    await sandbox.until(() => sandbox.ask('GET', `${SOURCES}/frozen`), isGone, 'its DataSource goes');
    await sandbox.ask('PATCH', profile, { spec: { dataImportCronSourceFormat: null } });
  });

  it('follows a claim that is made anew, and leaves the DataSource of another alone', async () => {
    const golden = async () => {
      await volumes.create('golden', { source: { blank: {} }, storage });
      await volumes.untilPhase('golden', 'Succeeded');
      return `uid:${(await volumes.claim('golden')).metadata.uid}`;
    };
    const template = { spec: { source: { pvc: { namespace: NS, name: 'golden' } }, storage: {} } };
    const first = await golden();
    await createCron('follower', '', { template });
    await untilUpToDate('follower', first);
    await sandbox.ask('DELETE', `${volumes.volumes}/golden`);
    await sandbox.until(() => sandbox.ask('GET', `${volumes.claims}/golden`), isGone, 'the claim has gone');
    const second = await golden();
    await anHour();
    await untilUpToDate('follower', second);
    await createCron('rival', '', { template, managedDataSource: 'follower' });
    await expect
      .poll(() => volumes.events('rival', 'DataImportCron'), { timeout: 20_000 })
      .toContain(
        'ErrDataSourceAlreadyManaged: DataSource follower is already managed by DataImportCron follower',
      );
  });
});
