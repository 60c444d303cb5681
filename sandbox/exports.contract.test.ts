import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSandbox, testVm } from './testing';

const EXPORTS = '/apis/export.kubevirt.io/v1/namespaces/lab/virtualmachineexports';
const CORE = '/api/v1/namespaces/lab';
const SNAPSHOTS = '/apis/snapshot.kubevirt.io/v1beta1/namespaces/lab/virtualmachinesnapshots';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ control: true });
  await sandbox.createNamespace('lab');
});
afterAll(() => sandbox.close());

const source = {
  claim: (name: string) => ({ kind: 'PersistentVolumeClaim', name }),
  machine: (name: string) => ({ apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name }),
  snapshot: (name: string) => ({ apiGroup: 'snapshot.kubevirt.io', kind: 'VirtualMachineSnapshot', name }),
};
const create = (name: string, from: object, more: object = {}) =>
  sandbox.ask('POST', EXPORTS, {
    apiVersion: 'export.kubevirt.io/v1',
    kind: 'VirtualMachineExport',
    metadata: { name },
    spec: { source: from, ...more },
  });
const untilPhase = (name: string, phase: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${EXPORTS}/${name}`),
    ({ body }) => body?.status?.phase === phase,
    `export ${name} is ${phase}`,
  );
const untilReason = (name: string, type: string, reason: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${EXPORTS}/${name}`),
    ({ body }) => conditionOf(body, type)?.reason === reason,
    `${type} of export ${name} is ${reason}`,
  );
const untilGone = (where: string) =>
  sandbox.until(
    () => sandbox.ask('GET', where),
    ({ status }) => status === 404,
    `${where} is gone`,
  );
// biome-ignore lint/suspicious/noExplicitAny: an answer's body.
const conditionOf = (body: any, type: string) =>
  body?.status?.conditions?.find((condition: { type: string }) => condition.type === type);

async function claim(name: string, more: object = {}): Promise<void> {
  await sandbox.ask('POST', `${CORE}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } }, ...more },
  });
}

async function diskMachine(name: string): Promise<void> {
  await claim(`${name}-disk`, { volumeMode: 'Block' });
  const vm = testVm(name, 'Halted', (spec) => {
    spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: `${name}-disk` } }];
  });
  expect((await sandbox.createVm(vm, 'lab')).status).toBe(201);
}

describe('an export of a claim', () => {
  test('serves a disk raw and packed, under a token of its own', async () => {
    await claim('disk', { volumeMode: 'Block' });
    expect((await create('block', source.claim('disk'))).status).toBe(201);
    const { body } = await untilPhase('block', 'Ready');
    expect(conditionOf(body, 'Ready')).toMatchObject({ status: 'True', reason: 'PodReady' });
    expect(conditionOf(body, 'PVCReady')).toMatchObject({ status: 'True', reason: 'PVCBound' });
    const host = 'https://virt-export-block.lab.svc';
    expect(body.status).toMatchObject({
      serviceName: 'virt-export-block',
      tokenSecretRef: 'export-token-block',
      links: {
        internal: {
          volumes: [
            {
              name: 'disk',
              formats: [
                { format: 'raw', url: `${host}/volumes/disk/disk.img` },
                { format: 'gzip', url: `${host}/volumes/disk/disk.img.gz` },
              ],
            },
          ],
          manifests: [{ type: 'auth-header-secret', url: `${host}/internal/manifests/secret` }],
        },
      },
    });
    expect(body.status.links.external).toBeUndefined();
    const lasts = Date.parse(body.status.ttlExpirationTime) - Date.parse(body.metadata.creationTimestamp);
    expect(lasts).toBe(2 * 60 * 60 * 1000);
    const token = await sandbox.ask('GET', `${CORE}/secrets/export-token-block`);
    expect(Buffer.from(token.body.data.token, 'base64').toString()).toMatch(/^[0-9A-Za-z]{20}$/);
    const pod = await sandbox.ask('GET', `${CORE}/pods/virt-export-block`);
    const secret = pod.body.spec.volumes.find(({ name }: { name: string }) => name === 'certificates').secret;
    const signed = await sandbox.ask('GET', `${CORE}/secrets/${secret.secretName}`);
    const certificate = new X509Certificate(Buffer.from(signed.body.data['tls.crt'], 'base64'));
    expect(certificate.checkIssued(new X509Certificate(body.status.links.internal.cert))).toBe(true);
    expect(certificate.checkHost('virt-export-block.lab.svc')).toBe('virt-export-block.lab.svc');
    const service = await sandbox.ask('GET', `${CORE}/services/virt-export-block`);
    expect(service.body.spec.selector).toEqual(pod.body.metadata.labels);
  });

  test('serves files where the claim holds no disk', async () => {
    await claim('files');
    await create('files', source.claim('files'), { tokenSecretRef: 'mine' });
    await untilReason('files', 'Ready', 'PodPending');
    // The user's own secret comes late: until then nothing starts.
    await sandbox.ask('POST', `${CORE}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'mine' },
      stringData: { token: 'let-me-in' },
    });
    const { body } = await untilPhase('files', 'Ready');
    expect(body.status.tokenSecretRef).toBe('mine');
    const [volume] = body.status.links.internal.volumes;
    expect(volume.formats.map(({ format }: { format: string }) => format)).toEqual(['dir', 'tar.gz']);
    expect(volume.formats[0].url).toBe('https://virt-export-files.lab.svc/volumes/files/dir/');
  });

  test('waits for a claim that is not there', async () => {
    await create('later', source.claim('later'));
    const { body } = await untilReason('later', 'PVCReady', 'PVCNotFound');
    expect(conditionOf(body, 'PVCReady').message).toBe('PersistentVolumeClaim lab/later not found');
    expect(conditionOf(body, 'Ready')).toMatchObject({ status: 'False', reason: 'Initializing' });
    expect(body.status).toMatchObject({ phase: 'Pending', links: {} });
    await claim('later');
    await untilPhase('later', 'Ready');
  });

  test('takes everything along when it is deleted', async () => {
    await claim('brief');
    await create('brief', source.claim('brief'));
    await untilPhase('brief', 'Ready');
    await sandbox.ask('DELETE', `${EXPORTS}/brief`);
    await untilGone(`${CORE}/pods/virt-export-brief`);
    await untilGone(`${CORE}/services/virt-export-brief`);
    await untilGone(`${CORE}/secrets/export-token-brief`);
  });
});

