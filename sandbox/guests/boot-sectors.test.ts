import { describe, expect, it } from 'vitest';
import { diskContents } from './boot-sectors';

const KIB = 1024;

function disk(write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(64 * KIB);
  write(bytes);
  return bytes;
}

const signed = (write: (bytes: Buffer) => void) =>
  disk((bytes) => {
    bytes.writeUInt16LE(0xaa55, 510);
    write(bytes);
  });

describe('diskContents', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'other'],
    ['an empty disk', disk(() => {}), 'other'],
    ['boot code', signed((bytes) => bytes.write('\xfa\x31\xc0', 'latin1')), 'bootable'],
    ['partitions without code', signed((bytes) => bytes.writeUInt8(0x83, 450)), 'other'],
    ['a partition of EFI in an old table', signed((bytes) => bytes.writeUInt8(0xef, 466)), 'bootable'],
    [
      'a partition of EFI',
      disk((bytes) => {
        bytes.write('EFI PART', 512);
        bytes.write('28732ac11ff8d211ba4b00a0c93ec93b', 1024 + 128 * 3, 'hex');
      }),
      'bootable',
    ],
    ['partitions of others', disk((bytes) => bytes.write('EFI PART', 512)), 'other'],
    [
      'a CD to boot from',
      disk((bytes) => bytes.write('\0CD001\x01EL TORITO SPECIFICATION', 17 * 2048)),
      'bootable',
    ],
    [
      'a FAT without a system',
      signed((bytes) => bytes.write('\xeb<\x90mkfs.fat This is not a bootable disk', 'latin1')),
      'other',
    ],
  ])('%s', (_, start, contents) => {
    expect(diskContents(start)).toBe(contents);
  });

  it('knows our own image by its label, and another ext4 as any disk', () => {
    const ext4 = (label: string) =>
      disk((bytes) => {
        bytes.writeUInt16LE(0xef53, 1024 + 0x38);
        bytes.write(label, 1024 + 0x78);
      });
    expect(diskContents(ext4('home'))).toBe('home');
    expect(diskContents(ext4('homes'))).toBe('other');
  });
});
