import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compressionOf, formatOf } from './image-format';

describe('the first bytes of an image', () => {
  it('tell what it is packed with', () => {
    expect(compressionOf(gzipSync('disk'))).toBe('gz');
    expect(compressionOf(Buffer.from('fd377a585a0000', 'hex'))).toBe('xz');
    expect(compressionOf(Buffer.from('28b52ffd00', 'hex'))).toBe('zst');
    expect(compressionOf(Buffer.from('QFI\xfb', 'latin1'))).toBeUndefined();
  });
  it('tell its format, and without a mark it is raw', () => {
    expect(formatOf(Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'))).toBe('qcow2');
    expect(formatOf(Buffer.from('KDMV\x01', 'latin1'))).toBe('vmdk');
    const vdi = Buffer.alloc(512);
    vdi.set([0x7f, 0x10, 0xda, 0xbe], 0x40);
    expect(formatOf(vdi)).toBe('vdi');
    expect(formatOf(Buffer.alloc(512))).toBe('raw');
    expect(formatOf(Buffer.alloc(0))).toBe('raw');
  });
});
