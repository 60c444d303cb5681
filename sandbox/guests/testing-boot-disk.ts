/**
 * The first sector of a disk: it reads the sector behind it, prints `own words by BIOS, boots of this disk: N` to the
 * first serial port, counts N up in that sector and halts. In words:
 *
 * ```
 * cli; xor ax,ax; mov ds,ax; mov es,ax; mov ss,ax; mov sp,7c00h; sti; cld
 * mov ax,0201h; mov bx,7e00h; mov cx,2; mov dx,80h; int 13h      ; read one sector
 * mov si,text; call print; mov al,[7e00h]; add al,'0'; call put; mov al,10; call put
 * inc byte [7e00h]; mov ax,0301h; …; int 13h                     ; write it
 * halt: hlt; jmp halt
 * print: lodsb; test al,al; jz done; call put; jmp print
 * put: mov dx,3f8h; out dx,al
 * done: ret
 * ```
 */
const BIOS_CODE = Buffer.from(
  '+jHAjtiOwI7QvAB8+/y4AQK7AH65AgC6gADNE75TfOgiAKAAfgQw6CQAsAroHwD+BgB+uAEDuwB+uQIAuoAAzRP06/2shMB0' +
    'CegCAOv2uvgD7sNvd24gd29yZHMgYnkgQklPUywgYm9vdHMgb2YgdGhpcyBkaXNrOiAA',
  'base64',
);

/**
 * An EFI application, position independent: prints `own words by UEFI, a TPM, boots of these variables: N` (or `no
 * TPM`) to the first serial port, counts N up in a non-volatile variable, prints `variable written` and halts.
 *
 * ```
 * BootServices->LocateProtocol(EFI_TCG2_PROTOCOL_GUID, NULL, &interface)   ; is there a TPM?
 * RuntimeServices->GetVariable(L"Boots", vendor, NULL, &size, &count)
 * RuntimeServices->SetVariable(L"Boots", vendor, NON_VOLATILE | BOOTSERVICE | RUNTIME, 1, &count)
 * ```
 */
const EFI_CODE = Buffer.from(
  'U0iD7EBIidNIjTXRAAAA6LoAAABIjQ01AQAAMdJMjUQkOEiLQ2D/kEABAABIjTXBAAAASIXAdAdIjTXXAAAA6IoAAABIjQ0l' +
    'AQAASI0VDgEAAEUxwEjHRCQwAQAAAEyNTCQwSI0FFgEAAEiJRCQgSItDWP9QSIoFBAEAAAQw6FcAAACwCuhQAAAA/gXwAAAA' +
    'SI0N2QAAAEiNFcIAAABBuAcAAABBuQEAAABIjQXPAAAASIlEJCBIi0NY/1BYSI01dQAAAOgFAAAA85D06/ushMB0DOgCAAAA' +
    '6/RmuvgD7sNvd24gd29yZHMgYnkgVUVGSSwgAGEgVFBNLCBib290cyBvZiB0aGVzZSB2YXJpYWJsZXM6IABubyBUUE0sIGJv' +
    'b3RzIG9mIHRoZXNlIHZhcmlhYmxlczogAHZhcmlhYmxlIHdyaXR0ZW4KAA8fRAAAbHZ/YFV0vkKTC+TXbbJyDwECAwQFBgcI' +
    'CQoLDA0ODxBCAG8AbwB0AHMAAAAPH0AAAA==',
  'base64',
);

const SECTOR = 512;
const PARTITION_START = 64;
const PARTITION_SECTORS = 2048;
const DISK_SECTORS = PARTITION_START + PARTITION_SECTORS;
const EFI_PARTITION = 0xef;

/** A disk of one MiB that boots by BIOS and by UEFI, and says so in its own words on the serial line. */
export function bootDisk(): Buffer {
  const disk = Buffer.alloc(DISK_SECTORS * SECTOR);
  BIOS_CODE.copy(disk);
  const entry = 446;
  disk.writeUInt8(EFI_PARTITION, entry + 4);
  disk.writeUInt32LE(PARTITION_START, entry + 8);
  disk.writeUInt32LE(PARTITION_SECTORS, entry + 12);
  disk.writeUInt16LE(0xaa55, 510);
  fat12(efiImage()).copy(disk, PARTITION_START * SECTOR);
  return disk;
}

