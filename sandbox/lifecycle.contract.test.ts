import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';

const NS = 'team';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

/** The part of a refusal that is KubeVirt's own. */
const words = (message: string) => message.replace(/^Operation cannot be fulfilled on \S+ "\w[\w-]*": /, '');
const running = async (name: string, strategy = 'Always') => {
  await sandbox.createVm(testVm(name, strategy), NS);
  return sandbox.untilStatus(NS, name, 'Running');
};
const instanceUid = async (name: string) => (await sandbox.vmi(NS, name)).body.metadata.uid as string;

describe('the life of a VM, as a watcher sees it', () => {
  it('starts, pauses, restarts, stops and goes', async () => {
    const { seen, stop } = await sandbox.followStatus(NS, 'life');
    await sandbox.createVm(testVm('life', 'Halted'), NS);
    const halted = await sandbox.untilStatus(NS, 'life', 'Stopped');
    expect(halted.body.status.created).toBeUndefined();

    expect(await sandbox.act(NS, 'life', 'start')).toMatchObject({ status: 202, text: '', contentType: '' });
    const again = await sandbox.act(NS, 'life', 'start');
    expect([again.status, words(again.body.message)]).toEqual([409, 'VM is already running']);
    const up = await sandbox.untilStatus(NS, 'life', 'Running');
    expect(up.body.spec.runStrategy).toBe('Always');
    const first = await instanceUid('life');

    expect(await sandbox.actOnInstance(NS, 'life', 'pause')).toMatchObject({ status: 200, text: '' });
    await sandbox.untilStatus(NS, 'life', 'Paused');
    await sandbox.actOnInstance(NS, 'life', 'unpause');
    await sandbox.untilStatus(NS, 'life', 'Running');

    expect((await sandbox.act(NS, 'life', 'restart')).status).toBe(202);
    const twice = await sandbox.act(NS, 'life', 'restart');
    expect([twice.status, twice.body.message]).toEqual([
      500,
      'Internal error occurred: unable to complete request: stop/start already underway',
    ]);
    await sandbox.untilStatus(NS, 'life', 'Starting');
    await sandbox.untilStatus(NS, 'life', 'Running');
    expect(await instanceUid('life')).not.toBe(first);

    await sandbox.act(NS, 'life', 'stop');
    const stopped = await sandbox.untilStatus(NS, 'life', 'Stopped');
    expect(stopped.body.spec.runStrategy).toBe('Halted');
    await sandbox.until(
      () => sandbox.vm(NS, 'life'),
      ({ body }) => body.status.created === undefined,
      'the instance has gone',
    );
    const end = await sandbox.vm(NS, 'life');
    const copies = end.body.status.conditions.map(({ type }: { type: string }) => type);
    expect(copies).toContain('LiveMigratable');

    expect((await sandbox.deleteVm(NS, 'life')).status).toBe(200);
    await sandbox.until(
      () => sandbox.vm(NS, 'life'),
      ({ status }) => status === 404,
      'the VM has gone',
    );
    await sandbox.until(
      async () => ({ status: 0, text: seen.join(), contentType: '', body: undefined }),
      () => seen.at(-1) === 'gone',
      'the watch has seen the end',
    );
    stop();
    expect(seen.filter((status) => status !== 'Terminating')).toEqual([
      ...['Stopped', 'Starting', 'Running', 'Paused', 'Running'],
      ...['Stopping', 'Stopped', 'Starting', 'Running', 'Stopping', 'Stopped', 'gone'],
    ]);
  });

  it('records the phases of an instance, its owner and what it was started with', async () => {
    const vm = await running('phases');
    const { body } = await sandbox.vmi(NS, 'phases');
    expect(body.status.phaseTransitionTimestamps.map(({ phase }: { phase: string }) => phase)).toEqual([
      ...['Pending', 'Scheduling', 'Scheduled', 'Running'],
    ]);
    expect(body.metadata.ownerReferences).toMatchObject([
      { kind: 'VirtualMachine', uid: vm.body.metadata.uid },
    ]);
    expect(body.status.interfaces[0].ipAddress).toMatch(/^10\.244\.[0-2]\.\d+$/);
    const revision = body.status.virtualMachineRevisionName;
    expect(revision).toBe(`revision-start-vm-${vm.body.metadata.uid}-1`);
    const kept = await sandbox.ask('GET', `/apis/apps/v1/namespaces/${NS}/controllerrevisions/${revision}`);
    expect(kept.body.data.spec.runStrategy).toBe('Always');
    const pods = await sandbox.ask(
      'GET',
      `/api/v1/namespaces/${NS}/pods?labelSelector=vm.kubevirt.io/name%3Dphases`,
    );
    expect(pods.body.items[0].metadata.ownerReferences[0].uid).toBe(body.metadata.uid);
  });

  it('starts paused when asked to, and stops at once with a grace period of 0', async () => {
    await sandbox.createVm(testVm('asleep', 'Halted'), NS);
    await sandbox.untilStatus(NS, 'asleep', 'Stopped');
    await sandbox.act(NS, 'asleep', 'start', { paused: true });
    await sandbox.untilStatus(NS, 'asleep', 'Paused');
    await sandbox.act(NS, 'asleep', 'stop', { gracePeriod: 0 });
    await sandbox.untilStatus(NS, 'asleep', 'Stopped');
  });

  it('asks for a restart when the template changes, and no longer when it is put back', async () => {
    await running('drift');
    const where = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines/drift`;
    const memory = (amount: string) => ({
      spec: { template: { spec: { domain: { resources: { requests: { memory: amount } } } } } },
    });
    const wants = (wanted: boolean) =>
      sandbox.until(
        () => sandbox.vm(NS, 'drift'),
        ({ body }) =>
          wanted === body.status.conditions.some(({ type }: { type: string }) => type === 'RestartRequired'),
        `RestartRequired is ${wanted}`,
      );
    await sandbox.ask('PATCH', where, memory('192Mi'));
    const { body } = await wants(true);
    expect(body.status).toMatchObject({ desiredGeneration: 2, observedGeneration: 1 });
    await sandbox.ask('PATCH', where, memory('128Mi'));
    await wants(false);
  });

  it('starts an Always VM again when its instance is deleted', async () => {
    await running('phoenix');
    const first = await instanceUid('phoenix');
    await sandbox.ask('DELETE', `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstances/phoenix`);
    await sandbox.until(
      () => sandbox.vmi(NS, 'phoenix'),
      ({ body }) =>
        body.metadata?.uid !== undefined && body.metadata.uid !== first && body.status.phase === 'Running',
      'another instance runs',
    );
  });

  it('leaves an orphaned instance running, and lets it go when it is deleted itself', async () => {
    await running('orphan');
    await sandbox.deleteVm(NS, 'orphan', {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Orphan',
    });
    await sandbox.until(
      () => sandbox.vm(NS, 'orphan'),
      ({ status }) => status === 404,
      'the VM has gone',
    );
    const { body } = await sandbox.vmi(NS, 'orphan');
    expect(body.status.phase).toBe('Running');
    expect(body.metadata.ownerReferences).toBeUndefined();
    await sandbox.ask('DELETE', `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstances/orphan`);
    await sandbox.until(
      () => sandbox.vmi(NS, 'orphan'),
      ({ status }) => status === 404,
      'the instance has gone',
    );
  });

  it('takes its instance along when its finalizer is taken away, and one of the same name runs anew', async () => {
    await running('forced');
    const first = await instanceUid('forced');
    await sandbox.deleteVm(NS, 'forced');
    const path = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines/forced`;
    expect((await sandbox.ask('PATCH', path, { metadata: { finalizers: null } })).status).toBe(200);
    expect((await sandbox.vm(NS, 'forced')).status).toBe(404);
    await running('forced');
    expect(await instanceUid('forced')).not.toBe(first);
  });
});

