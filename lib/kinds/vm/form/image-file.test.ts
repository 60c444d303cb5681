import { describe, expect, it } from 'vitest';
import { IMAGE_HEAD_BYTES, imageFile, volumeSizeFor } from './image-file';

const GIB = 2 ** 30;
const head = (bytes: number[], at = 0) => {
  const whole = new Uint8Array(IMAGE_HEAD_BYTES);
  whole.set(bytes, at);
  return whole;
};

describe('an image file', () => {
  it('says in its head how large the disk is', () => {
    const qcow2 = head([0x51, 0x46, 0x49, 0xfb]);
    new DataView(qcow2.buffer).setBigUint64(24, BigInt(40 * GIB));
    expect(imageFile(qcow2, 1000)).toEqual({ format: 'qcow2', virtualBytes: 40 * GIB });
  });

  it('is as large as its disk where it is plain', () => {
    expect(imageFile(head([]), 12_345)).toEqual({ format: 'raw', virtualBytes: 12_345 });
    const iso = head(
      [...'CD001'].map((letter) => letter.charCodeAt(0)),
      0x8001,
    );
    expect(imageFile(iso, 700)).toEqual({ format: 'iso', virtualBytes: 700 });
    expect(imageFile(new Uint8Array(3), 3)).toEqual({ format: 'raw', virtualBytes: 3 });
  });

  it('doesn’t say it where it is packed', () => {
    expect(imageFile(head([0x1f, 0x8b]), 1).virtualBytes).toBeUndefined();
    expect(imageFile(head([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 1)).toMatchObject({ format: 'xz' });
    expect(imageFile(head([0x4b, 0x44, 0x4d, 0x56]), 1)).toMatchObject({ format: 'vmdk' });
  });

  it('fits into a volume of whole units', () => {
    expect(volumeSizeFor(40 * GIB)).toBe('40Gi');
    expect(volumeSizeFor(GIB + 1)).toBe('2Gi');
    expect(volumeSizeFor(117_440_512)).toBe('112Mi');
    expect(volumeSizeFor(1)).toBe('1Mi');
  });
});
