import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSandbox, testVm } from './testing';

const GROUP = '/apis/snapshot.kubevirt.io/v1beta1/namespaces/lab';
const CLONES = '/apis/clone.kubevirt.io/v1beta1/namespaces/lab/virtualmachineclones';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ control: true });
  await sandbox.createNamespace('lab');
});
afterAll(() => sandbox.close());

const machine = (name: string) => ({ apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name });
const snap = (name: string, source: object, more: object = {}) =>
  sandbox.ask('POST', `${GROUP}/virtualmachinesnapshots`, {
    apiVersion: 'snapshot.kubevirt.io/v1beta1',
    kind: 'VirtualMachineSnapshot',
    metadata: { name },
    spec: { source, ...more },
  });
const restore = (name: string, target: string, snapshot: string, more: object = {}) =>
  sandbox.ask('POST', `${GROUP}/virtualmachinerestores`, {
    apiVersion: 'snapshot.kubevirt.io/v1beta1',
    kind: 'VirtualMachineRestore',
    metadata: { name },
    spec: { target: machine(target), virtualMachineSnapshotName: snapshot, ...more },
  });
const untilPhase = (name: string, phase: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${GROUP}/virtualmachinesnapshots/${name}`),
    ({ body }) => body?.status?.phase === phase,
    `snapshot ${name} is ${phase}`,
  );
const untilRestored = (name: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${GROUP}/virtualmachinerestores/${name}`),
    ({ body }) => body?.status?.complete === true,
    `restore ${name} is complete`,
  );
const reasonOf = (body: { status?: { conditions: { type: string; reason: string }[] } }, type: string) =>
  body.status?.conditions.find((condition) => condition.type === type)?.reason;

