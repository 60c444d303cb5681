import { describe, expect, it } from 'vitest';
import { RESOURCES } from '../resources';
import { isCall, VM_ACTIONS, type VmActionId, vmAction } from './actions';
import { deleteCalls, dependentsOf } from './delete';
import type { VmFacts } from './facts';
import { sampleFacts } from './sample';

const REF = { cluster: 'c', namespace: 'shop', name: 'web-1' };
const why = (id: VmActionId, facts: VmFacts) => vmAction(id).unavailable(facts)?.key;
const running = (changes: Partial<VmFacts> = {}) => sampleFacts(changes, {});

function call(id: VmActionId) {
  const action = vmAction(id);
  if (!isCall(action)) throw new Error(`${id} calls nothing`);
  return action;
}

describe('what KubeVirt would accept now', () => {
  // What start, stop, force stop and restart answer: "ok" stands for 202.
  it.each<[string, VmFacts, [start: string, stop: string, force: string, restart: string]]>([
    ['Halted', sampleFacts({ runStrategy: 'Halted' }), ['ok', 'stopped', 'stopped', 'stopped']],
    ['Always, running', running(), ['running', 'ok', 'ok', 'ok']],
    ['Always without VMI', sampleFacts(), ['startsByItself', 'ok', 'ok', 'stopped']],
    ['Always, starting', sampleFacts({}, { phase: 'Scheduling' }), ['starting', 'ok', 'ok', 'ok']],
    ['Halted, stopping', running({ runStrategy: 'Halted' }), ['running', 'stopping', 'ok', 'stopping']],
    [
      'Halted, force-stopping',
      sampleFacts({ runStrategy: 'Halted' }, { graceSeconds: 0 }),
      ['running', 'stopping', 'stopping', 'stopping'],
    ],
    ['Manual, off', sampleFacts({ runStrategy: 'Manual' }), ['ok', 'stopped', 'stopped', 'stopped']],
    [
      'Manual, start asked',
      sampleFacts({ runStrategy: 'Manual', requests: ['Start'] }),
      ['busy', 'stopped', 'stopped', 'stopped'],
    ],
    ['Manual, running', running({ runStrategy: 'Manual' }), ['running', 'ok', 'ok', 'ok']],
    [
      'RerunOnFailure, failed',
      sampleFacts({ runStrategy: 'RerunOnFailure' }, { phase: 'Failed' }),
      ['rerunsByItself', 'stopped', 'stopped', 'ok'],
    ],
    ['Once, running', running({ runStrategy: 'Once' }), ['running', 'ok', 'ok', 'runsOnce']],
    [
      'WaitAsReceiver',
      sampleFacts({ runStrategy: 'WaitAsReceiver' }),
      ['waitsForMigration', 'waitsForMigration', 'waitsForMigration', 'stopped'],
    ],
    ['restarting', running({ requests: ['Stop', 'Start'] }), ['running', 'ok', 'ok', 'busy']],
  ])('%s', (_, facts, answers) => {
    const ids: VmActionId[] = ['start', 'stop', 'force-stop', 'restart'];
    expect(ids.map((id) => why(id, facts)?.replace('vm.reason.', '') ?? 'ok')).toEqual(answers);
  });

  it('pauses only what runs and is not paused', () => {
    expect(why('pause', sampleFacts())).toBe('vm.reason.stopped');
    expect(why('pause', sampleFacts({}, { phase: 'Scheduled' }))).toBe('vm.reason.notYetRunning');
    expect(why('pause', sampleFacts({}, { paused: true }))).toBe('vm.reason.paused');
    expect(why('pause', sampleFacts({}, { probed: true }))).toBe('vm.reason.probed');
    expect(why('pause', running())).toBeUndefined();
    expect(why('unpause', running())).toBe('vm.reason.notPaused');
    expect(why('unpause', sampleFacts({}, { paused: true }))).toBeUndefined();
  });

  it('reboots softly through the agent or ACPI', () => {
    expect(why('soft-reboot', running())).toBeUndefined();
    expect(why('soft-reboot', sampleFacts({}, { acpi: false }))).toBe('vm.reason.noAgentNoAcpi');
    expect(why('soft-reboot', sampleFacts({}, { acpi: false, agentConnected: true }))).toBeUndefined();
    expect(why('soft-reboot', sampleFacts({}, { paused: true }))).toBe('vm.reason.frozen');
  });

  it('opens consoles unless the device is missing', () => {
    expect(why('open-vnc', sampleFacts())).toBeUndefined();
    expect(why('open-vnc', sampleFacts({}, { graphics: false }))).toBe('vm.reason.noGraphics');
    expect(why('open-serial', sampleFacts({}, { serial: false }))).toBe('vm.reason.noSerial');
  });
});

