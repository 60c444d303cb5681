/** How many bytes of an image tell what it is: tar's mark lies last, at 257. */
export const HEAD_BYTES = 512;

export type Compression = 'gz' | 'xz' | 'zst';
export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vdi' | 'vpc' | 'vhdx';

interface Mark<Name> {
  name: Name;
  offset: number;
  bytes: Buffer;
}

const mark = <Name>(name: Name, bytes: string | readonly number[], offset = 0): Mark<Name> => ({
  name,
  offset,
  bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes),
});

const COMPRESSIONS: readonly Mark<Compression>[] = [
  mark('gz', [0x1f, 0x8b]),
  mark('xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
  mark('zst', [0x28, 0xb5, 0x2f, 0xfd]),
];

const FORMATS: readonly Mark<DiskFormat>[] = [
  mark('qcow2', 'QFI\xfb'),
  mark('vmdk', 'KDMV'),
  mark('vmdk', '# Disk DescriptorFile'),
  mark('vdi', [0x7f, 0x10, 0xda, 0xbe], 0x40),
  mark('vpc', 'conectix'),
  mark('vhdx', 'vhdxfile'),
];

/** What a stream is packed with, by its first bytes; undefined when it is not packed. Mirrors CDI's known headers. */
export function compressionOf(head: Buffer): Compression | undefined {
  return find(COMPRESSIONS, head);
}

/** The format of a disk image, by its first bytes: whatever has no mark is raw. */
export function formatOf(head: Buffer): DiskFormat {
  return find(FORMATS, head) ?? 'raw';
}

function find<Name>(marks: readonly Mark<Name>[], head: Buffer): Name | undefined {
  return marks.find(({ offset, bytes }) => head.subarray(offset, offset + bytes.length).equals(bytes))?.name;
}
