import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TestSandbox } from './testing';

const NAMESPACE = 'sets';
const CORE = `/apis/kubevirt.io/v1/namespaces/${NAMESPACE}`;
const POOLS = `/apis/pool.kubevirt.io/v1beta1/namespaces/${NAMESPACE}/virtualmachinepools`;
const SETS = `${CORE}/virtualmachineinstancereplicasets`;

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NAMESPACE);
});
afterAll(() => sandbox.close());

const instance = (memory: string) => ({
  domain: {
    devices: { disks: [{ name: 'root', disk: { bus: 'virtio' } }] },
    resources: { requests: { memory } },
  },
  terminationGracePeriodSeconds: 0,
  volumes: [{ name: 'root', containerDisk: { image: 'quay.io/containerdisks/alpine:3' } }],
});

function pool(name: string, spec: object = {}, machine: object = {}) {
  const labels = { pool: name };
  return {
    apiVersion: 'pool.kubevirt.io/v1beta1',
    kind: 'VirtualMachinePool',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      virtualMachineTemplate: {
        metadata: { labels },
        spec: {
          runStrategy: 'Halted',
          template: { metadata: { labels }, spec: instance('128Mi') },
          ...machine,
        },
      },
      ...spec,
    },
  };
}

function replicaSet(name: string, spec: object = {}) {
  const labels = { set: name };
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceReplicaSet',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: instance('64Mi') },
      ...spec,
    },
  };
}

const list = (plural: string, labels: string) =>
  sandbox.ask('GET', `${CORE}/${plural}?labelSelector=${encodeURIComponent(labels)}`);

const namesIn = ({ body }: Answer): string[] =>
  body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort();

const untilNames = (plural: string, labels: string, names: string[]) =>
  sandbox.until(
    () => list(plural, labels),
    (answer) => namesIn(answer).join() === names.join(),
    `${labels} are ${names}`,
  );

