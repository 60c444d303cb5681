import { describe, expect, it } from 'vitest';
import { bootSector } from './full-guest.mjs';

describe('the first sector of the fuller guest', () => {
  it('holds the loader and one active partition that fills the disk', () => {
    const sector: Buffer = bootSector(Buffer.alloc(512, 0xaa), 8192 * 512);
    expect(sector.length).toBe(512);
    expect(sector.subarray(0, 440).every((byte) => byte === 0xaa)).toBe(true);
    expect(sector.readUInt16BE(510)).toBe(0x55aa);
    expect([sector[446], sector[450]]).toEqual([0x80, 0x83]);
    expect([sector.readUInt32LE(454), sector.readUInt32LE(458)]).toEqual([2048, 8192 - 2048]);
    expect(sector.subarray(462, 510).every((byte) => byte === 0)).toBe(true);
  });
});