describe('what a run strategy allows', () => {
  it('Manual runs on request only', async () => {
    await sandbox.createVm(testVm('manual', 'Manual'), NS);
    await sandbox.untilStatus(NS, 'manual', 'Stopped');
    await sandbox.act(NS, 'manual', 'start');
    await sandbox.untilStatus(NS, 'manual', 'Running');
    await sandbox.act(NS, 'manual', 'stop');
    const { body } = await sandbox.untilStatus(NS, 'manual', 'Stopped');
    expect(body.spec.runStrategy).toBe('Manual');
  });

  it('Once neither restarts nor starts by request', async () => {
    await running('once', 'Once');
    const restart = await sandbox.act(NS, 'once', 'restart');
    expect(words(restart.body.message)).toBe('RunStategy Once does not support manual restart requests');
    await sandbox.act(NS, 'once', 'stop');
    const { body } = await sandbox.untilStatus(NS, 'once', 'Stopped');
    expect(body.spec.runStrategy).toBe('Halted');
  });

  it('the deprecated field stays the one in use', async () => {
    const vm = testVm('old-form', 'Halted') as { spec: { runStrategy?: string; running?: boolean } };
    delete vm.spec.runStrategy;
    vm.spec.running = false;
    await sandbox.createVm(vm, NS);
    await sandbox.untilStatus(NS, 'old-form', 'Stopped');
    await sandbox.act(NS, 'old-form', 'start');
    const { body } = await sandbox.untilStatus(NS, 'old-form', 'Running');
    expect(body.spec.running).toBe(true);
    expect(body.spec.runStrategy).toBeUndefined();
  });
});

describe('refusals', () => {
  it('are worded as virt-api words them', async () => {
    await sandbox.createVm(testVm('idle', 'Halted'), NS);
    await sandbox.untilStatus(NS, 'idle', 'Stopped');
    const stop = await sandbox.act(NS, 'idle', 'stop');
    expect(stop.body.message).toBe(
      'Operation cannot be fulfilled on virtualmachine.kubevirt.io "idle": VM is not running',
    );
    const pause = await sandbox.actOnInstance(NS, 'idle', 'pause');
    expect([pause.status, pause.body.message]).toEqual([
      404,
      'virtualmachineinstance.kubevirt.io "idle" not found',
    ]);
    const info = await sandbox.actOnInstance(NS, 'idle', 'guestosinfo', 'GET');
    expect([info.status, info.contentType]).toEqual([500, 'text/plain; charset=utf-8']);
    const shot = await sandbox.actOnInstance(NS, 'idle', 'vnc/screenshot', 'GET');
    expect([shot.status, shot.text]).toEqual([401, '']);
    const bad = await sandbox.act(NS, 'idle', 'start', '{not json');
    expect(bad.body.message).toContain("invalid character 'n' looking for beginning of object key string");
  });

  it('say why there is no screen where machines are mere states', async () => {
    await running('blind');
    const shot = await sandbox.actOnInstance(NS, 'blind', 'vnc/screenshot', 'GET');
    expect(shot.status).toBe(500);
    expect(shot.text).toContain('this machine is only its state');
    const console = await sandbox.actOnInstance(NS, 'blind', 'console', 'GET');
    expect([console.status, console.text]).toEqual([
      500,
      expect.stringContaining('this machine is only its state'),
    ]);
  });
});
