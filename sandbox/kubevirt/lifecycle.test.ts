import { describe, expect, it } from 'vitest';
import { instance, machine } from '../controllers/testing';
import type { InstancePhase, RunStrategy, VirtualMachineStatus } from '../controllers/types';
import { decideRestart, decideStart, decideStop, type LifecycleDecision } from './lifecycle';

const vmOf = (runStrategy: RunStrategy, status: VirtualMachineStatus = {}) =>
  machine({ spec: { runStrategy }, status });
const vmiOf = (phase: InstancePhase | undefined) => (phase ? instance({ phase }) : undefined);

/** The refusal's own words, or what is going to change. */
function outcome(decision: LifecycleDecision): unknown {
  if ('change' in decision) return decision.change;
  const { code, message = '' } = decision.refusal.status;
  return `${code} ${message.replace('Operation cannot be fulfilled on virtualmachine.kubevirt.io "web": ', '')}`;
}

const stop = { action: 'Stop', uid: 'vmi-uid' };
const start = { action: 'Start' };
const RUNNING = '409 VM is already running';
const always = { run: 'Always', clearStartFailure: true };

describe('start', () => {
  it.each([
    ['Halted', undefined, always],
    ['Halted', 'Succeeded', always],
    ['Halted', 'Running', RUNNING],
    ['Always', undefined, '409 Always does not support manual start requests'],
    ['Always', 'Failed', '409 Always does not support manual start requests'],
    ['Once', undefined, '409 Once does not support manual start requests'],
    ['Always', 'Pending', RUNNING],
    ['Always', 'Scheduling', RUNNING],
    ['Manual', undefined, { requests: [start], clearStartFailure: true }],
    ['Manual', 'Failed', { requests: [stop, start], clearStartFailure: true }],
    ['Manual', 'Running', RUNNING],
    ['RerunOnFailure', undefined, { requests: [start], clearStartFailure: true }],
    ['RerunOnFailure', 'Succeeded', { requests: [stop, start], clearStartFailure: true }],
    ['RerunOnFailure', 'Failed', '409 RerunOnFailure does not support starting VM from failed state'],
    ['WaitAsReceiver', undefined, {}],
  ] as const)('%s with an instance that is %s', (strategy, phase, expected) => {
    expect(outcome(decideStart(vmOf(strategy), vmiOf(phase), {}))).toEqual(expected);
  });

  it('requests a paused start and leaves the strategy to virt-controller', () => {
    const decision = decideStart(vmOf('Halted'), undefined, { paused: true });
    expect(outcome(decision)).toMatchObject({ requests: [{ action: 'Start', data: { paused: 'true' } }] });
  });

  it('refuses a second request while one is pending', () => {
    const vm = vmOf('Manual', { stateChangeRequests: [{ action: 'Start' }] });
    expect(outcome(decideStart(vm, undefined, {}))).toBe(
      '500 Internal error occurred: unable to complete request: stop/start already underway',
    );
  });
});

describe('stop', () => {
  it.each([
    ['Always', 'Running', { run: 'Halted' }],
    ['Always', undefined, { run: 'Halted' }],
    ['Once', 'Running', { run: 'Halted' }],
    ['Manual', 'Running', { requests: [stop] }],
    ['RerunOnFailure', 'Running', { requests: [stop] }],
    ['Manual', undefined, '409 VM is not running'],
    ['RerunOnFailure', 'Failed', '409 VM is not running'],
    ['Halted', undefined, '409 VM is not running'],
    ['Halted', 'Running', '409 Halted only supports manual stop requests with a shorter graceperiod'],
    ['WaitAsReceiver', 'WaitingForSync', {}],
  ] as const)('%s with an instance that is %s', (strategy, phase, expected) => {
    expect(outcome(decideStop(vmOf(strategy), vmiOf(phase), {}))).toEqual(expected);
  });

  it('shortens the grace period of an instance that is ending, and never lengthens it', () => {
    expect(outcome(decideStop(vmOf('Halted'), vmiOf('Running'), { gracePeriod: 0 }))).toEqual({
      graceSeconds: 0,
    });
    expect(outcome(decideStop(vmOf('Halted'), vmiOf('Running'), { gracePeriod: 30 }))).toContain('409');
    expect(outcome(decideStop(vmOf('Always'), vmiOf('Running'), { gracePeriod: 0 }))).toEqual({
      run: 'Halted',
      graceSeconds: 0,
    });
  });

  it('drops a restart that is still pending', () => {
    const vm = vmOf('Always', {
      stateChangeRequests: [{ action: 'Stop', uid: 'vmi-uid' }, { action: 'Start' }],
    });
    expect(outcome(decideStop(vm, vmiOf('Running'), {}))).toEqual({ run: 'Halted', requests: [] });
  });

  it('replaces a pending request', () => {
    const vm = vmOf('Manual', { stateChangeRequests: [{ action: 'Start' }] });
    expect(outcome(decideStop(vm, vmiOf('Running'), {}))).toEqual({ requests: [stop] });
  });
});

describe('restart', () => {
  it.each([
    ['Always', 'Running', { requests: [stop, start], clearStartFailure: true }],
    ['Manual', 'Running', { requests: [stop, start], clearStartFailure: true }],
    ['RerunOnFailure', 'Running', { requests: [stop, start], clearStartFailure: true }],
    ['Always', undefined, '409 VM is not running: Halted'],
    ['Halted', 'Running', '409 RunStategy Halted does not support manual restart requests'],
    ['Once', 'Running', '409 RunStategy Once does not support manual restart requests'],
  ] as const)('%s with an instance that is %s', (strategy, phase, expected) => {
    expect(outcome(decideRestart(vmOf(strategy), vmiOf(phase), {}))).toEqual(expected);
  });

  it('takes no grace period but 0', () => {
    const ask = (gracePeriodSeconds: number) =>
      outcome(decideRestart(vmOf('Always'), vmiOf('Running'), { gracePeriodSeconds }));
    expect(ask(-1)).toBe('400 gracePeriod has to be greater or equal to 0');
    expect(ask(5)).toBe('400 For force restart, only gracePeriod=0 is supported for now');
    expect(ask(0)).toMatchObject({ graceSeconds: 1 });
  });
});
