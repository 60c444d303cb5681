import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';

const NS = 'moves';
const MIGRATIONS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstancemigrations`;
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const running = async (name: string, change?: Parameters<typeof testVm>[2]) => {
  await sandbox.createVm(testVm(name, 'Always', change), NS);
  return sandbox.untilStatus(NS, name, 'Running');
};
const migration = (name: string, vmiName: string, more: { annotations?: object; spec?: object } = {}) =>
  sandbox.ask('POST', MIGRATIONS, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceMigration',
    metadata: { name, ...(more.annotations ? { annotations: more.annotations } : {}) },
    spec: { vmiName, ...more.spec },
  });
const untilPhase = (name: string, phase: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${MIGRATIONS}/${name}`),
    ({ body }) => body?.status?.phase === phase,
    `${name} is ${phase}`,
  );
const eventsOf = async (name: string) => {
  const { body } = await sandbox.ask('GET', `/api/v1/namespaces/${NS}/events`);
  const about = body.items.filter(
    ({ involvedObject }: { involvedObject: { name: string } }) => involvedObject.name === name,
  );
  return about.map(({ reason }: { reason: string }) => reason);
};
const launchers = async (vm: string) => {
  const where = `/api/v1/namespaces/${NS}/pods?labelSelector=vm.kubevirt.io/name=${vm}`;
  return (await sandbox.ask('GET', where)).body.items;
};

describe('a migration', () => {
  it('moves the instance to another node and pod, phase by phase', async () => {
    await running('mover');
    const before = (await sandbox.vmi(NS, 'mover')).body;
    const { seen, stop } = await sandbox.followStatus(NS, 'mover');
    expect((await sandbox.act(NS, 'mover', 'migrate')).status).toBe(202);
    const made = await sandbox.ask('GET', `${MIGRATIONS}?labelSelector=kubevirt.io/vmi-name=mover`);
    const [{ metadata, spec }] = made.body.items;
    expect(metadata.generateName).toBe('kubevirt-migrate-vm-');
    expect(metadata.finalizers).toEqual(['kubevirt.io/migrationJobFinalize']);
    expect(spec).toEqual({ vmiName: 'mover' });
    const done = (await untilPhase(metadata.name, 'Succeeded')).body;
    const phases = done.status.phaseTransitionTimestamps.map(({ phase }: { phase: string }) => phase);
    expect(phases).toEqual(
      'Pending Scheduling Scheduled PreparingTarget TargetReady Running Succeeded'.split(' '),
    );
    const after = (await sandbox.vmi(NS, 'mover')).body;
    const state = after.status.migrationState;
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status.nodeName).not.toBe(before.status.nodeName);
    expect(after.metadata.labels['kubevirt.io/nodeName']).toBe(after.status.nodeName);
    expect(after.metadata.labels).not.toHaveProperty(['kubevirt.io/migrationTargetNodeName']);
    expect(state).toMatchObject({
      migrationUid: metadata.uid,
      sourceNode: before.status.nodeName,
      targetNode: after.status.nodeName,
      completed: true,
      mode: 'PreCopy',
      targetNodeDomainDetected: true,
      migrationConfiguration: { completionTimeoutPerGiB: 150, bandwidthPerMigration: '0' },
    });
    expect(state).not.toHaveProperty('failed');
    expect(Date.parse(state.endTimestamp)).toBeGreaterThanOrEqual(Date.parse(state.startTimestamp));
    await sandbox.until(
      () => sandbox.ask('GET', `${MIGRATIONS}/${metadata.name}`),
      ({ body }) => body.metadata.finalizers === undefined && body.status.migrationState?.completed,
      'the migration keeps how it went',
    );
    await sandbox.untilStatus(NS, 'mover', 'Running');
    expect(seen.slice(-2)).toEqual(['Migrating', 'Running']);
    stop();
    await sandbox.until(
      async () => ({ status: 0, text: '', contentType: '', body: await launchers('mover') }),
      ({ body }) =>
        body.find(({ metadata: { name } }: { metadata: { name: string } }) => name === state.sourcePod).status
          .phase === 'Succeeded',
      'the old launcher has ended',
    );
    const left = await sandbox.until(
      () => sandbox.vmi(NS, 'mover'),
      ({ body }) => Object.keys(body.status.activePods).length === 1,
      'one launcher is active',
    );
    const active = left.body.status;
    const target = (await launchers('mover')).find(
      ({ metadata: { name } }: { metadata: { name: string } }) => name === state.targetPod,
    );
    expect(active.activePods).toEqual({ [target.metadata.uid]: active.nodeName });
    expect(active.interfaces[0].ipAddress).toBe(target.status.podIP);
    expect(target.metadata.labels['kubevirt.io/migrationJobUID']).toBe(metadata.uid);
    expect(await eventsOf('mover')).toEqual(
      expect.arrayContaining(['PreparingTarget', 'Migrating', 'Migrated']),
    );
    expect(await eventsOf(metadata.name)).toEqual(
      expect.arrayContaining(['SuccessfulCreate', 'SuccessfulHandOver', 'SuccessfulMigration']),
    );
    // Stopping ends what holds the guest now, and clears up the old launcher as well.
    await sandbox.act(NS, 'mover', 'stop');
    await sandbox.until(
      async () => ({ status: 0, text: '', contentType: '', body: await launchers('mover') }),
      ({ body }) => body.length === 0,
      'all launchers have gone',
    );
  });

  it('runs once per instance, and the subresource wraps the refusal', async () => {
    await running('single');
    await migration('single-1', 'single');
    const again = await migration('single-2', 'single');
    expect(again.status).toBe(400);
    expect(again.body.message).toContain('in-flight migration detected');
    const wrapped = await sandbox.act(NS, 'single', 'migrate');
    expect(wrapped.status).toBe(500);
    expect(wrapped.body.message).toMatch(
      /^Internal error occurred: admission webhook "migration-create-validator.kubevirt.io" denied the request: in-flight/,
    );
    await untilPhase('single-1', 'Succeeded');
  });

  it('is canceled by its deletion, before and after the hand-over', async () => {
    await running('undecided');
    const spec = { addedNodeSelector: { 'kubernetes.io/hostname': 'nowhere' } };
    await migration('early', 'undecided', { spec });
    await untilPhase('early', 'Scheduling');
    await sandbox.until(
      async () => ({ status: 0, text: '', contentType: '', body: await eventsOf('early') }),
      ({ body }) => body.includes('migrationTargetPodUnschedulable'),
      'the target finds no node',
    );
    await sandbox.ask('DELETE', `${MIGRATIONS}/early`);
    const gone = () => sandbox.ask('GET', `${MIGRATIONS}/early`);
    await sandbox.until(gone, ({ status }) => status === 404, 'the migration has gone');
    const told = await eventsOf('early');
    expect(told).toEqual(expect.arrayContaining(['SuccessfulDelete', 'FailedMigration']));
    expect((await sandbox.vmi(NS, 'undecided')).body.status.migrationState).toBeUndefined();

    await migration('late', 'undecided');
    await untilPhase('late', 'Running');
    await sandbox.ask('DELETE', `${MIGRATIONS}/late`);
    const aborted = await sandbox.until(
      () => sandbox.vmi(NS, 'undecided'),
      ({ body }) => body.status.migrationState?.endTimestamp !== undefined,
      'the migration has ended',
    );
    expect(aborted.body.status.migrationState).toMatchObject({
      abortRequested: true,
      abortStatus: 'Succeeded',
      failed: true,
    });
    expect(aborted.body.status.nodeName).toBe(aborted.body.status.migrationState.sourceNode);
    await sandbox.untilStatus(NS, 'undecided', 'Running');
  });

  it('gives up on a target that finds no node', async () => {
    await running('stuck');
    await migration('stuck-1', 'stuck', {
      annotations: { 'kubevirt.io/migrationUnschedulablePodTimeoutSeconds': '1' },
      spec: { addedNodeSelector: { 'kubernetes.io/hostname': 'nowhere' } },
    });
    await untilPhase('stuck-1', 'Failed');
    expect((await launchers('stuck')).length).toBe(1);
    expect((await sandbox.vm(NS, 'stuck')).body.status.printableStatus).toBe('Running');
  });

  it('fails with the instance', async () => {
    await running('doomed');
    await migration('doomed-1', 'doomed');
    await untilPhase('doomed-1', 'Scheduling');
    await sandbox.act(NS, 'doomed', 'stop');
    await untilPhase('doomed-1', 'Failed');
    await sandbox.until(
      async () => ({ status: 0, text: '', contentType: '', body: await launchers('doomed') }),
      ({ body }) => body.length === 0,
      'no launcher is left behind',
    );
  });
});