describe('an export of a VM', () => {
  test('without volumes is skipped', async () => {
    await sandbox.createVm(testVm('plain', 'Halted'), 'lab');
    await create('plain', source.machine('plain'));
    const { body } = await untilPhase('plain', 'Skipped');
    expect(body.status).toMatchObject({ links: {}, serviceName: 'virt-export-plain' });
    expect(body.status).toMatchObject({ virtualMachineName: 'plain' });
    expect(body.status.tokenSecretRef).toBeUndefined();
    expect(body.status.conditions).toMatchObject([
      { type: 'Ready', reason: 'VMNoVolumes', message: 'Virtual Machine lab/plain has no volumes' },
    ]);
  });

  test('that is not there says so', async () => {
    await create('nobody', source.machine('nobody'));
    const { body } = await untilReason('nobody', 'Ready', 'VMNotFound');
    expect(conditionOf(body, 'Ready').message).toBe('Virtual Machine lab/nobody not found');
  });

  test('waits until it is stopped, and makes way for it when it is started', async () => {
    await diskMachine('busy');
    await sandbox.act('lab', 'busy', 'start');
    await sandbox.untilStatus('lab', 'busy', 'Running');
    await create('busy', source.machine('busy'));
    const { body } = await untilReason('busy', 'Ready', 'InUse');
    expect(conditionOf(body, 'Ready').message).toBe('Virtual Machine lab/busy is running');
    await sandbox.act('lab', 'busy', 'stop');
    const ready = await untilPhase('busy', 'Ready');
    expect(ready.body.status.links.internal.manifests.map(({ type }: { type: string }) => type)).toEqual([
      'all',
      'auth-header-secret',
    ]);
    const data = await sandbox.ask('GET', `${CORE}/configmaps/exporter-vm-manifest-busy`);
    expect(JSON.parse(data.body.data['virtualmachine-manifest']).spec.runStrategy).toBe('Halted');
    expect(JSON.parse(data.body.data['dv-busy-disk']).spec.source).toEqual({ http: { url: '' } });
    await sandbox.act('lab', 'busy', 'start');
    await untilReason('busy', 'Ready', 'InUse');
    await untilGone(`${CORE}/pods/virt-export-busy`);
    await sandbox.untilStatus('lab', 'busy', 'Running');
  });
});

describe('an export of a snapshot', () => {
  test('serves copies, which go with it', async () => {
    await diskMachine('kept');
    await sandbox.until(
      () => sandbox.vm('lab', 'kept'),
      ({ body }) => body?.status?.volumeSnapshotStatuses?.[0]?.enabled === true,
      'its disk can be snapshot',
    );
    await create('kept', source.snapshot('kept-1'));
    await untilReason('kept', 'Ready', 'VMSnapshotNotFound');
    await sandbox.ask('POST', SNAPSHOTS, {
      apiVersion: 'snapshot.kubevirt.io/v1beta1',
      kind: 'VirtualMachineSnapshot',
      metadata: { name: 'kept-1' },
      spec: { source: source.machine('kept') },
    });
    const { body } = await untilPhase('kept', 'Ready');
    expect(conditionOf(body, 'VolumesCreated')).toMatchObject({ status: 'True', reason: 'AllPVCsReady' });
    expect(body.status.virtualMachineName).toBe('kept');
    const [volume] = body.status.links.internal.volumes;
    expect(volume.name).toBe('kept-disk');
    expect(volume.formats[0].url).toMatch('/volumes/kept-kept-disk/disk.img');
    await sandbox.ask('DELETE', `${EXPORTS}/kept`);
    await untilGone(`${CORE}/persistentvolumeclaims/kept-kept-disk`);
  });
});

test('an export is over when its time is, and goes', async () => {
  await claim('timed');
  await create('timed', source.claim('timed'), { ttlDuration: '30m' });
  await untilPhase('timed', 'Ready');
  await sandbox.steer('POST', '/clock', { advanceSeconds: 31 * 60 });
  await untilGone(`${EXPORTS}/timed`);
  await untilGone(`${CORE}/pods/virt-export-timed`);
});
