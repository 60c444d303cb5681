import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Subscription } from '@/lib/inventory/protocol';
import type { K8sObject } from '@/lib/k8s/object';
import { isCall, type VmActionId, vmAction } from '@/lib/kinds/vm/actions';
import { vmFacts } from '@/lib/kinds/vm/facts';
import { sampleVm, sampleVmi } from '@/lib/kinds/vm/sample';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import type { LiveClient } from './live-client';
import { LOADING_STATE } from './live-state';
import { isRepeatable, repeatAction, runAction } from './run-action';
import { taskStore } from './tasks';

const REF = { cluster: 'c', namespace: 'shop', name: 'web-1' };

/** A live client whose objects the test sets. */
function fakeClient() {
  const objects = new Map<string, K8sObject[]>();
  const listeners = new Set<() => void>();
  const client = {
    view: (_: string, subscription: Extract<Subscription, { kind: 'objects' }>) => ({
      get: () => {
        const found = objects.get(subscription.resource.plural);
        return found ? { ...LOADING_STATE, arrived: true, objects: found } : LOADING_STATE;
      },
      subscribe: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  } as unknown as LiveClient;
  const show = (vm?: VirtualMachine, vmi?: VirtualMachineInstance) => {
    objects.set('virtualmachines', vm ? [vm] : []);
    objects.set('virtualmachineinstances', vmi ? [vmi] : []);
    for (const listener of [...listeners]) listener();
  };
  return { client, show, listeners };
}

function call(id: VmActionId) {
  const action = vmAction(id);
  if (!isCall(action)) throw new Error(id);
  return action;
}

const halted = sampleVm({ runStrategy: 'Halted' }, { printableStatus: 'Stopped' });
const running = sampleVm({}, { printableStatus: 'Running' });
const task = () => taskStore.get()[0];
const answer = (status: number, body = '') =>
  vi.stubGlobal('fetch', vi.fn().mockResolvedValue(new Response(body || null, { status })));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  for (const { id } of taskStore.get()) taskStore.patch(id, { state: 'done' });
  taskStore.clearEnded();
});

describe('runAction', () => {
  it('acknowledges at once and believes the outcome only when the watch shows it', async () => {
    const { client, show, listeners } = fakeClient();
    show(halted);
    answer(202);
    const sent = runAction(client, call('start'), REF, vmFacts(halted));
    expect(task()).toMatchObject({ state: 'running', title: { key: 'vm.actions.start.doing' }, target: REF });
    await sent;
    expect(task()?.state).toBe('running');
    show(running, sampleVmi());
    expect(task()).toMatchObject({ state: 'done', title: { key: 'vm.actions.start.done' } });
    expect(listeners.size).toBe(0);
  });

  it("keeps KubeVirt's own words of a refusal", async () => {
    const message =
      'Operation cannot be fulfilled on virtualmachine.kubevirt.io "web-1": VM is already running';
    answer(409, JSON.stringify({ kind: 'Status', apiVersion: 'v1', code: 409, reason: 'Conflict', message }));
    await runAction(fakeClient().client, call('start'), REF, vmFacts(halted));
    expect(task()).toMatchObject({ state: 'failed', error: { code: 409, message } });
  });

  it('says why an accepted start came to nothing', async () => {
    const { client, show } = fakeClient();
    answer(202);
    await runAction(client, call('start'), REF, vmFacts(halted));
    show(
      sampleVm({}, { printableStatus: 'ErrorUnschedulable' }),
      sampleVmi({
        phase: 'Scheduling',
        conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
      }),
    );
    expect(task()).toMatchObject({ state: 'failed', words: '0/3 nodes are available' });
  });

  it('says when nothing was seen in time, and still sees it later', async () => {
    const { client, show } = fakeClient();
    show(running, sampleVmi());
    answer(200);
    await runAction(client, call('pause'), REF, vmFacts(running, sampleVmi()));
    vi.advanceTimersByTime(20_000);
    expect(task()?.state).toBe('overdue');
    const conditions = [{ type: 'Paused', status: 'True' as const, reason: 'PausedByUser' }];
    show(sampleVm({}, { printableStatus: 'Paused' }), sampleVmi({ phase: 'Running', conditions }));
    expect(task()?.state).toBe('done');
  });

  it('takes a second click for the same action', async () => {
    const { client } = fakeClient();
    answer(202);
    const both = [1, 2].map(() => runAction(client, call('start'), REF, vmFacts(halted)));
    await Promise.all(both);
    expect(taskStore.get()).toHaveLength(1);
  });

  it('is done with acceptance where the API shows no effect', async () => {
    answer(200);
    await runAction(fakeClient().client, call('soft-reboot'), REF, vmFacts(running, sampleVmi()));
    expect(task()?.state).toBe('done');
  });

  it('can be repeated, on the machine as it is by then, when only the session was over', async () => {
    const { client, show } = fakeClient();
    const body = { kind: 'Status', apiVersion: 'v1', code: 401, reason: 'SignInNeeded', message: 'over' };
    answer(401, JSON.stringify(body));
    await runAction(client, call('start'), REF, vmFacts(halted));
    const failed = task();
    if (!failed) throw new Error('no task');
    expect(isRepeatable(failed)).toBe(true);
    answer(202);
    repeatAction(client, call('start'), failed);
    expect(taskStore.get()).toHaveLength(1);
    show(halted);
    await vi.advanceTimersByTimeAsync(0);
    expect(task()).toMatchObject({ state: 'running', target: REF });
    show(running, sampleVmi());
    expect(task()?.state).toBe('done');
    expect(isRepeatable({ ...failed, state: 'running' })).toBe(false);
  });
});
