import { describe, expect, it } from 'vitest';
import { decideRun, remainingRequests, runStrategyOf, startFailureAfter } from './run-strategy';
import { instance, machine } from './testing';
import type { RunStrategy, StateChangeRequest, VirtualMachineStatus } from './types';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const stop: StateChangeRequest = { action: 'Stop', uid: 'vmi-uid' };
const start: StateChangeRequest = { action: 'Start' };
const vmOf = (runStrategy: RunStrategy, status: VirtualMachineStatus = {}) =>
  machine({ spec: { runStrategy }, status });
const acts = (
  runStrategy: RunStrategy,
  phase?: 'Running' | 'Succeeded' | 'Failed',
  status?: VirtualMachineStatus,
) => decideRun(vmOf(runStrategy, status), phase && instance({ phase }), NOW).act;

describe('decideRun', () => {
  it('leaves a VM alone whose strategy nobody knows', () => {
    // Nothing validates the spec of a VM that is being deleted.
    expect(acts('Sometimes' as RunStrategy, 'Running')).toBe('nothing');
  });

  it.each([
    ['Always', undefined, 'start'],
    ['Always', 'Running', 'nothing'],
    ['Always', 'Succeeded', 'stop'],
    ['Always', 'Failed', 'stop'],
    ['Halted', undefined, 'nothing'],
    ['Halted', 'Running', 'stop'],
    ['Halted', 'Succeeded', 'stop'],
    ['Manual', undefined, 'nothing'],
    ['Manual', 'Running', 'nothing'],
    ['Manual', 'Succeeded', 'nothing'],
    ['RerunOnFailure', undefined, 'start'],
    ['RerunOnFailure', 'Running', 'nothing'],
    ['RerunOnFailure', 'Succeeded', 'stop'],
    ['RerunOnFailure', 'Failed', 'stop'],
    ['Once', undefined, 'start'],
    ['Once', 'Running', 'nothing'],
    ['Once', 'Succeeded', 'nothing'],
    ['Once', 'Failed', 'nothing'],
    ['WaitAsReceiver', undefined, 'start'],
  ] as const)('%s with an instance that is %s: %s', (strategy, phase, act) => {
    expect(acts(strategy, phase)).toBe(act);
  });

  it('runs RerunOnFailure and Once a single time by themselves', () => {
    expect(acts('RerunOnFailure', undefined, { runStrategy: 'RerunOnFailure' })).toBe('nothing');
    expect(acts('Once', undefined, { runStrategy: 'Once' })).toBe('nothing');
    expect(
      acts('RerunOnFailure', undefined, { runStrategy: 'RerunOnFailure', stateChangeRequests: [start] }),
    ).toBe('start');
  });

  it('asks for a new start only when RerunOnFailure failed', () => {
    const failed = decideRun(vmOf('RerunOnFailure'), instance({ phase: 'Failed' }), NOW);
    expect(failed).toEqual({ act: 'stop', queueStart: true });
    const ended = decideRun(vmOf('RerunOnFailure'), instance({ phase: 'Succeeded' }), NOW);
    expect(ended).toEqual({ act: 'stop', queueStart: false });
  });

  it('obeys requests: stop the named instance, start when there is none', () => {
    for (const strategy of ['Always', 'Manual', 'RerunOnFailure'] as const) {
      expect(acts(strategy, 'Running', { stateChangeRequests: [stop, start] })).toBe('stop');
    }
    expect(acts('Manual', 'Running', { stateChangeRequests: [{ ...stop, uid: 'another' }] })).toBe('nothing');
    expect(acts('Manual', undefined, { stateChangeRequests: [start] })).toBe('start');
    expect(acts('Halted', undefined, { stateChangeRequests: [start] })).toBe('unhalt');
  });

  it('starts paused when the request says so', () => {
    const vm = vmOf('Always', { stateChangeRequests: [{ action: 'Start', data: { paused: 'true' } }] });
    expect(decideRun(vm, undefined, NOW)).toEqual({ act: 'start', paused: true });
  });

  it('leaves an instance that is going alone', () => {
    const vmi = instance({ phase: 'Running', deleting: true });
    expect(decideRun(vmOf('Halted'), vmi, NOW).act).toBe('nothing');
  });

  it('waits out the back-off', () => {
    const status = { startFailure: { consecutiveFailCount: 1, retryAfterTimestamp: '2026-01-01T12:00:10Z' } };
    expect(decideRun(vmOf('Always', status), undefined, NOW)).toEqual({ act: 'wait', milliseconds: 10_000 });
  });
});

describe('remainingRequests', () => {
  it('drops a stop when its instance has gone and a start when an instance lives', () => {
    expect(remainingRequests([stop, start], instance({ phase: 'Running' }))).toEqual([stop, start]);
    expect(remainingRequests([stop, start], undefined)).toEqual([start]);
    expect(remainingRequests([start], instance({ phase: 'Pending' }))).toEqual([]);
    expect(remainingRequests([start], undefined)).toEqual([start]);
  });

  it('keeps a start that was asked for while the old instance ends', () => {
    expect(remainingRequests([start], instance({ phase: 'Failed', deleting: true }))).toEqual([start]);
  });
});

describe('startFailureAfter', () => {
  it('grows with the square of the failures, up to five minutes', () => {
    const first = startFailureAfter(vmOf('Always'), instance({ phase: 'Failed', uid: 'a' }), NOW, 0);
    expect(first).toEqual({
      consecutiveFailCount: 1,
      lastFailedVMIUID: 'a',
      retryAfterTimestamp: '2026-01-01T12:00:10Z',
    });
    const vm = vmOf('Always', { startFailure: { consecutiveFailCount: 9, lastFailedVMIUID: 'a' } });
    const tenth = startFailureAfter(vm, instance({ phase: 'Failed', uid: 'b' }), NOW, 0.5);
    expect(tenth?.retryAfterTimestamp).toBe('2026-01-01T12:05:00Z');
  });

  it('counts an instance once and forgets when a guest has run', () => {
    const known = { consecutiveFailCount: 1, lastFailedVMIUID: 'a' };
    const vm = vmOf('Always', { startFailure: known });
    expect(startFailureAfter(vm, instance({ phase: 'Failed', uid: 'a' }), NOW, 0)).toBe(known);
    expect(
      startFailureAfter(vm, instance({ phase: 'Failed', uid: 'b', phases: ['Running', 'Failed'] }), NOW, 0),
    ).toBeUndefined();
    expect(startFailureAfter(vmOf('Manual'), instance({ phase: 'Failed' }), NOW, 0)).toBeUndefined();
  });
});

describe('runStrategyOf', () => {
  it('reads the deprecated field', () => {
    expect(runStrategyOf(machine({ spec: { running: true } }))).toBe('Always');
    expect(runStrategyOf(machine({ spec: { running: false } }))).toBe('Halted');
  });
});
