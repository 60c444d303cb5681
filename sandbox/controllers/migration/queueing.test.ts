import { describe, expect, it } from 'vitest';
import { EVACUATION, type Migration, type MigrationPhase } from './migration';
import { backoffMs, mayStart, surplus } from './queueing';

const LIMITS = { parallelMigrationsPerCluster: 3, parallelOutboundMigrationsPerNode: 2 };

interface Facts {
  vmi?: string;
  phase?: MigrationPhase;
  minute?: number;
  priority?: 'system-critical' | 'system-maintenance';
  evacuation?: boolean;
}

function migration(name: string, facts: Facts = {}): Migration {
  const { vmi = name, phase = 'Pending', minute = 0, priority, evacuation } = facts;
  const time = new Date(minute * 60_000).toISOString();
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceMigration',
    metadata: {
      name,
      uid: name,
      resourceVersion: '1',
      creationTimestamp: time,
      ...(evacuation ? { annotations: { [EVACUATION]: 'node-1' } } : {}),
    },
    spec: { vmiName: vmi, ...(priority ? { priority } : {}) },
    status: { phase, phaseTransitionTimestamps: [{ phase, phaseTransitionTimestamp: time }] },
  };
}

describe('whether a migration starts', () => {
  const here = () => 'node-1';

  it('two leave a node at the same time', () => {
    const running = [migration('a', { phase: 'Running' }), migration('b', { phase: 'Scheduling' })];
    const next = migration('c');
    expect(mayStart(next, [...running, next], here, LIMITS)).toBe(false);
    expect(mayStart(next, [...running.slice(0, 1), next], here, LIMITS)).toBe(true);
    const elsewhere = ({ metadata }: Migration) => (metadata.name === 'c' ? 'node-2' : 'node-1');
    expect(mayStart(next, [...running, next], elsewhere, LIMITS)).toBe(true);
  });

  it('the cluster has a limit of its own', () => {
    const running = ['a', 'b', 'd'].map((name) => migration(name, { phase: 'Running' }));
    const nodes: Record<string, string> = { a: 'node-1', b: 'node-2', d: 'node-3', c: 'node-4' };
    const next = migration('c');
    expect(mayStart(next, [...running, next], ({ metadata }) => nodes[metadata.name], LIMITS)).toBe(false);
  });

  it('the urgent come first, then the older', () => {
    const one = { ...LIMITS, parallelOutboundMigrationsPerNode: 1 };
    const older = migration('old', { minute: 1 });
    const urgent = migration('urgent', { minute: 2, priority: 'system-critical' });
    const all = [older, urgent];
    expect([mayStart(older, all, here, one), mayStart(urgent, all, here, one)]).toEqual([false, true]);
    const younger = migration('young', { minute: 3 });
    expect(mayStart(younger, [older, younger], here, one)).toBe(false);
  });
});

describe('after failures', () => {
  const failed = (name: string, minute: number) =>
    migration(name, { vmi: 'db', phase: 'Failed', minute, evacuation: true });

  it('evacuations wait 20 s, then twice as long each time', () => {
    const next = migration('next', { vmi: 'db', minute: 3, evacuation: true });
    const at = (minute: number, seconds: number) => (minute * 60 + seconds) * 1000;
    expect(backoffMs(next, [failed('a', 1), next], at(1, 5))).toBe(15_000);
    expect(backoffMs(next, [failed('a', 1), failed('b', 2), next], at(2, 0))).toBe(40_000);
    expect(backoffMs(next, [failed('a', 1), next], at(1, 30))).toBe(0);
  });

  it('what a user asks for does not wait', () => {
    const asked = migration('asked', { vmi: 'db', minute: 3 });
    expect(backoffMs(asked, [failed('a', 1), asked], 60_000)).toBe(0);
  });
});

it('keeps the latest finished migrations of each guest', () => {
  const all = [1, 2, 3].map((minute) => migration(`m${minute}`, { vmi: 'db', phase: 'Succeeded', minute }));
  const others = [migration('x', { phase: 'Failed' }), migration('y', { vmi: 'db', phase: 'Running' })];
  const names = surplus([...all, ...others], 'db', 2).map(({ metadata }) => metadata.name);
  expect(names).toEqual(['m1']);
});
