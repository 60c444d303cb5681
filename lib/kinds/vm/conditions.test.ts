import { describe, expect, it } from 'vitest';
import { conditionWords, statusSince } from './conditions';
import { sampleVm, sampleVmi } from './sample';

const bad = {
  type: 'Synchronized',
  status: 'False' as const,
  message: 'PVC shop/disk does not exist',
  lastTransitionTime: '2026-11-22T11:05:00Z',
};

describe('conditionWords', () => {
  it('puts what is wrong first and quotes the cluster', () => {
    const vmi = sampleVmi({ conditions: [{ type: 'LiveMigratable', status: 'True' }, bad] });
    expect(conditionWords(sampleVm(), vmi)).toMatchObject([
      {
        key: 'Synchronized',
        tone: 'bad',
        words: 'PVC shop/disk does not exist',
        since: bad.lastTransitionTime,
      },
      { key: 'LiveMigratable', tone: 'good' },
    ]);
  });

  it('leaves out what a vanished VMI left behind', () => {
    const vm = sampleVm({}, { conditions: [bad, { type: 'RestartRequired', status: 'True' }] });
    expect(conditionWords(vm).map(({ key }) => key)).toEqual(['RestartRequired']);
  });

  it('shows a condition of a future KubeVirt by its name', () => {
    const vmi = sampleVmi({ conditions: [{ type: 'Hibernating', status: 'Unknown' }] });
    expect(conditionWords(sampleVm(), vmi)[0]).toMatchObject({
      sentence: { key: 'vm.condition.other', values: { type: 'Hibernating', status: 'Unknown' } },
    });
  });
});

describe('statusSince', () => {
  it('counts from the phase, the pause, or the end', () => {
    const running = {
      phase: 'Running',
      phaseTransitionTimestamps: [{ phase: 'Running', phaseTransitionTimestamp: '2026-11-22T11:02:00Z' }],
    };
    expect(statusSince(sampleVm(), sampleVmi(running))).toBe('2026-11-22T11:02:00Z');
    const paused = { type: 'Paused', status: 'True' as const, lastTransitionTime: '2026-11-22T11:03:00Z' };
    expect(statusSince(sampleVm(), sampleVmi({ ...running, conditions: [paused] }))).toBe(
      '2026-11-22T11:03:00Z',
    );
    const ready = { type: 'Ready', status: 'False' as const, lastTransitionTime: '2026-11-22T11:04:00Z' };
    expect(statusSince(sampleVm({}, { conditions: [ready] }))).toBe('2026-11-22T11:04:00Z');
  });
});
