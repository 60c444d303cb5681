import { describe, expect, it } from 'vitest';
import {
  busProblem,
  DISK_SOURCES,
  type DiskSource,
  diskSource,
  newDataDisk,
  newDrive,
  sourceProblem,
  withBus,
  withDevice,
  withDiskName,
  withDiskSource,
  withHotplug,
} from './disk-edits';
import { diskEntries, diskEntry, withDisk, withoutDisk } from './disk-entries';
import { downwardFields, downwardLines } from './downward-fields';
import { newVm } from './new-vm';

const VM = newVm({ name: 'web', namespace: 'shop' });
const CONTEXT = { namespace: 'shop', isHot: false };

describe('the source of a disk', () => {
  it('may be changed from any to any other, and is read as it was chosen', () => {
    for (const before of DISK_SOURCES)
      for (const after of DISK_SOURCES) {
        const first = withDiskSource(VM, newDataDisk(VM, false), before, CONTEXT);
        const vm = withDisk(VM, first);
        const entry = diskEntry(vm, first.name);
        if (!entry) throw new Error(`${before} is lost`);
        const changed = withDisk(vm, withDiskSource(vm, entry, after, CONTEXT));
        const [only, ...others] = diskEntries(changed);
        expect(others).toEqual([]);
        expect(only && diskSource(only), `${before} → ${after}`).toBe(after);
      }
  });

  it.each<[DiskSource, boolean]>([
    ['http', true],
    ['registry', true],
    ['pvc', true],
    ['existing', true],
    ['containerDisk', true],
    ['hostDisk', true],
    ['blank', false],
    ['emptyDisk', false],
    ['none', false],
  ])('%s still wants something said: %s', (source, isMissing) => {
    const entry = withDiskSource(VM, newDataDisk(VM, false), source, CONTEXT);
    expect(sourceProblem(entry) !== undefined).toBe(isMissing);
  });
});

describe('a new disk', () => {
  it('is an empty volume of the VM, and goes again without a trace', () => {
    const entry = newDataDisk(VM, false);
    expect(entry).toMatchObject({ name: 'disk', volume: { dataVolume: { name: 'web-disk' } } });
    const vm = withDisk(VM, entry);
    expect(newDataDisk(vm, false)).toMatchObject({
      name: 'disk-2',
      volume: { dataVolume: { name: 'web-disk-2' } },
    });
    expect(diskEntries(withoutDisk(vm, 'disk'))).toEqual([]);
    expect(withoutDisk(vm, 'disk').spec).not.toHaveProperty('dataVolumeTemplates');
  });

  it('is attached to a running guest where there is one', () => {
    const entry = newDataDisk(VM, true);
    expect(entry.volume).toMatchObject({ dataVolume: { hotpluggable: true } });
    expect(busProblem(entry)).toBeUndefined();
    expect(busProblem({ ...entry, disk: withBus(entry.disk ?? {}, 'sata') })).toBeDefined();
    expect(withHotplug(entry, false).volume).toEqual({ name: 'disk', dataVolume: { name: 'web-disk' } });
  });

  it('has one name in disk and volume', () => {
    expect(withDiskName(newDataDisk(VM, false), 'data')).toMatchObject({
      name: 'data',
      disk: { name: 'data' },
      volume: { name: 'data' },
    });
  });

  it('may be a drive, empty or with a medium', () => {
    const drive = newDrive(VM);
    expect(sourceProblem(drive)).toBeUndefined();
    const loaded = withDiskSource(VM, drive, 'existing', { namespace: 'shop', isHot: true });
    expect(loaded.volume).toEqual({
      name: 'cdrom',
      persistentVolumeClaim: { claimName: '', hotpluggable: true },
    });
    expect(busProblem(loaded)).toBeUndefined();
    expect(withDiskSource(VM, loaded, 'none', CONTEXT)).toEqual(drive);
  });
});

describe('the device of a disk', () => {
  it('keeps all else, and a bus that it can have', () => {
    const disk = { name: 'a', disk: { bus: 'scsi', readonly: true }, serial: 'S', tag: 'kept' };
    expect(withDevice(disk, 'lun')).toEqual({ name: 'a', lun: { bus: 'scsi' }, serial: 'S', tag: 'kept' });
    expect(withDevice({ name: 'a', disk: { bus: 'virtio' } }, 'cdrom')).toEqual({
      name: 'a',
      cdrom: { bus: 'sata' },
    });
    expect(withDevice(disk, 'disk')).toBe(disk);
    expect(withBus(disk, 'scsi')).toBe(disk);
    expect(withBus(disk, '')).toEqual({ ...disk, disk: { readonly: true } });
  });
});

describe('the files of a downward API disk', () => {
  const fields = [
    { path: 'labels', fieldRef: { fieldPath: 'metadata.labels', apiVersion: 'v1' } },
    { path: 'cpu', resourceFieldRef: { resource: 'limits.cpu' } },
  ];

  it('are lines, and what is no line stays', () => {
    expect(downwardLines(fields)).toBe('labels = metadata.labels');
    expect(downwardFields(downwardLines(fields), fields)).toEqual(fields);
    expect(downwardFields('name=metadata.name\n\n', fields)).toEqual([
      { path: 'name', fieldRef: { fieldPath: 'metadata.name' } },
      fields[1],
    ]);
    expect(downwardLines('odd')).toBe('');
  });
});