it('a policy slows a migration until it is given up', async () => {
  const label = { flow: 'thin' };
  const policy = {
    apiVersion: 'migrations.kubevirt.io/v1alpha1',
    kind: 'MigrationPolicy',
    metadata: { name: 'thin' },
    spec: {
      bandwidthPerMigration: '1Ki',
      completionTimeoutPerGiB: 1,
      selectors: { virtualMachineInstanceSelector: label },
    },
  };
  const where = '/apis/migrations.kubevirt.io/v1alpha1/migrationpolicies';
  const backwards = { ...policy, spec: { ...policy.spec, completionTimeoutPerGiB: -1 } };
  const refused = await sandbox.ask('POST', where, backwards);
  expect([refused.status, refused.body.details.causes[0].field]).toEqual([
    422,
    'spec.completionTimeoutPerGiB',
  ]);
  const made = await sandbox.ask('POST', where, policy);
  expect(made.status).toBe(201);
  const vm = testVm('thin', 'Always') as { spec: { template: { metadata: { labels: object } } } };
  vm.spec.template.metadata.labels = label;
  await sandbox.createVm(vm, NS);
  await sandbox.untilStatus(NS, 'thin', 'Running');
  await migration('thin-1', 'thin');
  await untilPhase('thin-1', 'Failed');
  const { migrationState } = (await sandbox.vmi(NS, 'thin')).body.status;
  expect(migrationState).toMatchObject({
    migrationPolicyName: 'thin',
    failureReason: 'Live migration is not completed after 1 seconds and has been aborted',
  });
  expect(migrationState.migrationConfiguration.bandwidthPerMigration).toBe('1Ki');
});
