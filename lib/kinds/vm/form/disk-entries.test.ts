import { describe, expect, it } from 'vitest';
import { bootOrderField, effectiveBootOrder, withBootMoved } from './boot-order';
import {
  type DiskEntry,
  diskEntries,
  diskEntry,
  disksField,
  freeDiskName,
  freeTemplateName,
  moveDisk,
  withDisk,
  withoutDisk,
} from './disk-entries';
import { expectFieldsToKeep } from './testing';

const VM = {
  metadata: { name: 'web' },
  spec: {
    dataVolumeTemplates: [
      { metadata: { name: 'web-root' }, spec: { source: { blank: {} }, unknown: 1 } },
      { metadata: { name: 'shared' }, spec: {} },
    ],
    template: {
      spec: {
        domain: {
          devices: {
            disks: [
              { name: 'root', disk: { bus: 'virtio' }, bootOrder: 10, unknown: true },
              { name: 'cd', cdrom: { bus: 'sata' } },
              { name: 'data', disk: {} },
            ],
            interfaces: [{ name: 'default', masquerade: {}, bootOrder: 20 }],
          },
        },
        volumes: [
          { name: 'root', dataVolume: { name: 'web-root' } },
          { name: 'data', dataVolume: { name: 'shared' } },
          { name: 'config', configMap: { name: 'settings' } },
          { name: 'more', persistentVolumeClaim: { claimName: 'shared' } },
        ],
      },
    },
  },
};
const names = (vm: object) => diskEntries(vm as typeof VM).map(({ name }) => name);
const templates = (vm: { spec?: unknown }) =>
  (vm.spec as typeof VM.spec).dataVolumeTemplates?.map(({ metadata }) => metadata.name);

describe('the disks of a VM', () => {
  it('are one list of disks, volumes and the DataVolumes made for them', () => {
    expect(names(VM)).toEqual(['root', 'cd', 'data', 'config', 'more']);
    expect(diskEntry(VM, 'root')?.template).toMatchObject({ metadata: { name: 'web-root' } });
    expect(diskEntry(VM, 'cd')).toEqual({ name: 'cd', disk: VM.spec.template.spec.domain.devices.disks[1] });
    expect(diskEntry(VM, 'config')?.disk).toBeUndefined();
  });

  it('are added behind the others, and nothing else changes', () => {
    const entry: DiskEntry = {
      name: 'new',
      disk: { name: 'new', disk: { bus: 'scsi' } },
      volume: { name: 'new', emptyDisk: { capacity: '1Gi' } },
    };
    const added = withDisk(VM, entry);
    expect(names(added)).toEqual(['root', 'cd', 'data', 'new', 'config', 'more']);
    expect(withoutDisk(added, 'new')).toEqual(VM);
  });

  it('keep their place and what nobody knows when they change', () => {
    const root = diskEntry(VM, 'root');
    const changed = withDisk(VM, { ...root, name: 'root', disk: { ...root?.disk, serial: 'A1' } });
    expect(names(changed)).toEqual(names(VM));
    expect(diskEntry(changed, 'root')?.disk).toEqual({
      name: 'root',
      disk: { bus: 'virtio' },
      bootOrder: 10,
      unknown: true,
      serial: 'A1',
    });
    expect(changed.spec).toHaveProperty('dataVolumeTemplates', VM.spec.dataVolumeTemplates);
  });

  it('change their name in disk and volume at once', () => {
    const { disk, volume, template } = diskEntry(VM, 'root') ?? { name: '' };
    const entry = { name: 'os', disk: { ...disk, name: 'os' }, volume: { ...volume, name: 'os' }, template };
    expect(names(withDisk(VM, entry, 'root'))).toEqual(['os', 'cd', 'data', 'config', 'more']);
  });

  it('go with their volume and its DataVolume, unless something else uses that', () => {
    expect(templates(withoutDisk(VM, 'root'))).toEqual(['shared']);
    expect(templates(withoutDisk(VM, 'data'))).toEqual(['web-root', 'shared']);
    expect(templates(withoutDisk(withoutDisk(VM, 'data'), 'more'))).toEqual(['web-root']);
    expect(names(withoutDisk(VM, 'cd'))).toEqual(['root', 'data', 'config', 'more']);
    expect(withoutDisk(VM, 'nothing')).toBe(VM);
  });

  it('leave no empty list behind that was not there', () => {
    // The API demands `devices`, so it alone stays.
    const bare = { metadata: { name: 'bare' }, spec: { template: { spec: { domain: { devices: {} } } } } };
    const entry = { name: 'a', disk: { name: 'a', disk: {} }, volume: { name: 'a', emptyDisk: {} } };
    expect(withoutDisk(withDisk(bare, entry), 'a')).toEqual(bare);
  });

  it('an empty drive gets a medium and loses it again', () => {
    const cd = diskEntry(VM, 'cd');
    const inserted = withDisk(VM, {
      ...cd,
      name: 'cd',
      volume: { name: 'cd', containerDisk: { image: 'iso' } },
    });
    expect(diskEntry(inserted, 'cd')?.volume).toBeDefined();
    expect(withDisk(inserted, { name: 'cd', disk: cd?.disk })).toEqual(VM);
  });

  it('move in the list', () => {
    expect(names(moveDisk(VM, 'data', -1)).slice(0, 3)).toEqual(['root', 'data', 'cd']);
    expect(moveDisk(VM, 'root', -1)).toBe(VM);
    expect(moveDisk(VM, 'data', 1)).toBe(VM);
  });

  it('get names that nothing has', () => {
    expect(freeDiskName(VM, 'data')).toBe('data-2');
    expect(freeTemplateName(VM, 'root')).toBe('web-root-2');
    expect(freeTemplateName({ metadata: { name: 'x'.repeat(63) } }, 'root').length).toBeLessThanOrEqual(63);
  });

  it('are written as they are read', () => {
    expectFieldsToKeep([disksField, bootOrderField], [VM]);
  });
});

describe('the order in which a guest looks for a system', () => {
  const disk = (name: string) => ({ kind: 'disk' as const, name });
  const nic = { kind: 'interface' as const, name: 'default' };

  it('is read over disks and interfaces, and numbers stay while the order does', () => {
    expect(bootOrderField.read(VM)).toEqual([disk('root'), nic]);
    expect(bootOrderField.write(VM, [disk('root'), nic])).toBe(VM);
  });

  it('is counted from one when it changes', () => {
    const changed = bootOrderField.write(VM, [nic, disk('cd')]);
    expect(bootOrderField.read(changed)).toEqual([nic, disk('cd')]);
    const { disks, interfaces } = (changed as typeof VM).spec.template.spec.domain.devices;
    expect(interfaces[0]?.bootOrder).toBe(1);
    expect(disks.map(({ bootOrder }) => bootOrder)).toEqual([undefined, 2, undefined]);
  });

  it('is the first disk where nobody says one', () => {
    const bare = bootOrderField.write(VM, []);
    expect(effectiveBootOrder(bare)).toEqual([disk('root')]);
    expect(bootOrderField.read(withBootMoved(bare, disk('data'), -1))).toEqual([disk('root'), disk('data')]);
  });

  it('moves by one, in and out at its end', () => {
    expect(bootOrderField.read(withBootMoved(VM, nic, -1))).toEqual([nic, disk('root')]);
    expect(bootOrderField.read(withBootMoved(VM, nic, 1))).toEqual([disk('root')]);
    expect(withBootMoved(VM, disk('root'), -1)).toBe(VM);
    expect(withBootMoved(VM, disk('cd'), 1)).toBe(VM);
  });
});
