import { describe, expect, it } from 'vitest';
import type { InstanceSpec } from '../controllers/types';
import { modelledUsage } from './modelled-usage';

const GIB = 2 ** 30;
const spec = { domain: { cpu: { cores: 4 }, memory: { guest: '8Gi' }, devices: {} } } as InstanceSpec;
const uids = Array.from({ length: 400 }, (_, index) => `uid-${index}`);

describe('the usage of a machine that is only its state', () => {
  it('is the same for the same machine at the same moment, and moves with time', () => {
    expect(modelledUsage('a', spec, 1e12, false)).toEqual(modelledUsage('a', spec, 1e12, false));
    expect(modelledUsage('a', spec, 1e12, false)).not.toEqual(modelledUsage('b', spec, 1e12, false));
    const moments = [0, 1, 2, 3, 4].map(
      (minute) => modelledUsage('a', spec, minute * 60_000, false).cpuCores,
    );
    expect(new Set(moments).size).toBe(moments.length);
  });

  it('stays within what the machine has, and is low for most', () => {
    const shares = uids.map((uid) => {
      const { cpuCores, memoryBytes } = modelledUsage(uid, spec, 1e12, false);
      expect(cpuCores).toBeGreaterThan(0);
      expect(cpuCores).toBeLessThanOrEqual(4);
      expect(memoryBytes).toBeGreaterThan(2 * GIB);
      expect(memoryBytes).toBeLessThan(8.5 * GIB);
      return cpuCores / 4;
    });
    expect(shares.filter((share) => share < 1 / 3).length).toBeGreaterThan(uids.length / 2);
    expect(shares.some((share) => share > 0.7)).toBe(true);
  });

  it('computes nothing while paused', () => {
    expect(modelledUsage('a', spec, 1e12, true).cpuCores).toBe(0);
  });
});
