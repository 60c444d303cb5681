import { describe, expect, it } from 'vitest';
import { printableStatus, type StatusFacts } from './printable-status';
import { condition, instance, machine } from './testing';

const facts = (part: Partial<StatusFacts> = {}): StatusFacts => ({
  vm: machine({ spec: { runStrategy: 'Always' } }),
  vmi: undefined,
  dataVolumes: [],
  hasUnboundClaim: false,
  creationExpected: false,
  deletionExpected: false,
  ...part,
});

describe('printableStatus', () => {
  it.each([
    ['Pending', 'Starting'],
    ['Scheduling', 'Starting'],
    ['Scheduled', 'Starting'],
    ['Running', 'Running'],
    ['Succeeded', 'Stopped'],
    ['Failed', 'Stopped'],
    ['Unknown', 'Unknown'],
  ] as const)('says for an instance that is %s: %s', (phase, word) => {
    expect(printableStatus(facts({ vmi: instance({ phase }) }))).toBe(word);
  });

  it('calls a VM without an instance stopped, unless one is coming', () => {
    expect(printableStatus(facts())).toBe('Stopped');
    expect(printableStatus(facts({ creationExpected: true }))).toBe('Starting');
  });

  it('puts the end of the VM before everything else', () => {
    const vm = machine({ deleting: true });
    expect(printableStatus(facts({ vm, vmi: instance({ phase: 'Running', deleting: true }) }))).toBe(
      'Terminating',
    );
  });

  it('puts stopping before paused, and paused before running', () => {
    const conditions = [condition('Paused', 'True', 'PausedByUser')];
    expect(printableStatus(facts({ vmi: instance({ phase: 'Running', conditions }) }))).toBe('Paused');
    expect(printableStatus(facts({ vmi: instance({ phase: 'Running', conditions, deleting: true }) }))).toBe(
      'Stopping',
    );
    expect(printableStatus(facts({ vmi: instance({ phase: 'Running' }), deletionExpected: true }))).toBe(
      'Stopping',
    );
  });

  it('says stopped while a finished instance still waits for its pod', () => {
    expect(printableStatus(facts({ vmi: instance({ phase: 'Failed', deleting: true }) }))).toBe('Stopped');
  });

  it('names what keeps an instance from starting, the missing claim before the unschedulable pod', () => {
    const unschedulable = condition('PodScheduled', 'False', 'Unschedulable');
    const missing = condition('Synchronized', 'False', 'FailedPvcNotFound');
    const stuck = (...conditions: (typeof missing)[]) =>
      facts({ vmi: instance({ phase: 'Pending', conditions }) });
    expect(printableStatus(stuck(unschedulable, missing))).toBe('ErrorPvcNotFound');
    expect(printableStatus(stuck(unschedulable))).toBe('ErrorUnschedulable');
    expect(printableStatus(stuck(condition('Synchronized', 'False', 'ErrImagePull')))).toBe('ErrImagePull');
    expect(printableStatus(stuck(condition('Synchronized', 'False', 'ImagePullBackOff')))).toBe(
      'ImagePullBackOff',
    );
    expect(printableStatus({ ...stuck(), hasUnboundClaim: true })).toBe('WaitingForVolumeBinding');
  });

  it('says Provisioning of a halted VM too, and DataVolumeError before it', () => {
    const vm = machine({
      spec: { runStrategy: 'Halted', dataVolumeTemplates: [{ metadata: { name: 'root' }, spec: {} }] },
      volumes: [{ name: 'root', dataVolume: { name: 'root' } }],
    });
    expect(printableStatus(facts({ vm }))).toBe('Provisioning');
    expect(printableStatus(facts({ vm, dataVolumes: [{ name: 'root', phase: 'ImportInProgress' }] }))).toBe(
      'Provisioning',
    );
    expect(printableStatus(facts({ vm, dataVolumes: [{ name: 'root', phase: 'Succeeded' }] }))).toBe(
      'Stopped',
    );
    expect(printableStatus(facts({ vm, dataVolumes: [{ name: 'root', phase: 'Failed' }] }))).toBe(
      'DataVolumeError',
    );
  });

  it('says CrashLoopBackOff between two attempts', () => {
    const vm = machine({
      spec: { runStrategy: 'Always' },
      status: { startFailure: { consecutiveFailCount: 2 } },
    });
    expect(printableStatus(facts({ vm }))).toBe('CrashLoopBackOff');
    expect(printableStatus(facts({ vm, vmi: instance({ phase: 'Scheduling' }) }))).toBe('Starting');
  });

  it('waits as a receiver', () => {
    const vm = machine({ spec: { runStrategy: 'WaitAsReceiver' } });
    expect(printableStatus(facts({ vm, vmi: instance({ phase: 'WaitingForSync' }) }))).toBe(
      'WaitingForReceiver',
    );
  });
});
