import { describe, expect, test } from 'vitest';
import type { VirtualMachine, VirtualMachineInstance, VolumeStatus } from '../types';
import { memoryDumpVolume, nextRequest } from './memory-dump-request';
import type { MemoryDumpPhase } from './types';

function next(phase: MemoryDumpPhase, associated: boolean, seen?: Partial<VolumeStatus>) {
  const volumes = associated ? [memoryDumpVolume('dump')] : [];
  // The rule looks at nothing else of either.
  const vm = { spec: { template: { spec: { volumes } } } } as unknown as VirtualMachine;
  const volumeStatus = seen ? [{ name: 'dump', target: '', ...seen }] : [];
  const vmi = { status: { volumeStatus } } as unknown as VirtualMachineInstance;
  return nextRequest({ claimName: 'dump', phase }, vm, vmi);
}

describe('a memory dump request', () => {
  test('is in progress once its volume is in the template', () => {
    expect(next('Associating', false)?.phase).toBe('Associating');
    expect(next('Associating', true)?.phase).toBe('InProgress');
  });

  test('knows its file when the dump is complete, and its volume leaves', () => {
    const memoryDumpVolume = {
      claimName: 'dump',
      targetFileName: 'f',
      startTimestamp: 's',
      endTimestamp: 'e',
    };
    expect(next('InProgress', true, { phase: 'MemoryDumpCompleted', memoryDumpVolume })).toEqual({
      ...{ claimName: 'dump', phase: 'Unmounting', fileName: 'f', startTimestamp: 's', endTimestamp: 'e' },
    });
  });

  test('fails with the reason of its volume', () => {
    const failed = next('InProgress', true, { phase: 'MemoryDumpFailed', message: 'no room' });
    expect(failed).toMatchObject({ phase: 'Failed', message: 'no room' });
  });

  test('is complete when its volume has left, and over when nothing knows it any more', () => {
    expect(next('Unmounting', true, { phase: 'Detaching' })?.phase).toBe('Unmounting');
    expect(next('Unmounting', true)?.phase).toBe('Completed');
    expect(next('Dissociating', true)?.phase).toBe('Dissociating');
    expect(next('Dissociating', false)).toBeUndefined();
  });
});
