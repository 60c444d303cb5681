import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TestSandbox } from './testing';

const GROUP = '/apis/instancetype.kubevirt.io/v1beta1';
const NAMESPACE = 'revisions';
const REVISIONS = `/apis/apps/v1/namespaces/${NAMESPACE}/controllerrevisions`;
const VMS = `/apis/kubevirt.io/v1/namespaces/${NAMESPACE}/virtualmachines`;
const KUBEVIRT = '/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NAMESPACE);
});
afterAll(() => sandbox.close());

async function createVm(name: string, spec: object) {
  const { status, text } = await sandbox.createVm(
    {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        runStrategy: 'Always',
        template: {
          spec: {
            domain: { devices: { disks: [{ name: 'root', disk: {} }] } },
            volumes: [{ name: 'root', containerDisk: { image: 'quay.io/containerdisks/alpine:3' } }],
          },
        },
        ...spec,
      },
    },
    NAMESPACE,
  );
  expect(status, text).toBe(201);
}

const untilVm = (name: string, isRight: (vm: Answer['body']) => boolean, what: string) =>
  sandbox.until(
    () => sandbox.vm(NAMESPACE, name),
    ({ body }) => isRight(body),
    what,
  );

const conditionOf = (vm: Answer['body'], type: string) =>
  vm.status?.conditions?.find((condition: { type: string }) => condition.type === type);

describe('a VM with an instance type and a preference', () => {
  beforeAll(async () => {
    await createVm('sized', { instancetype: { name: 'u1.nano' }, preference: { name: 'alpine' } });
    await sandbox.untilStatus(NAMESPACE, 'sized', 'Running');
  });

  it('runs by revisions that its status names and its spec does not', async () => {
    const { spec, status, metadata } = (await sandbox.vm(NAMESPACE, 'sized')).body;
    expect(spec.instancetype).toEqual({ name: 'u1.nano' });
    const { uid } = (await sandbox.ask('GET', `${GROUP}/virtualmachineclusterinstancetypes/u1.nano`)).body
      .metadata;
    const name = `sized-u1.nano-v1beta1-${uid}-1`;
    expect(status.instancetypeRef).toEqual({ name: 'u1.nano', controllerRevisionRef: { name } });
    expect(status.preferenceRef.name).toBe('alpine');
    const revision = (await sandbox.ask('GET', `${REVISIONS}/${name}`)).body;
    expect(revision.metadata.labels).toMatchObject({
      'instancetype.kubevirt.io/object-kind': 'VirtualMachineClusterInstancetype',
      'instancetype.kubevirt.io/object-uid': uid,
    });
    expect(revision.metadata.ownerReferences[0].uid).toBe(metadata.uid);
    expect(revision.data.spec).toEqual({ cpu: { guest: 1 }, memory: { guest: '512Mi' } });
  });

  it('gets an instance of that size and with those devices', async () => {
    const { metadata, spec } = (await sandbox.vmi(NAMESPACE, 'sized')).body;
    expect(metadata.annotations).toMatchObject({
      'kubevirt.io/cluster-instancetype-name': 'u1.nano',
      'kubevirt.io/cluster-preference-name': 'alpine',
      'vm.kubevirt.io/os': 'linux',
    });
    expect(spec.domain.memory.guest).toBe('512Mi');
    expect(spec.domain.devices).toMatchObject({
      disks: [{ disk: { bus: 'virtio' } }],
      interfaces: [{ model: 'virtio' }],
      rng: {},
    });
  });

  it('needs a restart when it runs and is given another size', async () => {
    await sandbox.ask('PATCH', `${VMS}/sized`, { spec: { instancetype: { name: 'u1.micro' } } });
    const { body } = await untilVm(
      'sized',
      (vm) =>
        conditionOf(vm, 'RestartRequired') !== undefined && vm.status.instancetypeRef.name === 'u1.micro',
      'sized needs a restart',
    );
    expect(body.status.instancetypeRef.controllerRevisionRef.name).toMatch(/^sized-u1\.micro-v1beta1-/);
    await sandbox.act(NAMESPACE, 'sized', 'restart');
    await sandbox.until(
      () => sandbox.vmi(NAMESPACE, 'sized'),
      (answer) => answer.body?.spec?.domain?.memory?.guest === '1Gi',
      'the instance is larger',
    );
  });

  it('goes with its revisions', async () => {
    await sandbox.deleteVm(NAMESPACE, 'sized');
    await sandbox.until(
      () => sandbox.ask('GET', REVISIONS),
      ({ body }) =>
        !body.items.some(({ metadata }: { metadata: { name: string } }) =>
          metadata.name.startsWith('sized-'),
        ),
      'the revisions are gone',
    );
  });
});

