import { describe, expect, it } from 'vitest';
import { instance } from '../testing';
import type { Disk, InstanceSpec, Volume } from '../types';
import { areDisksLive, areVolumesLive, hotplugDevices } from './volumes';

const hot = (name: string, claimName = name): Volume => ({
  name,
  persistentVolumeClaim: { claimName, hotpluggable: true },
});
const root: Volume = { name: 'root', containerDisk: { image: 'x' } };
const spec = (
  volumes: Volume[],
  disks: Disk[] = volumes.map(({ name }) => ({ name, disk: {} })),
): InstanceSpec => ({
  volumes,
  domain: { devices: { disks } },
});

describe('what a change of volumes comes to', () => {
  it('hot-pluggable ones come and go, others take a restart', () => {
    expect(areVolumesLive(spec([root]), spec([root, hot('a')]))).toBe(true);
    expect(areVolumesLive(spec([root, hot('a')]), spec([root]))).toBe(true);
    expect(areVolumesLive(spec([root]), spec([]))).toBe(false);
    expect(areVolumesLive(spec([root]), spec([{ name: 'root', containerDisk: { image: 'y' } }]))).toBe(false);
    const cold: Volume = { name: 'a', persistentVolumeClaim: { claimName: 'a' } };
    expect(areVolumesLive(spec([root]), spec([root, cold]))).toBe(false);
  });

  it('disks go with their volumes', () => {
    expect(areDisksLive(spec([root]), spec([root, hot('a')]))).toBe(true);
    expect(areDisksLive(spec([root, hot('a')]), spec([root]))).toBe(true);
    expect(areDisksLive(spec([root]), spec([root], [{ name: 'root', disk: { bus: 'sata' } }]))).toBe(false);
  });
});

describe('what the running instance gets', () => {
  const running = (own: InstanceSpec) => instance({ phase: 'Running', spec: own });
  const names = (template: InstanceSpec, own: InstanceSpec) => {
    const { volumes, disks } = hotplugDevices(template, running(own));
    return [volumes, disks].map((list) => list.map(({ name }) => name).join());
  };

  it('keeps its own volumes and gets new hot-pluggable ones', () => {
    expect(names(spec([root, hot('a')]), spec([root]))).toEqual(['root,a', 'root,a']);
    expect(names(spec([]), spec([root, hot('a')]))).toEqual(['root', 'root']);
  });

  it('gets nothing without a disk', () => {
    expect(names(spec([root, hot('a')], [{ name: 'root', disk: {} }]), spec([root]))).toEqual([
      'root',
      'root',
    ]);
  });

  it('lets go of a volume whose claim was swapped, and keeps the drive', () => {
    const drive = { name: 'cd', cdrom: {} };
    const own = spec([root, hot('cd', 'old')], [{ name: 'root', disk: {} }, drive]);
    const template = spec([root, hot('cd', 'new')], [{ name: 'root', disk: {} }, drive]);
    expect(names(template, own)).toEqual(['root', 'root,cd']);
    expect(names(template, spec([root], own.domain.devices.disks ?? []))).toEqual(['root,cd', 'root,cd']);
  });
});
