import { describe, expect, it } from 'vitest';
import { patchOf, testsHold } from './json-patch';

const vm = (disks: object[], labels: Record<string, string> = { a: '1' }) => ({
  metadata: { name: 'a', resourceVersion: '7', labels },
  disks,
});
const [root, data, extra] = [{ name: 'root', bus: 'virtio' }, { name: 'data' }, { name: 'extra' }];

describe('patchOf', () => {
  it('sends nothing for nothing', () => {
    expect(patchOf(vm([root]), vm([root]))).toEqual([]);
  });

  it('guards an index by its name and a value by itself', () => {
    expect(patchOf(vm([root, data]), vm([{ ...root, bus: 'sata' }, data]))).toEqual([
      { op: 'test', path: '/disks/0/name', value: 'root' },
      { op: 'test', path: '/disks/0/bus', value: 'virtio' },
      { op: 'replace', path: '/disks/0/bus', value: 'sata' },
    ]);
  });

  it('counts indexes as they are by then', () => {
    expect(patchOf(vm([root, data]), vm([{ ...data, x: null, bus: 'scsi' }, extra]))).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'test', path: '/disks/0', value: root },
      { op: 'remove', path: '/disks/0' },
      { op: 'test', path: '/disks/0/name', value: 'data' },
      { op: 'add', path: '/disks/0/bus', value: 'scsi' },
      { op: 'add', path: '/disks/-', value: extra },
    ]);
    expect(patchOf(vm([data]), vm([root, data]))).toEqual([{ op: 'add', path: '/disks/0', value: root }]);
  });

  it('guards a new key by the version, and escapes keys', () => {
    expect(patchOf(vm([]), vm([], { a: '1', 'x/y~z': '2' }))).toEqual([
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/metadata/labels/x~1y~0z', value: '2' },
    ]);
  });

  it('knows whether its tests hold', () => {
    const ops = patchOf(vm([root, data]), vm([{ ...root, bus: 'sata' }, data]));
    expect(testsHold(vm([root, data]), ops)).toBe(true);
    expect(testsHold(vm([data, root]), ops)).toBe(false);
    expect(testsHold(vm([{ ...root, bus: 'scsi' }]), ops)).toBe(false);
  });
});
