/** What the first bytes of a file say about the image in it. */
export interface ImageFile {
  format: 'qcow2' | 'gzip' | 'xz' | 'iso' | 'raw' | 'vmdk';
  /** Bytes of the disk that it becomes; undefined where only unpacking tells. */
  virtualBytes: number | undefined;
}

/** How much of a file `imageFile` wants to see: up to the volume descriptor of an ISO 9660 file system. */
export const IMAGE_HEAD_BYTES = 0x8006;

/** Reads the head of an image file. qcow2: docs/interop/qcow2.txt of QEMU; ISO 9660: ECMA-119, 8.1. */
export function imageFile(head: Uint8Array, fileBytes: number): ImageFile {
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  // "QFI\xfb", and at 24 the virtual size, big-endian.
  if (starts(0x51, 0x46, 0x49, 0xfb) && head.length >= 32) {
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    return { format: 'qcow2', virtualBytes: Number(view.getBigUint64(24)) };
  }
  if (starts(0x1f, 0x8b)) return { format: 'gzip', virtualBytes: undefined };
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return { format: 'xz', virtualBytes: undefined };
  if (starts(0x4b, 0x44, 0x4d, 0x56)) return { format: 'vmdk', virtualBytes: undefined };
  const descriptor = String.fromCharCode(...head.subarray(0x8001, 0x8006));
  return { format: descriptor === 'CD001' ? 'iso' : 'raw', virtualBytes: fileBytes };
}

/** The size of a volume that takes an image: whole GiB, or whole MiB below one. */
export function volumeSizeFor(bytes: number): string {
  const gib = 2 ** 30;
  const mib = 2 ** 20;
  return bytes >= gib ? `${Math.ceil(bytes / gib)}Gi` : `${Math.max(1, Math.ceil(bytes / mib))}Mi`;
}
