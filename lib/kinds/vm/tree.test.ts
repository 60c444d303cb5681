import { describe, expect, it } from 'vitest';
import { DEFAULT_VM_QUERY, type VmQuery } from './query';
import {
  folderTree,
  isAt,
  isWide,
  movedFolder,
  narrowTo,
  placeKey,
  type TreePlace,
  widen,
  worstTone,
} from './tree';

const query = (changes: Partial<VmQuery>): VmQuery => ({ ...DEFAULT_VM_QUERY, ...changes });
const group = (value: string, total: number, tones = {}) => ({ value, total, tones });

describe('folders', () => {
  it('add up to the folders around them', () => {
    const tree = folderTree([
      group('web/blue', 2, { success: 2 }),
      group('web', 1, { danger: 1 }),
      group('', 7, { success: 7 }),
      group('db/main/eu', 1, { success: 1 }),
    ]);
    expect(tree.map(({ folder, sum }) => [folder, sum.total])).toEqual([
      ['db', 1],
      ['web', 3],
    ]);
    expect(tree[1]?.sum.tones).toEqual({ danger: 1, success: 2 });
    expect(tree[1]?.children[0]).toMatchObject({ folder: 'web/blue', name: 'blue', sum: { total: 2 } });
    expect(tree[0]?.children[0]?.children[0]?.folder).toBe('db/main/eu');
  });

  it('show what is kept in mind though nothing is in it', () => {
    const tree = folderTree([group('web', 1)], ['web/new', 'alone']);
    expect(tree.map(({ folder, sum }) => [folder, sum.total])).toEqual([
      ['alone', 0],
      ['web', 1],
    ]);
    expect(tree[1]?.children.map(({ name }) => name)).toEqual(['new']);
  });

  it('stand in the order of numbers in their names', () => {
    expect(folderTree([group('vm-10', 1), group('vm-2', 1)]).map(({ name }) => name)).toEqual([
      'vm-2',
      'vm-10',
    ]);
  });

  it('move with what is in them', () => {
    expect(movedFolder('web/blue', 'web', 'site')).toBe('site/blue');
    expect(movedFolder('web', 'web', '')).toBe('');
    expect(movedFolder('a/web/blue', 'a/web', 'a')).toBe('a/blue');
    expect(movedFolder('webs', 'web', 'site')).toBe('webs');
  });
});

it('says how the worst do', () => {
  expect(worstTone({ success: 3, danger: 1, warning: 2 })).toEqual({ tone: 'danger', count: 1 });
  expect(worstTone({ off: 2, success: 1 })).toEqual({ tone: 'success', count: 1 });
  expect(worstTone({})).toBeUndefined();
});

describe('a place', () => {
  const namespace: TreePlace = { kind: 'namespace', namespace: 'dev' };
  const folder: TreePlace = { kind: 'folder', namespace: 'dev', folder: 'web' };
  const node: TreePlace = { kind: 'value', dimension: 'node', value: 'worker-1' };
  const value: TreePlace = { kind: 'value', dimension: 'label:tier', value: 'web servers' };
  const none: TreePlace = { kind: 'value', dimension: 'application', value: '' };

  it.each([
    [namespace, { namespaces: ['dev'], text: 'cpu>2' }],
    [folder, { namespaces: ['dev'], text: 'cpu>2 folder:web' }],
    [node, { namespaces: ['prod'], text: 'cpu>2 node:worker-1' }],
    [value, { namespaces: ['prod'], text: 'cpu>2 label:"tier=web servers"' }],
    [none, { namespaces: ['prod'], text: 'cpu>2 application:none' }],
  ] as [TreePlace, Partial<VmQuery>][])('narrows the list to %j and knows it again', (place, narrowed) => {
    const before = query({ namespaces: ['prod'], text: 'cpu>2' });
    const after = narrowTo(before, place);
    expect(after).toEqual(query(narrowed));
    expect(isAt(after, place)).toBe(true);
    expect(isAt(before, place)).toBe(false);
  });

  it('takes the place of another one of its kind', () => {
    const other: TreePlace = { kind: 'value', dimension: 'node', value: 'worker-2' };
    expect(narrowTo(narrowTo(query({}), node), other).text).toBe('node:worker-2');
    expect(narrowTo(narrowTo(query({}), folder), namespace).text).toBe('');
    expect(isAt(narrowTo(query({}), folder), namespace)).toBe(false);
  });

  it('can be left again without losing other filters', () => {
    const narrowed = narrowTo(query({ text: 'cpu>2' }), folder);
    expect(isWide(narrowed, 'folder')).toBe(false);
    expect(widen(narrowed, 'folder')).toEqual(query({ text: 'cpu>2' }));
    expect(isWide(query({ namespaces: ['dev'] }), 'node')).toBe(true);
  });

  it('has a name of its own', () => {
    expect(new Set([namespace, folder, node, value, none].map(placeKey)).size).toBe(5);
  });
});
