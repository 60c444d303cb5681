import { describe, expect, it } from 'vitest';
import { type BootSource, readBootSource, rootDisk, writeBootSource } from './boot-source';
import { diskEntries } from './disk-entries';
import type { VmManifest } from './field';
import {
  clusterDefaults,
  defaultsOfLabels,
  FRESH_VM,
  NO_DEFAULTS,
  withImageDefaults,
} from './image-defaults';
import { newVm } from './new-vm';
import { atLeast, newTemplate, sizeOf, sourceOf, withSize, withSource } from './volume-template';

const NEW = newVm({ name: 'web', namespace: 'shop' });
const fedora: BootSource = {
  kind: 'template',
  from: { kind: 'dataSource', namespace: 'images', name: 'fedora' },
};
const SOURCES: BootSource[] = [
  fedora,
  { kind: 'containerDisk', image: 'quay.io/containerdisks/fedora:latest' },
  { kind: 'containerDisk', image: 'registry.example/own:1', pullSecret: 'pull' },
  { kind: 'template', from: { kind: 'http', url: 'https://images.example/a.qcow2' } },
  { kind: 'template', from: { kind: 'registry', url: 'docker://registry.example/own:1', secret: 'pull' } },
  { kind: 'template', from: { kind: 'pvc', namespace: 'images', name: 'golden' } },
  { kind: 'template', from: { kind: 'snapshot', namespace: 'images', name: 'golden' } },
  { kind: 'template', from: { kind: 'blank' } },
  { kind: 'volume', type: 'dataVolume', name: 'uploaded' },
  { kind: 'volume', type: 'persistentVolumeClaim', name: 'old' },
  { kind: 'iso', medium: { kind: 'http', url: 'https://images.example/install.iso' } },
  { kind: 'iso', medium: { kind: 'volume', type: 'dataVolume', name: 'iso' } },
  { kind: 'iso', medium: { kind: 'containerDisk', image: 'registry.example/iso:1' } },
];

describe('what a VM starts from', () => {
  it.each(SOURCES)('is read as it was written: %j', (source) => {
    expect(readBootSource(writeBootSource(NEW, source))).toEqual(source);
  });

  it('may be changed from any kind to any other and leaves nothing of the first', () => {
    for (const before of SOURCES)
      for (const after of SOURCES) {
        const direct = writeBootSource(NEW, after);
        const changed = writeBootSource(writeBootSource(NEW, before), after);
        expect(readBootSource(changed), JSON.stringify({ before, after })).toEqual(after);
        expect(diskEntries(changed).length).toBe(diskEntries(direct).length);
        const orders = diskEntries(changed).map(({ disk }) => disk?.bootOrder);
        expect(orders).toEqual(diskEntries(direct).map(({ disk }) => disk?.bootOrder));
      }
  });

  it('changes nothing when it is written as it was read', () => {
    for (const source of SOURCES) {
      const vm = writeBootSource(NEW, source);
      expect(writeBootSource(vm, readBootSource(vm))).toEqual(vm);
    }
    expect(writeBootSource(NEW, { kind: 'none' })).toBe(NEW);
  });

  it('keeps what else the disk, its volume and its DataVolume say', () => {
    const vm = {
      spec: {
        dataVolumeTemplates: [
          {
            metadata: { name: 'root', labels: { a: 'b' } },
            spec: {
              pvc: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '40Gi' } } },
              source: { http: { url: 'https://a/', certConfigMap: 'ca' } },
            },
          },
        ],
        template: {
          spec: {
            domain: { devices: { disks: [{ name: 'os', disk: { bus: 'sata' }, cache: 'none' }] } },
            volumes: [{ name: 'os', dataVolume: { name: 'root' } }],
          },
        },
      },
    };
    const other = writeBootSource(vm, { kind: 'template', from: { kind: 'http', url: 'https://b/' } });
    expect(other).toHaveProperty('spec.dataVolumeTemplates.0.spec.source.http', {
      url: 'https://b/',
      certConfigMap: 'ca',
    });
    const cloned = writeBootSource(vm, fedora, '10Gi');
    expect(rootDisk(cloned)).toMatchObject({ name: 'os', disk: { cache: 'none', disk: { bus: 'sata' } } });
    expect(cloned).toHaveProperty('spec.dataVolumeTemplates.0', {
      metadata: { name: 'root', labels: { a: 'b' } },
      spec: {
        pvc: { accessModes: ['ReadWriteMany'], resources: { requests: { storage: '40Gi' } } },
        sourceRef: { kind: 'DataSource', namespace: 'images', name: 'fedora' },
      },
    });
  });

  it('makes the disk as large as the image', () => {
    const size = (vm: VmManifest) => sizeOf(rootDisk(vm)?.template);
    expect(size(writeBootSource(NEW, fedora))).toBe('10Gi');
    expect(size(writeBootSource(NEW, fedora, '34359738368'))).toBe('34359738368');
    expect(size(writeBootSource(writeBootSource(NEW, fedora, '20Gi'), fedora, '5Gi'))).toBe('20Gi');
  });

  it('puts the installation medium behind the empty disk', () => {
    const vm = writeBootSource(NEW, { kind: 'iso', medium: { kind: 'http', url: 'https://a/install.iso' } });
    expect(diskEntries(vm).map(({ disk }) => disk)).toEqual([
      { name: 'rootdisk', disk: { bus: 'virtio' }, bootOrder: 1 },
      { name: 'installation-cd', cdrom: { bus: 'sata' }, bootOrder: 2 },
    ]);
  });

  it('leaves the bus to the preference where there is one, and stands before other disks', () => {
    const vm = {
      spec: {
        preference: { name: 'windows.11' },
        template: {
          spec: {
            domain: { devices: { disks: [{ name: 'cloudinit', disk: {} }] } },
            volumes: [{ name: 'cloudinit', cloudInitNoCloud: {} }],
          },
        },
      },
    };
    expect(diskEntries(writeBootSource(vm, fedora)).map(({ disk }) => disk)).toEqual([
      { name: 'rootdisk', disk: {} },
      { name: 'cloudinit', disk: {} },
    ]);
  });

  it('leaves what the form doesn’t know alone', () => {
    const vm = {
      spec: {
        template: {
          spec: {
            domain: { devices: { disks: [{ name: 'os', disk: {} }] } },
            volumes: [{ name: 'os', hostDisk: { path: '/a', type: 'Disk' } }],
          },
        },
      },
    };
    expect(readBootSource(vm)).toEqual({ kind: 'other', volume: 'hostDisk' });
    expect(writeBootSource(vm, readBootSource(vm))).toBe(vm);
  });
});

