import { describe, expect, it } from 'vitest';
import { cloneManifest, cloneProgress, snapshotWords, volumesWithoutSnapshots } from './clone';

const INPUT = { namespace: 'lab', from: 'vm', source: 'web', target: 'web-clone' } as const;

describe('cloneManifest', () => {
  it('orders a clone of a VM and leaves the addresses to KubeVirt', () => {
    expect(cloneManifest(INPUT)).toEqual({
      apiVersion: 'clone.kubevirt.io/v1beta1',
      kind: 'VirtualMachineClone',
      metadata: { generateName: 'clone-web-clone-', namespace: 'lab' },
      spec: {
        source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'web' },
        target: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'web-clone' },
      },
    });
  });

  it('names a snapshot by its own group', () => {
    expect(cloneManifest({ ...INPUT, from: 'snapshot', source: 'monday' })).toMatchObject({
      spec: { source: { apiGroup: 'snapshot.kubevirt.io', kind: 'VirtualMachineSnapshot', name: 'monday' } },
    });
  });
});

describe('cloneProgress', () => {
  const clone = (status?: object, from: 'vm' | 'snapshot' = 'vm') => ({
    ...cloneManifest({ ...INPUT, from }),
    status,
  });
  const stepsOf = (object: object) => cloneProgress(object).steps.map(({ id, state }) => `${id} ${state}`);
  const progressing = (status: string, reason: string) => ({
    conditions: [
      { type: 'Ready', status: 'False', reason },
      { type: 'Progressing', status, reason },
    ],
  });

  it('waits until KubeVirt has begun', () => {
    expect(cloneProgress(clone())).toEqual({
      state: 'waiting',
      steps: [
        { id: 'snapshot', state: 'waiting' },
        { id: 'restore', state: 'waiting' },
        { id: 'target', state: 'waiting' },
      ],
      words: '',
      target: 'web-clone',
    });
    expect(cloneProgress(clone(progressing('False', 'Pending'))).state).toBe('waiting');
  });

  it.each([
    ['SnapshotInProgress', ['snapshot doing', 'restore waiting', 'target waiting']],
    ['RestoreInProgress', ['snapshot done', 'restore doing', 'target waiting']],
    ['CreatingTargetVM', ['snapshot done', 'restore done', 'target doing']],
    ['Succeeded', ['snapshot done', 'restore done', 'target done']],
  ])('in phase %s is at %j', (phase, steps) => {
    const working = clone({ phase, ...progressing('True', 'Still processing') });
    expect(stepsOf(working)).toEqual(steps);
    expect(cloneProgress(working).state).toBe(phase === 'Succeeded' ? 'done' : 'working');
  });

  it('takes no snapshot of a snapshot', () => {
    expect(stepsOf(clone({ phase: 'RestoreInProgress' }, 'snapshot'))).toEqual([
      'restore doing',
      'target waiting',
    ]);
  });

  it('says in KubeVirt’s words what is in the way', () => {
    const why = 'Virtual Machine volume root does not support snapshots';
    const stuck = clone({
      conditions: [
        { type: 'Progressing', status: 'False', reason: 'Pending' },
        { type: 'Ready', status: 'False', reason: why },
      ],
    });
    expect(cloneProgress(stuck)).toMatchObject({ state: 'stuck', words: why });
    expect(stepsOf(stuck)).toEqual(['snapshot failed', 'restore waiting', 'target waiting']);
  });

  it('fails at the first step where no phase tells which', () => {
    const failed = clone({ phase: 'Failed', ...progressing('False', 'no room') }, 'snapshot');
    expect(cloneProgress(failed)).toMatchObject({ state: 'failed', words: 'no room' });
    expect(stepsOf(failed)).toEqual(['restore failed', 'target waiting']);
  });

  it('goes by the name that KubeVirt gives the VM, for orders that name none', () => {
    const unnamed = { spec: {}, status: { phase: 'Succeeded', targetName: 'clone-web-x7k2p' } };
    expect(cloneProgress(unnamed).target).toBe('clone-web-x7k2p');
  });
});

describe('snapshotWords', () => {
  it('are the error, else what a snapshot waits for', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'Source not locked' }];
    expect(snapshotWords({ status: { conditions } })).toBe('Source not locked');
    expect(snapshotWords({ status: { conditions, error: { message: 'deadline' } } })).toBe('deadline');
    expect(snapshotWords(undefined)).toBe('');
  });
});

describe('volumesWithoutSnapshots', () => {
  it('are claims whose storage can’t; what is no claim comes along with the VM', () => {
    const vm = {
      spec: {
        template: {
          spec: {
            volumes: [
              { name: 'root', dataVolume: { name: 'web' } },
              { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
              { name: 'seed', cloudInitNoCloud: {} },
            ],
          },
        },
      },
      status: {
        volumeSnapshotStatuses: [
          { name: 'root', enabled: true },
          { name: 'data', enabled: false, reason: 'No VolumeSnapshotClass' },
          { name: 'seed', enabled: false, reason: 'Snapshot is not supported' },
        ],
      },
    };
    expect(volumesWithoutSnapshots(vm)).toEqual([{ name: 'data', reason: 'No VolumeSnapshotClass' }]);
    expect(volumesWithoutSnapshots(undefined)).toEqual([]);
  });
});
