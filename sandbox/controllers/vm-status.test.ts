import { describe, expect, it } from 'vitest';
import { condition, instance, machine } from './testing';
import { VM_GENERATION } from './types';
import { type VmStatusFacts, vmStatus } from './vm-status';

const facts = (part: Partial<VmStatusFacts> = {}): VmStatusFacts => ({
  vm: machine({ spec: { runStrategy: 'Always' } }),
  vmi: undefined,
  dataVolumes: [],
  hasUnboundClaim: false,
  creationExpected: false,
  deletionExpected: false,
  now: Date.parse('2026-01-01T12:00:00Z'),
  random: 0,
  failure: undefined,
  restart: undefined,
  claimOf: () => undefined,
  hasSnapshotClass: () => false,
  ...part,
});
const types = (status: ReturnType<typeof vmStatus>) => status.conditions?.map(({ type }) => type);

describe('vmStatus', () => {
  it('copies the instance and drops what it no longer says', () => {
    const conditions = [condition('Ready', 'True'), condition('Paused', 'True', 'PausedByUser')];
    const vmi = instance({ phase: 'Running', conditions });
    vmi.metadata.annotations = { [VM_GENERATION]: '1' };
    const status = vmStatus(facts({ vmi }));
    expect(types(status)).toEqual(['Ready', 'Paused']);
    expect(status).toMatchObject({
      ...{ created: true, ready: true, printableStatus: 'Paused', runStrategy: 'Always' },
      ...{ desiredGeneration: 1, observedGeneration: 1 },
    });
    const vm = machine({ spec: { runStrategy: 'Always' }, status });
    const unpaused = instance({ phase: 'Running', conditions: conditions.slice(0, 1) });
    expect(types(vmStatus(facts({ vm, vmi: unpaused })))).toEqual(['Ready']);
  });

  it('keeps the copies when the instance has gone, and says so in Ready alone', () => {
    const before = {
      conditions: [condition('Ready', 'True'), condition('LiveMigratable', 'True')],
      created: true,
      ready: true,
    };
    const status = vmStatus(facts({ vm: machine({ status: before }) }));
    expect(types(status)).toEqual(['Ready', 'LiveMigratable']);
    expect(status.conditions?.[0]).toMatchObject({ status: 'False', reason: 'VMINotExists' });
    expect(status.created).toBeUndefined();
    expect(status.ready).toBeUndefined();
  });

  it('says that a new instance has no Ready condition yet', () => {
    const { conditions } = vmStatus(facts({ vmi: instance({ phase: 'Pending' }) }));
    expect(conditions).toMatchObject([{ type: 'Ready', status: 'False', reason: 'VMIConditionMissing' }]);
  });

  it('adds and removes RestartRequired and Failure', () => {
    const vmi = instance({ phase: 'Running' });
    const failure = { reason: 'FailedCreate', message: 'no' };
    const status = vmStatus(facts({ vmi, restart: 'a change', failure }));
    expect(types(status)).toEqual(['Ready', 'Failure', 'RestartRequired']);
    expect(types(vmStatus(facts({ vm: machine({ status }), vmi })))).toEqual(['Ready']);
  });

  it('names why each volume cannot be snapshot', () => {
    const volumes = [
      { name: 'root', containerDisk: { image: 'x' } },
      { name: 'data', persistentVolumeClaim: { claimName: 'gone' } },
    ];
    const { volumeSnapshotStatuses } = vmStatus(facts({ vm: machine({ volumes }) }));
    expect(volumeSnapshotStatuses).toEqual([
      { name: 'root', enabled: false, reason: 'Snapshot is not supported for this volumeSource type [root]' },
      { name: 'data', enabled: false, reason: 'PVC not found' },
    ]);
  });
});
