import { describe, expect, it } from 'vitest';
import { RateLimit } from './rate-limit';

describe('RateLimit', () => {
  it('lets a burst through, then as many as the rate gives, and says when', () => {
    let now = 0;
    const limit = new RateLimit({ burst: 3, perSecond: 0.5 }, 10, () => now);
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([0, 0, 0, 2]);
    expect(limit.take('b')).toBe(0);
    now += 1_000;
    expect(limit.take('a')).toBe(1);
    now += 1_000;
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 2]);
    now += 3_600_000;
    expect([1, 2, 3, 4].map(() => limit.take('a'))).toEqual([0, 0, 0, 2]);
  });

  it('takes back what was no attempt, and never more than there can be', () => {
    const limit = new RateLimit({ burst: 1, perSecond: 0.1 }, 10, () => 0);
    for (let round = 0; round < 5; round += 1) {
      expect(limit.take('a')).toBe(0);
      limit.giveBack('a');
    }
    limit.giveBack('a');
    limit.giveBack('unknown');
    expect([limit.take('a'), limit.take('a')]).toEqual([0, 10]);
  });

  it('remembers a bounded number of keys, those in use before those that are quiet', () => {
    const limit = new RateLimit({ burst: 1, perSecond: 0.001 }, 100, () => 0);
    limit.take('attacker');
    for (let other = 0; other < 1_000; other += 1) {
      limit.take(`address ${other}`);
      expect(limit.take('attacker')).toBeGreaterThan(0);
    }
    expect(limit.size).toBe(100);
  });

  it('does not mind a clock that is set back', () => {
    let now = 10_000;
    const limit = new RateLimit({ burst: 1, perSecond: 1 }, 10, () => now);
    limit.take('a');
    now = 0;
    expect(limit.take('a')).toBe(1);
    now = 1_000;
    expect(limit.take('a')).toBe(0);
  });
});
