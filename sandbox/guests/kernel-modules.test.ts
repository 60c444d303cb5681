import { expect, it } from 'vitest';
import { moduleName, resolveModules } from './kernel-modules';

const DEPENDS: Record<string, string[]> = {
  virtio_pci: ['virtio', 'virtio_ring', 'virtio-pci-modern-dev'],
  virtio_ring: ['virtio'],
  virtio: [],
  virtio_pci_modern_dev: [],
  ext4: ['jbd2', 'mbcache'],
  jbd2: [],
  mbcache: [],
};
const look = async (name: string) => DEPENDS[name];

it('puts each module behind all that it depends on, once', async () => {
  const order = await resolveModules(['ext4', 'virtio-pci'], look);
  expect(order).toEqual([
    'jbd2',
    'mbcache',
    'ext4',
    'virtio',
    'virtio_ring',
    'virtio_pci_modern_dev',
    'virtio_pci',
  ]);
});

it('passes over what the kernel has built in or does not know', async () => {
  expect(await resolveModules(['evdev', 'jbd2'], look)).toEqual(['jbd2']);
});

it('names a module by its file, packed or not, as the kernel does', () => {
  expect(moduleName('kernel/fs/nls/nls-utf8.ko.xz')).toBe('nls_utf8');
  expect(moduleName('virtio_blk.ko')).toBe('virtio_blk');
});
