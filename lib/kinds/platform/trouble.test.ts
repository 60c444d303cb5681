import { describe, expect, it } from 'vitest';
import type { Condition, K8sObject } from '@/lib/k8s/object';
import { componentTroubles, isStuck, type Migration, migrationPhaseSince, nodeTroubles } from './trouble';

const plain = (name: string): K8sObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
});
const condition = (type: string, status: Condition['status'], message = ''): Condition => ({
  type,
  status,
  message,
});

describe('what is wrong with a node', () => {
  const troubles = (...conditions: Condition[]) =>
    nodeTroubles({ ...plain('n'), status: { conditions } }).map(({ tone, sentence }) => [tone, sentence.key]);

  it('is nothing when it is ready and not short of anything', () => {
    expect(troubles(condition('Ready', 'True'), condition('MemoryPressure', 'False'))).toEqual([]);
  });

  it.each([
    ['False', 'overview.trouble.nodeNotReady'],
    ['Unknown', 'overview.trouble.nodeSilent'],
  ] as const)('is that it is not ready when Ready is %s', (status, key) => {
    expect(troubles(condition('Ready', status))).toEqual([['danger', key]]);
  });

  it('is that it says nothing when it has no conditions', () => {
    expect(troubles()).toEqual([['danger', 'overview.trouble.nodeSilent']]);
  });

  it('is each pressure that it is under, in the words of the kubelet', () => {
    const node = {
      ...plain('n'),
      status: {
        conditions: [condition('Ready', 'True'), condition('DiskPressure', 'True', 'no space')],
      },
    };
    expect(nodeTroubles(node)).toEqual([
      { tone: 'warning', sentence: { key: 'overview.trouble.diskPressure' }, words: 'no space' },
    ]);
  });
});

describe('what is wrong with a component', () => {
  const troubles = (...conditions: Condition[]) =>
    componentTroubles({ ...plain('kubevirt'), status: { conditions } }).map(({ sentence, words }) => [
      sentence.key.split('.').at(-1),
      words,
    ]);

  it('is nothing when it is available and at rest', () => {
    expect(
      troubles(
        condition('Available', 'True'),
        condition('Progressing', 'False'),
        condition('Degraded', 'False'),
      ),
    ).toEqual([]);
  });

  it('is the worst of what its conditions say', () => {
    const degraded = condition('Degraded', 'True', 'virt-api is gone');
    const away = condition('Available', 'False', 'nothing runs');
    expect(troubles(degraded, condition('Progressing', 'True'))).toEqual([['degraded', 'virt-api is gone']]);
    expect(troubles(degraded, away)).toEqual([['unavailable', 'nothing runs']]);
    expect(troubles(condition('ReconcileComplete', 'False', 'a webhook'))).toEqual([
      ['unreconciled', 'a webhook'],
    ]);
    expect(troubles(condition('Progressing', 'True', 'updating'))).toEqual([['progressing', 'updating']]);
  });
});

describe('a migration that takes long', () => {
  const migration = (phase: string, since: string): Migration => ({
    ...plain('m'),
    status: {
      phase,
      phaseTransitionTimestamps: [
        { phase: 'Pending', phaseTransitionTimestamp: '2026-01-01T00:00:00Z' },
        { phase, phaseTransitionTimestamp: since },
      ],
    },
  });
  const now = Date.parse('2026-01-01T01:00:00Z');

  it('is stuck after five minutes without a place, and after half an hour of copying', () => {
    expect(isStuck(migration('Scheduling', '2026-01-01T00:54:00Z'), now)).toBe(true);
    expect(isStuck(migration('Scheduling', '2026-01-01T00:56:00Z'), now)).toBe(false);
    expect(isStuck(migration('Running', '2026-01-01T00:45:00Z'), now)).toBe(false);
    expect(isStuck(migration('Running', '2026-01-01T00:29:00Z'), now)).toBe(true);
  });

  it('counts from its creation when nothing says when it entered its phase', () => {
    expect(migrationPhaseSince(plain('m'))).toBe('2026-01-01T00:00:00Z');
  });

  it('is over when it has ended', () => {
    expect(isStuck(migration('Succeeded', '2026-01-01T00:00:00Z'), now)).toBe(false);
    expect(isStuck(migration('Failed', '2026-01-01T00:00:00Z'), now)).toBe(false);
  });
});
