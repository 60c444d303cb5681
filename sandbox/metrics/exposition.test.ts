import { describe, expect, it } from 'vitest';
import { type Declaration, Exposition, labelName } from './exposition';
import { statusGroup } from './machine-metrics';

const DECLARED = {
  b_total: ['counter', 'Counts\\ in\ntwo lines.'],
  a_bytes: ['gauge', 'Bytes.'],
  empty: ['gauge', 'Nobody says anything of it.'],
} as const satisfies Record<string, Declaration>;

describe('the text format', () => {
  it('has families by name, each declared once, and none without samples', () => {
    const exposition = new Exposition(DECLARED);
    exposition.add('b_total', { name: 'x' }, 2);
    exposition.add('a_bytes', {}, 1.5e9);
    exposition.add('b_total', { name: 'y', none: undefined, blank: '' }, 0.25);
    expect(exposition.text()).toBe(
      [
        '# HELP a_bytes Bytes.',
        '# TYPE a_bytes gauge',
        'a_bytes 1500000000',
        '# HELP b_total Counts\\\\ in\\ntwo lines.',
        '# TYPE b_total counter',
        'b_total{name="x"} 2',
        'b_total{name="y"} 0.25',
        '',
      ].join('\n'),
    );
  });

  it('escapes what people write into labels, and takes no sample twice', () => {
    const exposition = new Exposition(DECLARED);
    exposition.add('a_bytes', { name: 'C:\\a "b"\nc' }, 1);
    exposition.add('a_bytes', { name: 'C:\\a "b"\nc' }, 2);
    exposition.add('a_bytes', {}, Number.NaN);
    expect(exposition.text().split('\n')[2]).toBe('a_bytes{name="C:\\\\a \\"b\\"\\nc"} 2');
    expect(exposition.text().split('\n')).toHaveLength(4);
    expect(labelName('vm.kubevirt.io/name-of')).toBe('vm_kubevirt_io_name_of');
  });
});

describe('the groups of statuses', () => {
  it('are those of KubeVirt, and trouble is all else', () => {
    const groups = ['Starting', 'Running', 'Migrating', 'Paused', 'ErrorUnschedulable', undefined].map(
      statusGroup,
    );
    expect(groups).toEqual(['starting', 'running', 'migrating', 'non_running', 'error', 'error']);
  });
});