/** A PE32+ image with one section, which is all code and data. */
function efiImage(): Buffer {
  const headers = 0x200;
  const base = 0x1000;
  const size = Math.ceil(EFI_CODE.length / 0x200) * 0x200;
  const image = Buffer.alloc(headers + size);
  image.write('MZ');
  image.writeUInt32LE(0x40, 0x3c);
  image.write('PE\0\0', 0x40, 'latin1');
  const coff = 0x44;
  image.writeUInt16LE(0x8664, coff);
  image.writeUInt16LE(1, coff + 2);
  image.writeUInt16LE(0xf0, coff + 16);
  image.writeUInt16LE(0x0206, coff + 18);
  const optional = coff + 20;
  image.writeUInt16LE(0x20b, optional);
  image.writeUInt32LE(size, optional + 4);
  image.writeUInt32LE(base, optional + 16);
  image.writeUInt32LE(base, optional + 20);
  image.writeUInt32LE(0x1000, optional + 32);
  image.writeUInt32LE(0x200, optional + 36);
  image.writeUInt32LE(base + 0x1000, optional + 56);
  image.writeUInt32LE(headers, optional + 60);
  // An EFI application.
  image.writeUInt16LE(10, optional + 68);
  image.writeUInt32LE(16, optional + 108);
  const section = optional + 0xf0;
  image.write('.text', section);
  image.writeUInt32LE(EFI_CODE.length, section + 8);
  image.writeUInt32LE(base, section + 12);
  image.writeUInt32LE(size, section + 16);
  image.writeUInt32LE(headers, section + 20);
  image.writeUInt32LE(0xe0000020, section + 36);
  EFI_CODE.copy(image, headers);
  return image;
}

/** A FAT12 with `EFI/BOOT/BOOTX64.EFI`, one sector a cluster. */
function fat12(file: Buffer): Buffer {
  const fatSectors = 6;
  const rootEntries = 16;
  const rootAt = 1 + fatSectors;
  const dataAt = rootAt + (rootEntries * 32) / SECTOR;
  const volume = Buffer.alloc(PARTITION_SECTORS * SECTOR);
  volume.write('\xeb\x3c\x90MKDISK  ', 'latin1');
  volume.writeUInt16LE(SECTOR, 11);
  volume.writeUInt8(1, 13);
  volume.writeUInt16LE(1, 14);
  volume.writeUInt8(1, 16);
  volume.writeUInt16LE(rootEntries, 17);
  volume.writeUInt16LE(PARTITION_SECTORS, 19);
  volume.writeUInt8(0xf8, 21);
  volume.writeUInt16LE(fatSectors, 22);
  volume.writeUInt16LE(63, 24);
  volume.writeUInt16LE(16, 26);
  volume.writeUInt32LE(PARTITION_START, 28);
  volume.writeUInt8(0x80, 36);
  volume.writeUInt8(0x29, 38);
  volume.write('ESP        FAT12   ', 43);
  volume.writeUInt16LE(0xaa55, 510);

  const fat = (cluster: number, next: number) => {
    const at = SECTOR + Math.floor(cluster * 1.5);
    const old = volume.readUInt16LE(at);
    volume.writeUInt16LE(cluster % 2 === 0 ? (old & 0xf000) | next : (old & 0x000f) | (next << 4), at);
  };
  const entry = (at: number, name: string, cluster: number, size?: number) => {
    volume.write(name.padEnd(11), at, 'latin1');
    volume.writeUInt8(size === undefined ? 0x10 : 0x20, at + 11);
    volume.writeUInt16LE(cluster, at + 26);
    volume.writeUInt32LE(size ?? 0, at + 28);
  };
  const clusterAt = (cluster: number) => (dataAt + cluster - 2) * SECTOR;
  fat(0, 0xff8);
  fat(1, 0xfff);
  const [efi, boot, first] = [2, 3, 4];
  fat(efi, 0xfff);
  fat(boot, 0xfff);
  entry(rootAt * SECTOR, 'EFI', efi);
  entry(clusterAt(efi), '.', efi);
  entry(clusterAt(efi) + 32, '..', 0);
  entry(clusterAt(efi) + 64, 'BOOT', boot);
  entry(clusterAt(boot), '.', boot);
  entry(clusterAt(boot) + 32, '..', efi);
  entry(clusterAt(boot) + 64, 'BOOTX64 EFI', first, file.length);
  const clusters = Math.ceil(file.length / SECTOR);
  for (let index = 0; index < clusters; index += 1) {
    fat(first + index, index === clusters - 1 ? 0xfff : first + index + 1);
  }
  file.copy(volume, clusterAt(first));
  return volume;
}
