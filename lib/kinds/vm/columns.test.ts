import { describe, expect, it } from 'vitest';
import {
  csvOf,
  DEFAULT_VM_COLUMNS,
  formatVmColumns,
  moveColumn,
  parseVmColumns,
  resizeColumn,
  toggleColumn,
  VM_COLUMNS,
} from './columns';
import { vmRow } from './parts';
import { sampleVm } from './sample';

const ids = (columns: readonly { id: string }[] | undefined) => columns?.map(({ id }) => id).join();
const some = parseVmColumns('name,status:220,node') ?? [];

describe('columns in the URL', () => {
  it('are read with their widths, in their order', () => {
    expect(parseVmColumns('node,name,status:220')).toEqual([
      { id: 'node' },
      { id: 'name' },
      { id: 'status', width: 220 },
    ]);
  });

  it('are not asked for by an empty, absent or foreign text', () => {
    for (const text of ['', undefined, null, 'nonsense,constructor,:7']) {
      expect(parseVmColumns(text)).toBeUndefined();
    }
  });

  it('always hold the name, each once, in widths that can be used', () => {
    expect(parseVmColumns('node:9999,node,memory:1,status:x,ip:-5')).toEqual([
      { id: 'name' },
      { id: 'node', width: 800 },
      { id: 'memory', width: 48 },
      { id: 'status' },
      { id: 'ip' },
    ]);
  });

  it('are written only when they differ from what is shown anyway', () => {
    expect(formatVmColumns(DEFAULT_VM_COLUMNS)).toBe('');
    expect(formatVmColumns(some)).toBe('name,status:220,node');
    const all = VM_COLUMNS.map(({ id }, index) => (index % 2 ? { id } : { id, width: 100 + index }));
    expect(parseVmColumns(formatVmColumns(all))).toEqual(all);
  });
});

describe('choosing columns', () => {
  it('moves one, as far as there is room', () => {
    expect(ids(moveColumn(some, 'node', -1))).toBe('name,node,status');
    expect(ids(moveColumn(some, 'name', 9))).toBe('status,node,name');
    expect(moveColumn(some, 'name', -1)).toBe(some);
    expect(moveColumn(some, 'ip', 1)).toBe(some);
  });

  it('shows one at its place and hides it again, but never the name', () => {
    const more = toggleColumn(some, 'namespace', true);
    expect(ids(more)).toBe('name,status,namespace,node');
    expect(toggleColumn(more, 'namespace', true)).toBe(more);
    expect(ids(toggleColumn(more, 'namespace', false))).toBe('name,status,node');
    expect(toggleColumn(some, 'name', false)).toBe(some);
  });

  it('gives one a width, and its own again', () => {
    expect(formatVmColumns(resizeColumn(some, 'node', 90.4))).toBe('name,status:220,node:90');
    expect(formatVmColumns(resizeColumn(some, 'status', undefined))).toBe('name,status,node');
  });
});

describe('csvOf', () => {
  it('has the columns that are shown, with plain numbers, and always what names a VM', () => {
    const row = { ...vmRow(sampleVm()), name: 'web', namespace: 'dev', memoryBytes: 2 ** 31, reason: 'Why' };
    const { head, cells } = csvOf(parseVmColumns('name,status,memory') ?? []);
    expect(head).toEqual(['namespace', 'name', 'status', 'reason', 'memoryBytes']);
    expect(cells(row)).toEqual(['dev', 'web', row.facts.printableStatus, 'Why', 2_147_483_648]);
  });

  it('names every field once, whatever is shown', () => {
    const { head } = csvOf(VM_COLUMNS);
    expect(new Set(head).size).toBe(head.length);
    expect(head).toContain('createdAt');
  });
});