it('keeps the size that it was made with when the instance type changes', async () => {
  const types = `${GROUP}/namespaces/${NAMESPACE}/virtualmachineinstancetypes`;
  const kind = 'VirtualMachineInstancetype';
  await sandbox.ask('POST', types, {
    ...{ apiVersion: 'instancetype.kubevirt.io/v1beta1', kind, metadata: { name: 'own' } },
    spec: { cpu: { guest: 1 }, memory: { guest: '256Mi' } },
  });
  await createVm('kept', { runStrategy: 'Halted', instancetype: { name: 'own', kind } });
  await untilVm('kept', ({ status }) => status?.instancetypeRef, 'kept has its revision');
  await sandbox.ask('PATCH', `${types}/own`, { spec: { memory: { guest: '512Mi' } } });
  await sandbox.act(NAMESPACE, 'kept', 'start');
  await sandbox.untilStatus(NAMESPACE, 'kept', 'Running');
  const { metadata, spec } = (await sandbox.vmi(NAMESPACE, 'kept')).body;
  expect(spec.domain.memory.guest).toBe('256Mi');
  expect(metadata.annotations['kubevirt.io/instancetype-name']).toBe('own');
});

it('waits, stopped, for an instance type that does not exist, and starts when it does', async () => {
  await createVm('waiting', { instancetype: { name: 'later' } });
  const { body } = await untilVm('waiting', (vm) => conditionOf(vm, 'Failure'), 'waiting fails');
  expect(body.status.printableStatus).toBe('Stopped');
  expect(conditionOf(body, 'Failure')).toMatchObject({
    reason: 'FailedFindInstancetype',
    message: 'virtualmachineclusterinstancetypes.instancetype.kubevirt.io "later" not found',
  });
  await sandbox.ask('POST', `${GROUP}/virtualmachineclusterinstancetypes`, {
    apiVersion: 'instancetype.kubevirt.io/v1beta1',
    kind: 'VirtualMachineClusterInstancetype',
    metadata: { name: 'later' },
    spec: { cpu: { guest: 1 }, memory: { guest: '256Mi' } },
  });
  await sandbox.untilStatus(NAMESPACE, 'waiting', 'Running');
});

it('says which preference is missing, and which kind there is not, even of stopped VMs', async () => {
  await createVm('missing', { runStrategy: 'Halted', preference: { name: 'nope' } });
  await createVm('shoe', { runStrategy: 'Halted', instancetype: { name: 'u1.nano', kind: 'Shoe' } });
  const missing = await untilVm('missing', (vm) => conditionOf(vm, 'Failure'), 'missing fails');
  expect(conditionOf(missing.body, 'Failure').reason).toBe('FailedFindPreference');
  const shoe = await untilVm('shoe', (vm) => conditionOf(vm, 'Failure'), 'shoe fails');
  expect(conditionOf(shoe.body, 'Failure').message).toBe('got unexpected kind in InstancetypeMatcher: Shoe');
});

it('stores VMs expanded where the KubeVirt resource wants that', async () => {
  await sandbox.ask('PATCH', KUBEVIRT, {
    spec: { configuration: { instancetype: { referencePolicy: 'expand' } } },
  });
  await createVm('written', {
    runStrategy: 'Halted',
    instancetype: { name: 'u1.small' },
    preference: { name: 'fedora' },
  });
  const { body } = await untilVm('written', ({ spec }) => !spec.instancetype, 'written is expanded');
  expect(body.spec.preference).toBeUndefined();
  expect(body.spec.template.spec.domain.memory.guest).toBe('2Gi');
  expect(body.status?.instancetypeRef).toBeUndefined();
});
