import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TestSandbox, testVm } from '../testing';

const NS = 'imports';
const VOLUMES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datavolumes`;
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const storage = { resources: { requests: { storage: '1Gi' } } };
const create = (name: string, spec: object, annotations: Record<string, string> = {}) =>
  sandbox.ask('POST', VOLUMES, {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name, annotations },
    spec: { storage, ...spec },
  });
const get = (name: string) => sandbox.ask('GET', `${VOLUMES}/${name}`);
const until = (name: string, isRight: (status: Answer['body']) => boolean, what: string) =>
  sandbox.until(
    () => get(name),
    ({ body }) => isRight(body.status ?? {}),
    `${name} ${what}`,
  );
const untilPhase = (name: string, phase: string) =>
  until(name, (status) => status.phase === phase, `is ${phase}`);
const eventsOf = async (name: string): Promise<string[]> => {
  const { body } = await sandbox.ask(
    'GET',
    `/api/v1/namespaces/${NS}/events?fieldSelector=involvedObject.name=${name},involvedObject.kind=DataVolume`,
  );
  return body.items.map((event: { reason: string; message: string }) => `${event.reason}: ${event.message}`);
};
const conditionOf = ({ body }: Answer, type: string) =>
  body.status.conditions.find((condition: { type: string }) => condition.type === type);

describe('a DataVolume', () => {
  it('is imported into a prime claim, whose volume its own claim gets', async () => {
    await create('fedora', { source: { registry: { url: 'docker://quay.io/containerdisks/fedora:43' } } });
    await untilPhase('fedora', 'ImportInProgress');
    const { body: claim } = await sandbox.ask('GET', `${CLAIMS}/fedora`);
    expect(claim.status.phase).toBe('Pending');
    expect(claim.spec.dataSourceRef).toMatchObject({
      apiGroup: 'cdi.kubevirt.io',
      kind: 'VolumeImportSource',
    });
    expect(claim.spec).toMatchObject({ accessModes: ['ReadWriteMany'], volumeMode: 'Block' });
    const prime = `prime-${claim.metadata.uid}`;
    expect((await sandbox.ask('GET', `${CLAIMS}/${prime}`)).body.status.phase).toBe('Bound');
    const importer = `/api/v1/namespaces/${NS}/pods/importer-${prime}`;
    expect((await sandbox.ask('GET', importer)).body.status.phase).toBe('Running');
    await until('fedora', ({ progress }) => /^\d+\.\d\d%$/.test(progress), 'tells its progress');
    expect((await sandbox.ask('GET', `${importer}/log`)).text).toContain('begin import process');
    const done = await untilPhase('fedora', 'Succeeded');
    expect(done.body.status).toMatchObject({ progress: '100.0%', claimName: 'fedora' });
    expect(conditionOf(done, 'Bound')).toMatchObject({ status: 'True', message: 'PVC fedora Bound' });
    expect(conditionOf(done, 'Ready').status).toBe('True');
    expect(conditionOf(done, 'Running')).toMatchObject({
      status: 'False',
      message: 'Import Complete',
      reason: 'Completed',
    });
    const { body: bound } = await sandbox.ask('GET', `${CLAIMS}/fedora`);
    expect(bound.status.phase).toBe('Bound');
    expect(bound.spec.volumeName).toContain('pvc-');
    await sandbox.until(
      () => sandbox.ask('GET', `${CLAIMS}/${prime}`),
      ({ status }) => status === 404,
      'the prime claim is gone',
    );
    expect(await eventsOf('fedora')).toEqual(
      expect.arrayContaining([
        'Pending: PVC fedora Pending',
        'ImportInProgress: Import into fedora in progress',
        'ImportSucceeded: Successfully imported into PVC fedora',
        'Bound: PVC fedora Bound',
      ]),
    );
  });

  it('keeps trying a source that does not answer, and says why', async () => {
    const url = 'http://images.example.invalid/disk.qcow2';
    await create('lost', { source: { http: { url } } });
    const answer = await until(
      'lost',
      ({ conditions = [] }) =>
        conditions.some(
          ({ type, reason }: { type: string; reason?: string }) => type === 'Running' && reason === 'Error',
        ),
      'fails',
    );
    expect(answer.body.status.phase).toBe('ImportInProgress');
    expect(conditionOf(answer, 'Running').message).toContain('lookup images.example.invalid: no such host');
    const { body } = await sandbox.ask(
      'GET',
      `/api/v1/namespaces/${NS}/pods?labelSelector=cdi.kubevirt.io%3Dimporter`,
    );
    const pod = body.items.find(({ metadata }: Answer['body']) =>
      metadata.ownerReferences[0].name.startsWith('prime-'),
    );
    await sandbox.until(
      () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/pods/${pod.metadata.name}`),
      (found) => found.body.status.containerStatuses[0].state.waiting?.reason === 'CrashLoopBackOff',
      'its importer backs off',
    );
  });

  it('reads from a web server that answers', async () => {
    const server = createServer((_request, response) => response.end('disk'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await create('served', { source: { http: { url: `http://127.0.0.1:${port}/disk.img` } } });
    await untilPhase('served', 'Succeeded');
    server.close();
  });

  it('waits for a consumer where its class does, unless told otherwise', async () => {
    const local = { storageClassName: 'local', resources: { requests: { storage: '1Gi' } } };
    await create('idle', { source: { blank: {} }, storage: local });
    await untilPhase('idle', 'PendingPopulation');
    const { body } = await sandbox.ask('GET', `${CLAIMS}/idle`);
    expect(body.spec.resources.requests.storage).toBe(String(Math.ceil(2 ** 30 / 0.94)));
    await create(
      'eager',
      { source: { blank: {} }, storage: local },
      { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' },
    );
    await untilPhase('eager', 'Succeeded');
    await sandbox.createVm(
      testVm('consumer', 'Always', (spec) => {
        spec.volumes = [{ name: 'root', dataVolume: { name: 'idle' } }];
      }),
      NS,
    );
    await untilPhase('idle', 'Succeeded');
    await sandbox.untilStatus(NS, 'consumer', 'Running');
  });

  it('is ready for an upload', async () => {
    await create('inbox', { source: { upload: {} } });
    const ready = await untilPhase('inbox', 'UploadReady');
    expect(conditionOf(ready, 'Running').status).toBe('True');
    expect(await eventsOf('inbox')).toContain('UploadReady: Upload into inbox ready');
  });

  it('is cloned by the driver', async () => {
    await create('original', { source: { blank: {} } });
    await untilPhase('original', 'Succeeded');
    await create('copy', { source: { pvc: { namespace: NS, name: 'original' } }, storage: {} });
    const done = await untilPhase('copy', 'Succeeded');
    expect(conditionOf(done, 'Running').message).toBe('Clone Complete');
    expect(
      (await sandbox.ask('GET', `${CLAIMS}/copy`)).body.metadata.annotations['cdi.kubevirt.io/cloneType'],
    ).toBe('csi-clone');
    expect(await eventsOf('copy')).toContain(
      `CloneSucceeded: Successfully cloned from ${NS}/original into ${NS}/copy`,
    );
  });

  it('writes straight into its claim without a populator', async () => {
    await create('plain', { source: { blank: {} } }, { 'cdi.kubevirt.io/storage.usePopulator': 'false' });
    await untilPhase('plain', 'Succeeded');
    const { body } = await sandbox.ask('GET', `${CLAIMS}/plain`);
    expect(body.spec.dataSourceRef).toBeUndefined();
    expect(body.metadata.annotations['cdi.kubevirt.io/storage.pod.phase']).toBe('Succeeded');
  });

  it('takes its claim along', async () => {
    await create('short', { source: { blank: {} } });
    await untilPhase('short', 'Succeeded');
    await sandbox.ask('DELETE', `${VOLUMES}/short`);
    await sandbox.until(
      () => sandbox.ask('GET', `${CLAIMS}/short`),
      ({ status }) => status === 404,
      'its claim is gone',
    );
  });
});

describe('a DataSource', () => {
  it('is ready once what it stands for is', async () => {
    const path = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datasources`;
    const make = (name: string, source: object) =>
      sandbox.ask('POST', path, {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataSource',
        metadata: { name },
        spec: { source },
      });
    const untilReady = (name: string, reason: string) =>
      sandbox.until(
        () => sandbox.ask('GET', `${path}/${name}`),
        ({ body }) => body.status?.conditions?.[0]?.reason === reason,
        `${name} is ${reason}`,
      );
    await make('image', { pvc: { namespace: NS, name: 'boot' } });
    await untilReady('image', 'NotFound');
    await create('boot', { source: { blank: {} } });
    await untilReady('image', 'Ready');
    await make('alias', { dataSource: { namespace: NS, name: 'image' } });
    await untilReady('alias', 'Ready');
    await make('mirror', { dataSource: { namespace: NS, name: 'mirror' } });
    await untilReady('mirror', 'SelfReference');
    await create('from-alias', { sourceRef: { kind: 'DataSource', name: 'alias' }, storage: {} });
    await untilPhase('from-alias', 'Succeeded');
  });
});

describe('a DataImportCron', () => {
  it('imports on its schedule and keeps a DataSource that stands for the newest', async () => {
    const path = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/dataimportcrons`;
    const registry = { url: 'docker://quay.io/containerdisks/debian:13' };
    const answer = await sandbox.ask('POST', path, {
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataImportCron',
      metadata: { name: 'debian-cron' },
      spec: {
        schedule: '0 3 * * *',
        managedDataSource: 'debian',
        retentionPolicy: 'None',
        template: { spec: { source: { registry }, storage } },
      },
    });
    expect(answer.status).toBe(201);
    const done = await sandbox.until(
      () => sandbox.ask('GET', `${path}/debian-cron`),
      ({ body }) => body.status?.conditions?.some(({ reason }: { reason: string }) => reason === 'UpToDate'),
      'it is up to date',
    );
    const [current] = done.body.status.currentImports;
    expect(current.Digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(done.body.status.lastImportedPVC).toEqual({ namespace: NS, name: current.DataVolumeName });
    expect(
      Date.parse(done.body.metadata.annotations['cdi.kubevirt.io/storage.import.nextCronTime']),
    ).toBeGreaterThan(Date.now());
    const { body } = await sandbox.ask(
      'GET',
      `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datasources/debian`,
    );
    expect(body.spec.source.pvc.name).toBe(current.DataVolumeName);
    await sandbox.ask('DELETE', `${path}/debian-cron`);
    await sandbox.until(
      () => get(current.DataVolumeName),
      ({ status }) => status === 404,
      'its import goes with it',
    );
  });

  it('is refused without a schedule that makes sense', async () => {
    const { status, body } = await sandbox.ask(
      'POST',
      `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/dataimportcrons`,
      {
        apiVersion: 'cdi.kubevirt.io/v1beta1',
        kind: 'DataImportCron',
        metadata: { name: 'never' },
        spec: {
          schedule: 'never',
          managedDataSource: 'x',
          template: { spec: { source: { registry: { url: 'docker://x' } }, storage } },
        },
      },
    );
    expect([status, body.message]).toEqual([
      422,
      expect.stringContaining('denied the request:  Illegal cron schedule'),
    ]);
  });
});

describe('an upload token', () => {
  it('is good for one claim and five minutes, and stored nowhere', async () => {
    const path = `/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/${NS}/uploadtokenrequests`;
    const { status, body } = await sandbox.ask('POST', path, {
      apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
      kind: 'UploadTokenRequest',
      metadata: { name: 'inbox' },
      spec: { pvcName: 'inbox' },
    });
    expect(status).toBe(200);
    const [head, claims] = body.status.token
      .split('.')
      .map((part: string) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(head)).toEqual({ alg: 'PS256' });
    const { exp, iat, ...rest } = JSON.parse(claims);
    expect(exp - iat).toBe(300);
    expect(rest).toMatchObject({ iss: 'cdi-apiserver', name: 'inbox', namespace: NS });
    expect((await sandbox.ask('GET', path)).status).toBe(405);
  });
});

describe('a volume snapshot', () => {
  it('keeps what a claim holds, for new claims', async () => {
    const path = `/apis/snapshot.storage.k8s.io/v1/namespaces/${NS}/volumesnapshots`;
    await create('kept', { source: { blank: {} } });
    await untilPhase('kept', 'Succeeded');
    await sandbox.ask('POST', path, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: { name: 'monday' },
      spec: { source: { persistentVolumeClaimName: 'kept' } },
    });
    await sandbox.until(
      () => sandbox.ask('GET', `${path}/monday`),
      ({ body }) => body.status?.readyToUse === true,
      'the snapshot is ready',
    );
    await create('restored', { source: { snapshot: { namespace: NS, name: 'monday' } }, storage: {} });
    await untilPhase('restored', 'Succeeded');
  });
});

describe('CDI', () => {
  it('leaves its kinds alone when it is scaled to nothing', async () => {
    const scale = (replicas: number) =>
      sandbox.ask('PATCH', '/apis/apps/v1/namespaces/cdi/deployments/cdi-deployment', { spec: { replicas } });
    await scale(0);
    await create('later', { source: { blank: {} } });
    expect((await get('later')).body.status).toBeUndefined();
    await scale(1);
    await untilPhase('later', 'Succeeded');
  });
});