const untilPool = (name: string, isRight: (body: Answer['body']) => boolean, what: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${POOLS}/${name}`),
    ({ body }) => isRight(body),
    what,
  );

describe('a pool of VMs', () => {
  it('makes as many as it wants, names them by number and counts them', async () => {
    expect((await sandbox.ask('POST', POOLS, pool('p'))).status).toBe(201);
    const { body } = await untilNames('virtualmachines', 'pool=p', ['p-0', 'p-1']);
    expect(body.items[0].metadata).toMatchObject({
      labels: { pool: 'p', 'kubevirt.io/vm-pool-revision-name': 'p-1' },
      ownerReferences: [{ kind: 'VirtualMachinePool', name: 'p', controller: true }],
    });
    const { status, metadata } = (
      await untilPool('p', (found) => found.status?.replicas === 2, 'the pool counts two')
    ).body;
    expect(status).toEqual({ labelSelector: 'pool=p', replicas: 2 });
    expect(metadata.finalizers).toEqual(['pool.kubevirt.io/finalizer']);
  });

  it('scales by its subresource, the highest number first where that is asked for', async () => {
    const scaleInStrategy = { proactive: { selectionPolicy: { sortPolicy: 'DescendingOrder' } } };
    await sandbox.ask('POST', POOLS, pool('scaled', { replicas: 3, scaleInStrategy }));
    await untilNames('virtualmachines', 'pool=scaled', ['scaled-0', 'scaled-1', 'scaled-2']);
    await sandbox.ask('PATCH', `${POOLS}/scaled/scale`, { spec: { replicas: 1 } });
    await untilNames('virtualmachines', 'pool=scaled', ['scaled-0']);
  });

  it('replaces a VM that somebody deletes, and takes all along when it goes', async () => {
    await sandbox.ask('POST', POOLS, pool('kept'));
    const before = await untilNames('virtualmachines', 'pool=kept', ['kept-0', 'kept-1']);
    await sandbox.deleteVm(NAMESPACE, 'kept-0');
    await sandbox.until(
      () => sandbox.vm(NAMESPACE, 'kept-0'),
      ({ status, body }) => status === 200 && body.metadata.uid !== before.body.items[0].metadata.uid,
      'kept-0 is another',
    );
    await sandbox.ask('DELETE', `${POOLS}/kept`);
    await untilNames('virtualmachines', 'pool=kept', []);
  });

  it('carries a changed template over to its VMs and restarts their instances', async () => {
    await sandbox.ask('POST', POOLS, pool('new', { replicas: 1 }, { runStrategy: 'Always' }));
    await sandbox.until(
      () => sandbox.vm(NAMESPACE, 'new-0'),
      ({ body }) => body.status?.printableStatus === 'Running',
      'new-0 runs',
    );
    const changed = pool('new', { replicas: 1 }, { runStrategy: 'Always' });
    changed.spec.virtualMachineTemplate.spec.template.spec = instance('96Mi');
    await sandbox.ask('PATCH', `${POOLS}/new`, { spec: changed.spec });
    await sandbox.until(
      () => sandbox.vmi(NAMESPACE, 'new-0'),
      ({ body }) => body?.spec?.domain?.resources?.requests?.memory === '96Mi',
      'the instance is as the template says',
    );
  });

  it('does nothing while it is paused', async () => {
    await sandbox.ask('POST', POOLS, pool('still', { paused: true }));
    const { body } = await untilPool('still', ({ status }) => status?.conditions, 'the pool says that');
    expect(body.status.conditions[0]).toMatchObject({
      type: 'ReplicaPaused',
      status: 'True',
      reason: 'SuccessfulPaused',
      message: 'Pool controller is paused',
    });
    expect(namesIn(await list('virtualmachines', 'pool=still'))).toEqual([]);
    await sandbox.ask('PATCH', `${POOLS}/still`, { spec: { paused: false } });
    await untilNames('virtualmachines', 'pool=still', ['still-0', 'still-1']);
  });

  it('is refused when it could not work', async () => {
    const labels = await sandbox.ask('POST', POOLS, pool('odd', { selector: { matchLabels: { a: 'b' } } }));
    expect([labels.status, labels.body.message]).toEqual([
      422,
      'admission webhook "virtualmachinepool-validator.kubevirt.io" denied the request: selector does not match labels.',
    ]);
    const { body } = await sandbox.ask('POST', POOLS, pool('none', {}, { runStrategy: undefined }));
    expect(body.details.causes[0].field).toBe('spec.virtualMachineTemplate.spec.running');
    const share = await sandbox.ask('POST', POOLS, pool('share', { maxUnavailable: '120%' }));
    expect(share.body.details.causes[0].message).toBe(
      'maxUnavailable percentage value 120 must be between 1 and 100',
    );
    const moved = await sandbox.ask('PATCH', `${POOLS}/p`, {
      spec: { selector: { matchLabels: { pool: 'p', more: 'x' } } },
    });
    expect(moved.body.message).toContain('selector is immutable after creation.');
  });
});

describe('a replica set of instances', () => {
  it('runs as many as it wants, scales, and replaces', async () => {
    expect((await sandbox.ask('POST', SETS, replicaSet('r'))).status).toBe(201);
    await sandbox.until(
      () => sandbox.ask('GET', `${SETS}/r`),
      ({ body }) => body.status?.readyReplicas === 2,
      'two are ready',
    );
    const [first] = namesIn(await list('virtualmachineinstances', 'set=r'));
    expect(first).toMatch(/^r[a-z0-9]{5}$/);
    await sandbox.ask('DELETE', `${CORE}/virtualmachineinstances/${first}`);
    await sandbox.until(
      () => list('virtualmachineinstances', 'set=r'),
      (answer) => namesIn(answer).length === 2 && !namesIn(answer).includes(first ?? ''),
      'another came for it',
    );
    await sandbox.ask('PATCH', `${SETS}/r/scale`, { spec: { replicas: 0 } });
    await sandbox.until(
      () => list('virtualmachineinstances', 'set=r'),
      (answer) => namesIn(answer).length === 0,
      'all are gone',
    );
  });

  it('is refused when its selector misses its own instances', async () => {
    const { body } = await sandbox.ask(
      'POST',
      SETS,
      replicaSet('miss', { selector: { matchLabels: { a: 'b' } } }),
    );
    expect(body.message).toBe(
      'admission webhook "virtualmachinereplicaset-validator.kubevirt.io" denied the request: selector does not match labels.',
    );
  });
});

describe('presets', () => {
  const preset = (name: string, domain: object) =>
    sandbox.ask('POST', `${CORE}/virtualmachineinstancepresets`, {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstancePreset',
      metadata: { name },
      spec: { selector: { matchLabels: { flavour: name } }, domain },
    });
  const create = (name: string, labels: object) =>
    sandbox.ask('POST', `${CORE}/virtualmachineinstances`, {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstance',
      metadata: { name, labels },
      spec: instance('64Mi'),
    });

  it('fill in what an instance that they select leaves open', async () => {
    expect((await preset('large', { devices: {}, cpu: { cores: 3 } })).status).toBe(201);
    const { body } = await create('picked', { flavour: 'large' });
    expect(body.spec.domain.cpu).toMatchObject({ cores: 3 });
    expect(body.metadata.annotations['virtualmachinepreset.kubevirt.io/large']).toBe('kubevirt.io/v1');
    const other = await create('other', {});
    expect(other.body.spec.domain.cpu.cores).toBe(1);
  });
});
