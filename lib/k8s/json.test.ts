import { describe, expect, it } from 'vitest';
import { mappingsAt, valueAt, withValueAt } from './json';

const vm = {
  spec: { domain: { cpu: { cores: 2 } }, volumes: [{ name: 'root' }, 'odd'] },
  other: { kept: true },
};

describe('values at paths', () => {
  it('finds what is there and nothing else', () => {
    expect(valueAt(vm, ['spec', 'domain', 'cpu', 'cores'])).toBe(2);
    expect(valueAt(vm, ['spec', 'volumes', 0, 'name'])).toBe('root');
    expect(valueAt(vm, ['spec', 'volumes', 'name'])).toBeUndefined();
    expect(valueAt(vm, ['spec', 'toString'])).toBeUndefined();
    expect(mappingsAt(vm, ['spec', 'volumes'])).toEqual([{ name: 'root' }]);
  });

  it('sets a value, makes what is missing on the way and shares the rest', () => {
    const set = withValueAt(vm, ['spec', 'domain', 'memory', 'guest'], '1Gi');
    expect(valueAt(set, ['spec', 'domain', 'memory'])).toEqual({ guest: '1Gi' });
    expect(set.other).toBe(vm.other);
    expect(valueAt(vm, ['spec', 'domain', 'memory'])).toBeUndefined();
  });

  it('removes a value with the mappings that only it kept', () => {
    expect(withValueAt(vm, ['spec', 'domain', 'cpu', 'cores'], undefined)).toEqual({
      ...vm,
      spec: { volumes: vm.spec.volumes },
    });
    const last = { domain: { devices: { rng: {} } } };
    expect(withValueAt(last, ['domain', 'devices', 'rng'], undefined)).toEqual({ domain: { devices: {} } });
    const empty = { spec: { rng: {}, cpu: { cores: 1 } } };
    expect(withValueAt(empty, ['spec', 'cpu', 'cores'], undefined)).toEqual({ spec: { rng: {} } });
    expect(withValueAt(empty, ['spec', 'rng', 'nothing'], undefined)).toEqual(empty);
    expect(withValueAt(vm, ['spec', 'volumes', 1], undefined)).toMatchObject({
      spec: { volumes: [{ name: 'root' }] },
    });
  });
});