/** A halted VM on a claim of its own. */
async function diskMachine(name: string): Promise<void> {
  await sandbox.ask('POST', '/api/v1/namespaces/lab/persistentvolumeclaims', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${name}-disk` },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const vm = testVm(name, 'Halted', (spec) => {
    spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: `${name}-disk` } }];
  });
  expect((await sandbox.createVm(vm, 'lab')).status).toBe(201);
  await sandbox.until(
    () => sandbox.vm('lab', name),
    ({ body }) => body?.status?.volumeSnapshotStatuses?.[0]?.enabled === true,
    'its disk can be snapshot',
  );
}

describe('a snapshot', () => {
  test('of a VM without disks keeps its spec, and lets the source go', async () => {
    await sandbox.createVm(testVm('plain', 'Halted'), 'lab');
    expect((await snap('plain-1', machine('plain'))).status).toBe(201);
    const { body } = await untilPhase('plain-1', 'Succeeded');
    expect(body.status).toMatchObject({ readyToUse: true, snapshotVolumes: { excludedVolumes: ['root'] } });
    expect(reasonOf(body, 'Ready')).toBe('Operation complete');
    const content = await sandbox.ask(
      'GET',
      `${GROUP}/virtualmachinesnapshotcontents/${body.status.virtualMachineSnapshotContentName}`,
    );
    expect(content.body.spec.source.virtualMachine.spec.runStrategy).toBe('Halted');
    await sandbox.until(
      () => sandbox.vm('lab', 'plain'),
      ({ body: vm }) => !vm.status.snapshotInProgress && vm.metadata.finalizers.length === 1,
      'the source is free again',
    );
  });

  test('of a VM that is not there waits for ever and says so', async () => {
    await snap('nobody-1', machine('nobody'));
    const { body } = await untilPhase('nobody-1', 'InProgress');
    expect(reasonOf(body, 'Progressing')).toBe('Source does not exist');
  });

  test('copies the disks that it can, and its deletion takes them along', async () => {
    await diskMachine('stored');
    await snap('stored-1', machine('stored'));
    const { body } = await untilPhase('stored-1', 'Succeeded');
    expect(body.status.snapshotVolumes).toEqual({ includedVolumes: ['root'] });
    const copies = '/apis/snapshot.storage.k8s.io/v1/namespaces/lab/volumesnapshots';
    expect((await sandbox.ask('GET', copies)).body.items).toMatchObject([
      { metadata: { name: `vmsnapshot-${body.metadata.uid}-volume-root` }, status: { readyToUse: true } },
    ]);
    await sandbox.ask('DELETE', `${GROUP}/virtualmachinesnapshots/stored-1`);
    await sandbox.until(
      () => sandbox.ask('GET', copies),
      ({ body: { items } }) => items.length === 0,
      'the copies are gone',
    );
  });

  test('is refused in the webhook’s words', async () => {
    const { status, body } = await snap('odd', { apiGroup: 'x', kind: 'Y', name: 'plain' });
    expect(status).toBe(422);
    expect(body.message).toBe(
      'admission webhook "virtualmachinesnapshot-validator.snapshot.kubevirt.io" denied the request: invalid apiGroup',
    );
    expect(body.details.causes[0].field).toBe('spec.source.apiGroup');
  });
});

describe('a restore', () => {
  test('puts the spec back and keeps the run strategy', async () => {
    await sandbox.createVm(testVm('back', 'Halted'), 'lab');
    await snap('back-1', machine('back'));
    await untilPhase('back-1', 'Succeeded');
    await sandbox.ask('PATCH', '/apis/kubevirt.io/v1/namespaces/lab/virtualmachines/back', {
      spec: { template: { spec: { domain: { resources: { requests: { memory: '512Mi' } } } } } },
    });
    expect((await restore('back-r', 'back', 'back-1')).body.spec.targetReadinessPolicy).toBe(
      'WaitGracePeriod',
    );
    await untilRestored('back-r');
    const { body } = await sandbox.vm('lab', 'back');
    expect(body.spec).toMatchObject({
      runStrategy: 'Halted',
      template: { spec: { domain: { resources: { requests: { memory: '128Mi' } } } } },
    });
    expect(body.status.restoreInProgress).toBeUndefined();
  });

  test('puts a running target on new disks once it is stopped', async () => {
    await diskMachine('busy');
    await snap('busy-1', machine('busy'));
    await untilPhase('busy-1', 'Succeeded');
    await sandbox.act('lab', 'busy', 'start');
    await sandbox.untilStatus('lab', 'busy', 'Running');
    const { body } = await restore('busy-r', 'busy', 'busy-1');
    await sandbox.until(
      () => sandbox.ask('GET', `${GROUP}/virtualmachinerestores/busy-r`),
      (answer) => /Please stop the restore target/.test(reasonOf(answer.body, 'Progressing') ?? ''),
      'the restore asks for the target to be stopped',
    );
    await sandbox.act('lab', 'busy', 'stop');
    await untilRestored('busy-r');
    const claim = `restore-${body.metadata.uid}-root`;
    const vm = await sandbox.vm('lab', 'busy');
    expect(vm.body.spec.template.spec.volumes[0].persistentVolumeClaim.claimName).toBe(claim);
    expect(
      (await sandbox.ask('GET', `/api/v1/namespaces/lab/persistentvolumeclaims/${claim}`)).body.status.phase,
    ).toBe('Bound');
  });

  test('fails when the target is not stopped in time', async () => {
    await sandbox.createVm(testVm('stubborn', 'Always'), 'lab');
    await sandbox.untilStatus('lab', 'stubborn', 'Running');
    await snap('stubborn-1', machine('stubborn'));
    const snapshot = await untilPhase('stubborn-1', 'Succeeded');
    expect(snapshot.body.status.indications).toContain('Online');
    await restore('stubborn-r', 'stubborn', 'stubborn-1');
    await sandbox.until(
      () => sandbox.ask('GET', `${GROUP}/virtualmachinerestores/stubborn-r`),
      ({ body }) => body.status?.conditions?.length > 0,
      'the restore has begun',
    );
    await sandbox.steer('POST', '/clock', { advanceSeconds: 301 });
    await sandbox.until(
      () => sandbox.ask('GET', `${GROUP}/virtualmachinerestores/stubborn-r`),
      ({ body }) => /failed to be ready within 5m0s/.test(reasonOf(body, 'Failure') ?? ''),
      'the restore has failed',
    );
  });

  test('says what is missing, and that another is under way', async () => {
    await restore('lost-r', 'plain', 'nosuch');
    await sandbox.until(
      () => sandbox.ask('GET', `${GROUP}/virtualmachinerestores/lost-r`),
      ({ body }) => reasonOf(body, 'Progressing') === 'VMSnapshot lab/nosuch does not exist',
      'the missing snapshot is named',
    );
    const { status, body } = await restore('lost-r2', 'plain', 'nosuch');
    expect(status).toBe(422);
    expect(body.message).toContain('VirtualMachineRestore "lost-r" in progress');
  });
});

describe('a clone', () => {
  const clone = (name: string, source: object, target?: object) =>
    sandbox.ask('POST', CLONES, {
      apiVersion: 'clone.kubevirt.io/v1beta1',
      kind: 'VirtualMachineClone',
      metadata: { name },
      spec: { source, ...(target ? { target } : {}) },
    });
  const untilCloned = (name: string) =>
    sandbox.until(
      () => sandbox.ask('GET', `${CLONES}/${name}`),
      ({ body }) => body?.status?.phase === 'Succeeded',
      `clone ${name} succeeded`,
    );

  test('becomes a halted VM of its own, and goes with it', async () => {
    await diskMachine('parent');
    await clone('twin', machine('parent'), machine('child'));
    const { body } = await untilCloned('twin');
    expect(body.status.targetName).toBe('child');
    const [parent, child] = [await sandbox.vm('lab', 'parent'), await sandbox.vm('lab', 'child')];
    expect(child.body.spec.runStrategy).toBe('Halted');
    const firmware = (answer: typeof child) => answer.body.spec.template.spec.domain.firmware.uuid;
    expect(firmware(child)).not.toBe(firmware(parent));
    await sandbox.until(
      () => sandbox.ask('GET', `${GROUP}/virtualmachinesnapshots`),
      ({ body: { items } }) =>
        !items.some(({ metadata }: { metadata: { name: string } }) => metadata.name.startsWith('tmp-')),
      'nothing temporary is left',
    );
    await sandbox.deleteVm('lab', 'child');
    await sandbox.until(
      () => sandbox.ask('GET', `${CLONES}/twin`),
      ({ status }) => status === 404,
      'the clone went with its target',
    );
  });

  test('is named by the webhook, and refused onto itself', async () => {
    const { body } = await clone('unnamed', machine('plain'));
    expect(body.spec.target.name).toMatch(/^clone-plain-\w{5}$/);
    expect((await clone('self', machine('plain'), machine('plain'))).body.message).toContain(
      'Target name cannot be equal to source name',
    );
  });

  test('of nobody says so', async () => {
    await clone('orphan', machine('nobody'));
    await sandbox.until(
      () => sandbox.ask('GET', `${CLONES}/orphan`),
      ({ body }) => reasonOf(body, 'Ready') === 'Source doesnt exist: VirtualMachine lab/nobody',
      'the missing source is named',
    );
  });
});
