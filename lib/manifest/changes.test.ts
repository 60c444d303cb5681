import { describe, expect, it } from 'vitest';
import { applyDifferences, differences, mergeThreeWay } from './changes';
import type { ManifestObject } from './manifest';

const vm = (disks: object[], rest: ManifestObject = {}): ManifestObject => ({
  spec: { disks, ...rest },
  metadata: { labels: { a: '1' } },
});
const [root, data, extra] = [{ name: 'root', bus: 'virtio' }, { name: 'data' }, { name: 'extra', lun: {} }];

describe('differences', () => {
  it('go by keys and by the names of entries', () => {
    expect(differences(vm([root, data]), vm([{ ...root, bus: 'sata' }, extra]))).toEqual([
      { path: ['spec', 'disks', { name: 'root' }, 'bus'], before: 'virtio', after: 'sata' },
      { path: ['spec', 'disks', { name: 'data' }], before: data },
      { path: ['spec', 'disks', { name: 'extra' }], after: extra, follows: 'root' },
    ]);
    expect(differences({ a: null }, {})).toEqual([]);
  });

  it('take a list whose entries moved, or have no names, as one value', () => {
    expect(differences(vm([root, data]), vm([data, root]))).toMatchObject([{ path: ['spec', 'disks'] }]);
    expect(differences({ a: [1, 2] }, { a: [1, 3] })).toEqual([
      { path: ['a'], before: [1, 2], after: [1, 3] },
    ]);
  });

  it.each([
    [vm([root]), vm([extra, root, data])],
    [vm([root, data, extra]), vm([data])],
    [vm([root, data]), vm([data, extra, root])],
    [vm([]), vm([root])],
    [vm([root]), vm([], { volumes: [{ a: 1 }] })],
  ])('turn one object into the other', (before, after) => {
    expect(applyDifferences(before, differences(before, after))).toEqual(after);
    expect(applyDifferences(after, differences(after, before))).toEqual(before);
  });
});

describe('mergeThreeWay', () => {
  const base = vm([root, data]);

  it('puts different entries, keys and fields of one entry together', () => {
    const mine = vm([{ ...root, bus: 'sata' }, data, extra], { cores: 2 });
    const theirs = vm([{ ...root, serial: 'x' }, { name: 'cd' }], { memory: '1Gi' });
    expect(mergeThreeWay(base, mine, theirs)).toEqual({
      merged: vm([{ name: 'root', bus: 'sata', serial: 'x' }, extra, { name: 'cd' }], {
        cores: 2,
        memory: '1Gi',
      }),
      conflicts: [],
    });
  });

  it('puts what both add where nothing was together', () => {
    const bare = { metadata: {} };
    const mine = { metadata: { labels: { a: '1' } }, volumes: [root] };
    const theirs = { metadata: { labels: { b: '2' } }, volumes: [data] };
    expect(mergeThreeWay(bare, mine, theirs)).toMatchObject({
      merged: { metadata: { labels: { a: '1', b: '2' } }, volumes: [root, data] },
      conflicts: [],
    });
  });

  it('keeps mine and names the field where both changed the same', () => {
    const mine = vm([{ ...root, bus: 'sata' }, data]);
    const theirs = vm([{ ...root, bus: 'scsi' }, data]);
    expect(mergeThreeWay(base, mine, theirs)).toEqual({
      merged: mine,
      conflicts: [['spec', 'disks', { name: 'root' }, 'bus']],
    });
    expect(mergeThreeWay(base, vm([root]), vm([root, { ...data, serial: 'x' }])).conflicts).toEqual([
      ['spec', 'disks', { name: 'data' }],
    ]);
  });

  it('keeps the order that one of them made', () => {
    expect(mergeThreeWay(base, vm([root, data, extra]), vm([data, root])).merged).toEqual(
      vm([data, extra, root]),
    );
    expect(mergeThreeWay(base, vm([data, root]), vm([root, data, extra])).merged).toEqual(
      vm([data, extra, root]),
    );
  });
});