describe('settled', () => {
  const settled = (id: VmActionId, before: VmFacts, now: VmFacts | undefined) =>
    call(id).settled?.(before, now);
  const fresh = (changes: Partial<VmFacts> = {}, phase = 'Running') =>
    sampleFacts({ printableStatus: 'Running', ...changes }, { uid: 'vmi-2', phase });

  it('believes a start when the new guest runs and the VM says so', () => {
    const before = sampleFacts({ runStrategy: 'Halted' });
    expect(settled('start', before, before)).toBeUndefined();
    expect(settled('start', before, fresh({ printableStatus: 'Starting' }, 'Scheduling'))).toBeUndefined();
    expect(settled('start', before, fresh({ printableStatus: 'Starting' }))).toBeUndefined();
    expect(settled('start', before, fresh())).toBe('done');
    expect(settled('start', before, fresh({ printableStatus: 'ErrorUnschedulable' }, 'Scheduling'))).toBe(
      'failed',
    );
    expect(settled('start', before, undefined)).toBe('failed');
  });

  it('does not take the old guest for a restarted one', () => {
    expect(settled('restart', running(), running())).toBeUndefined();
    expect(settled('restart', running(), sampleFacts())).toBeUndefined();
    expect(settled('restart', running(), fresh())).toBe('done');
  });

  it('believes a stop when the guest has ended and will stay so', () => {
    const halted = { runStrategy: 'Halted', printableStatus: 'Stopped' };
    expect(settled('stop', running(), sampleFacts({ printableStatus: 'Stopped' }))).toBeUndefined();
    expect(
      settled('stop', running(), sampleFacts({ ...halted, printableStatus: 'Stopping' }, {})),
    ).toBeUndefined();
    expect(settled('stop', running(), sampleFacts(halted, { phase: 'Succeeded' }))).toBe('done');
    expect(settled('stop', running(), sampleFacts(halted))).toBe('done');
  });

  it('believes a pause when the VM says so, and fails when the guest went away', () => {
    expect(settled('pause', running(), running())).toBeUndefined();
    expect(settled('pause', running(), sampleFacts({ printableStatus: 'Paused' }, { paused: true }))).toBe(
      'done',
    );
    expect(settled('pause', running(), sampleFacts())).toBe('failed');
  });

  it('believes a deletion when the VM is gone or another has its name', () => {
    expect(settled('delete', running(), running({ deleting: true }))).toBeUndefined();
    expect(settled('delete', running(), undefined)).toBe('done');
    expect(settled('delete', running(), sampleFacts({ uid: 'another' }))).toBe('done');
  });
});

describe('calls', () => {
  it('go to the group of the actions', () => {
    expect(call('start').run(REF, sampleFacts(), undefined)).toEqual([
      {
        method: 'PUT',
        path: '/apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachines/web-1/start',
        body: {},
      },
    ]);
    expect(call('force-stop').run(REF, running(), undefined)).toMatchObject([{ body: { gracePeriod: 0 } }]);
    expect(call('soft-reboot').run(REF, running(), undefined)).toMatchObject([
      { path: '/apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachineinstances/web-1/softreboot' },
    ]);
  });

  it('let go of the disks to keep before the VM is deleted', () => {
    const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'X', name: 'x', uid });
    const disk = (name: string, owners: string[]) => ({
      apiVersion: 'cdi.kubevirt.io/v1beta1',
      kind: 'DataVolume',
      metadata: {
        name,
        uid: `dv-${name}`,
        resourceVersion: '1',
        creationTimestamp: '',
        ownerReferences: owners.map(owner),
      },
    });
    const facts = sampleFacts();
    const keep = dependentsOf(facts.uid, RESOURCES.dataVolumes, [
      disk('root', ['somebody', facts.uid]),
      disk('foreign', ['somebody']),
    ]);
    const calls = deleteCalls(REF, facts, { keep, hasTemplates: true });
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'PATCH /apis/kubevirt.io/v1/namespaces/shop/virtualmachines/web-1',
      'PATCH /apis/cdi.kubevirt.io/v1beta1/namespaces/shop/datavolumes/root',
      'DELETE /apis/kubevirt.io/v1/namespaces/shop/virtualmachines/web-1',
    ]);
    expect(calls[1]?.body).toContainEqual({ op: 'remove', path: '/metadata/ownerReferences/1' });
    expect(calls[2]?.body).toMatchObject({ preconditions: { uid: facts.uid } });
    expect(deleteCalls(REF, facts, { keep: [], hasTemplates: true })).toHaveLength(1);
  });
});

it('gives every action an id of its own', () => {
  const ids = VM_ACTIONS.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
