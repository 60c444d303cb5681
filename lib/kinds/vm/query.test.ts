import { describe, expect, it } from 'vitest';
import { compileVmQuery } from './match';
import { naturalKey } from './natural-key';
import { compileOrder } from './order';
import { vmRecord, vmRow } from './parts';
import {
  closeness,
  DEFAULT_VM_QUERY,
  formatVmQuery,
  parseVmQuery,
  type VmQuery,
  type VmSortColumn,
} from './query';
import type { VmRecord, VmRow } from './row';
import { sampleFacts, sampleVm } from './sample';

const row = (changes: Partial<VmRow>): VmRow => ({ ...vmRow(sampleVm()), ...changes });
const recordOf = (changes: Partial<VmRow>): VmRecord => {
  const made = row(changes);
  const { name, namespace, os, node, ips } = made;
  const words = [name, namespace, os, node, ...ips].join('\n').toLowerCase();
  return { ...vmRecord(sampleVm()), row: made, key: `${naturalKey(name)}\0${namespace}`, words };
};
const matches = (record: VmRecord, query: VmQuery) => compileVmQuery(query)(record);
const asked = (changes: Partial<VmQuery>): VmQuery => ({ ...DEFAULT_VM_QUERY, ...changes });

describe('the query in the URL', () => {
  it.each<VmQuery>([
    DEFAULT_VM_QUERY,
    { namespaces: ['a', 'b'], text: 'fedora & co', sort: { column: 'age', descending: true } },
    { namespaces: [], text: '', sort: { column: 'name', descending: true } },
  ])('comes back as it was', (query) => {
    expect(parseVmQuery(new URLSearchParams(formatVmQuery(query)))).toEqual(query);
    expect(parseVmQuery(formatVmQuery(query))).toEqual(query);
  });

  it('stays empty for the default', () => expect(formatVmQuery(DEFAULT_VM_QUERY)).toEqual({}));

  it('ignores what it does not understand', () =>
    expect(parseVmQuery({ sort: '-colour', ns: ['b,,a', 'a'], q: undefined })).toEqual(
      asked({ namespaces: ['a', 'b'] }),
    ));
});

describe('compileVmQuery', () => {
  it('wants every word somewhere, in any case', () => {
    const vm = recordOf({ os: 'Fedora Linux 40', node: 'node-2', ips: ['10.0.0.7'] });
    expect(matches(vm, asked({ text: 'FEDORA node-2' }))).toBe(true);
    expect(matches(vm, asked({ text: '10.0.0 web' }))).toBe(true);
    expect(matches(vm, asked({ text: 'fedora node-3' }))).toBe(false);
    // Words must not match across two fields.
    expect(matches(vm, asked({ text: 'web-1shop' }))).toBe(false);
  });

  it('keeps to the namespaces', () => {
    expect(matches(recordOf({}), asked({ namespaces: ['shop', 'lab'] }))).toBe(true);
    expect(matches(recordOf({}), asked({ namespaces: ['lab'] }))).toBe(false);
  });
});

describe('compileOrder', () => {
  const sorted = (rows: VmRow[], column: VmSortColumn, descending = false): string[] =>
    rows
      .map(recordOf)
      .sort(compileOrder(asked({ sort: { column, descending } })))
      .map(({ row }) => row.name);

  it('counts within names', () =>
    expect(sorted([row({ name: 'vm-10' }), row({ name: 'vm-2' })], 'name')).toEqual(['vm-2', 'vm-10']));

  it('puts what needs attention first', () => {
    const rows = [
      row({ name: 'runs', facts: sampleFacts({}, {}) }),
      row({ name: 'off', facts: sampleFacts() }),
      row({ name: 'broken', facts: sampleFacts({ printableStatus: 'ErrorUnschedulable' }) }),
    ];
    expect(sorted(rows, 'status')).toEqual(['broken', 'runs', 'off']);
  });

  it('sorts by age from young to old, and ties by name in either direction', () => {
    const old = '2020-01-01T00:00:00Z';
    const rows = [
      row({ name: 'b', createdAt: old }),
      row({ name: 'a', createdAt: old }),
      row({ name: 'young' }),
    ];
    expect(sorted(rows, 'age')).toEqual(['young', 'a', 'b']);
    expect(sorted(rows, 'age', true)).toEqual(['a', 'b', 'young']);
  });
});

describe('closeness', () => {
  it('puts the name itself first, then its beginning, then what has the words in it', () => {
    const near = (name: string, text: string) => closeness(row({ name }), text);
    expect([near('web', ' Web '), near('web-1', 'web'), near('my-web', 'web'), near('db', 'web')]).toEqual([
      0, 1, 2, 3,
    ]);
    expect(near('shop-web-1', 'web shop')).toBe(2);
    expect(near('shop-db', 'web shop')).toBe(3);
  });
});
