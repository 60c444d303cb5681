import { expect, it } from 'vitest';
import type { Disk } from '../types';
import { bootTargets, nextTarget } from './hotplug-volumes';

const disk = (name: string, bus: string): Disk => ({ name, disk: { bus } });

it('names disks by their bus', () => {
  const disks = [disk('root', 'virtio'), disk('data', 'scsi'), disk('more', 'virtio')];
  expect([...bootTargets([...disks, { name: 'cd', cdrom: { bus: 'sata' } }])]).toEqual([
    ['root', 'vda'],
    ['data', 'sda'],
    ['more', 'vdb'],
    ['cd', 'sdb'],
  ]);
});

it('takes the first name that is free', () => {
  expect(nextTarget(disk('hot', 'scsi'), ['sda', 'sdc', 'vda'])).toBe('sdb');
  const alphabet = [...'abcdefghijklmnopqrstuvwxyz'].map((letter) => `vd${letter}`);
  expect(nextTarget(disk('hot', 'virtio'), alphabet)).toBe('vdaa');
});