describe('a DataVolume of a VM', () => {
  it('is untouched by what it says already', () => {
    const template = newTemplate('a', { kind: 'http', url: 'https://a/' }, '1.5G');
    expect(withSize(template, '1.5G')).toBe(template);
    expect(withSource(template, { kind: 'http', url: 'https://a/' })).toEqual(template);
  });

  it('keeps a source that the form doesn’t know', () => {
    const s3 = { metadata: { name: 'a' }, spec: { source: { s3: { url: 's3://a' } } } };
    expect(sourceOf(s3)).toEqual({ kind: 'other', source: 's3' });
    expect(withSource(s3, { kind: 'other', source: 's3' })).toBe(s3);
  });

  it('compares sizes as amounts', () => {
    expect(atLeast('1Ti', '1000Gi')).toBe('1Ti');
    expect(atLeast('1G', '1Gi')).toBe('1Gi');
    expect(atLeast('', undefined)).toBe('');
  });
});

describe('the size and the system that an image asks for', () => {
  const labels = {
    'instancetype.kubevirt.io/default-instancetype': 'u1.medium',
    'instancetype.kubevirt.io/default-preference': 'fedora',
  };
  const image = defaultsOfLabels(labels);

  it('take the place of the size that every VM begins with', () => {
    const vm = withImageDefaults(NEW, image, { fresh: FRESH_VM });
    expect(vm.spec).toMatchObject({ instancetype: { name: 'u1.medium' }, preference: { name: 'fedora' } });
    expect(vm).not.toHaveProperty('spec.template.spec.domain.cpu');
    expect(vm).not.toHaveProperty('spec.template.spec.domain.memory');
  });

  it('leave what somebody chose', () => {
    const own: VmManifest = { spec: { template: { spec: { domain: { memory: { guest: '3Gi' } } } } } };
    const vm = withImageDefaults(own, image, { fresh: FRESH_VM });
    expect(vm.spec).toMatchObject({
      preference: { name: 'fedora' },
      template: { spec: { domain: { memory: { guest: '3Gi' } } } },
    });
    expect(vm.spec).not.toHaveProperty('instancetype');
    const chosen = { spec: { instancetype: { name: 'm1.large' }, preference: { name: 'rhel.9' } } };
    expect(withImageDefaults(chosen, image, { fresh: FRESH_VM })).toBe(chosen);
  });

  it('go with the image', () => {
    const vm = withImageDefaults(NEW, image, { fresh: FRESH_VM });
    expect(withImageDefaults(vm, NO_DEFAULTS, { before: image, fresh: FRESH_VM })).toEqual(NEW);
    const debian = withImageDefaults(vm, clusterDefaults('', 'debian'), { before: image, fresh: FRESH_VM });
    expect(debian.spec).toMatchObject({ preference: { name: 'debian' } });
    expect(debian.spec).not.toHaveProperty('instancetype');
  });
});
