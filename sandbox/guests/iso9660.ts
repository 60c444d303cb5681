const SECTOR = 2048;
/** Where things lie, in sectors: two descriptors and their end, two roots, four path tables, then the files. */
const LAYOUT = {
  primary: 16,
  joliet: 17,
  end: 18,
  primaryRoot: 20,
  jolietRoot: 24,
  pathTables: 28,
  files: 32,
};
const ROOT_SECTORS = 4;

function both16(target: Buffer, value: number, at: number): void {
  target.writeUInt16LE(value, at);
  target.writeUInt16BE(value, at + 2);
}

function both32(target: Buffer, value: number, at: number): void {
  target.writeUInt32LE(value, at);
  target.writeUInt32BE(value, at + 4);
}

function ucs2(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

/** The 8.3 name that readers without Joliet see. Made unique by a number: long names would collide. */
function shortName(name: string, index: number): Buffer {
  const [base = '', extension = ''] = name
    .toUpperCase()
    .replaceAll(/[^A-Z0-9.]/g, '_')
    .split('.');
  const number = String(index);
  return Buffer.from(`${base.slice(0, 8 - number.length)}${number}.${extension.slice(0, 3)};1`, 'latin1');
}

function directoryRecord(name: Buffer, sector: number, size: number, isDirectory: boolean): Buffer {
  const record = Buffer.alloc(33 + name.length + ((name.length + 1) % 2));
  record[0] = record.length;
  both32(record, sector, 2);
  both32(record, size, 10);
  Buffer.from([125, 1, 1, 0, 0, 0, 0]).copy(record, 18); // 1 January 2025: the same input gives the same image
  record[25] = isDirectory ? 2 : 0;
  both16(record, 1, 28);
  record[32] = name.length;
  name.copy(record, 33);
  return record;
}

interface Placed {
  name: string;
  sector: number;
  size: number;
}

function rootDirectory(
  sector: number,
  files: Placed[],
  nameOf: (name: string, index: number) => Buffer,
): Buffer {
  const size = ROOT_SECTORS * SECTOR;
  const named = files.map((file, index) => ({ ...file, id: nameOf(file.name, index) }));
  named.sort((a, b) => Buffer.compare(a.id, b.id));
  const records = [
    directoryRecord(Buffer.from([0]), sector, size, true),
    directoryRecord(Buffer.from([1]), sector, size, true),
    ...named.map((file) => directoryRecord(file.id, file.sector, file.size, false)),
  ];
  const directory = Buffer.alloc(size);
  let at = 0;
  for (const record of records) {
    // A record does not cross a sector's end.
    if ((at % SECTOR) + record.length > SECTOR) at = Math.ceil(at / SECTOR) * SECTOR;
    if (at + record.length > size) throw new Error('too many files for one volume');
    record.copy(directory, at);
    at += record.length;
  }
  return directory;
}

function descriptor(options: { joliet: boolean; label: string; sectors: number }): Buffer {
  const { joliet, label, sectors } = options;
  const text = (value: string, length: number) =>
    joliet
      ? ucs2(value.padEnd(length / 2).slice(0, length / 2))
      : Buffer.from(value.padEnd(length).slice(0, length), 'latin1');
  const root = joliet ? LAYOUT.jolietRoot : LAYOUT.primaryRoot;
  const tables = LAYOUT.pathTables + (joliet ? 2 : 0);
  const out = Buffer.alloc(SECTOR);
  out[0] = joliet ? 2 : 1;
  out.write('CD001', 1, 'latin1');
  out[6] = 1;
  text('', 32).copy(out, 8);
  text(label, 32).copy(out, 40);
  both32(out, sectors, 80);
  if (joliet) out.write('%/E', 88, 'latin1'); // UCS-2 level 3
  both16(out, 1, 120);
  both16(out, 1, 124);
  both16(out, SECTOR, 128);
  both32(out, 10, 132);
  out.writeUInt32LE(tables, 140);
  out.writeUInt32BE(tables + 1, 148);
  directoryRecord(Buffer.from([0]), root, ROOT_SECTORS * SECTOR, true).copy(out, 156);
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 36],
    [738, 36],
    [774, 38],
  ] as const) {
    text('', length - (length % 2)).copy(out, at);
  }
  for (const at of [813, 830, 847, 864]) out.write('0000000000000000', at, 'latin1');
  out[881] = 1;
  return out;
}

function pathTable(root: number, bigEndian: boolean): Buffer {
  const table = Buffer.alloc(SECTOR);
  table[0] = 1;
  if (bigEndian) {
    table.writeUInt32BE(root, 2);
    table.writeUInt16BE(1, 6);
  } else {
    table.writeUInt32LE(root, 2);
    table.writeUInt16LE(1, 6);
  }
  return table;
}

/**
 * Writes an ISO 9660 image with Joliet names (ECMA-119; Joliet specification), flat: what KubeVirt makes with
 * xorrisofs of cloud-init data, config maps and secrets. Names keep their case through Joliet, up to 64 characters.
 * @param label the volume's label, such as `cidata`; lower case is kept, as cloud-init's own tools do.
 * @throws when a name is longer or the directory overflows (some hundred files).
 */
export function writeIso(label: string, files: ReadonlyMap<string, Buffer>): Buffer {
  let sector = LAYOUT.files;
  const placed: Placed[] = [...files].map(([name, content]) => {
    if (name.length > 64) throw new Error(`${name} is too long a name for a volume`);
    const file = { name, sector, size: content.length };
    sector += Math.ceil(content.length / SECTOR);
    return file;
  });
  const image = Buffer.alloc(sector * SECTOR);
  const put = (content: Buffer, at: number) => content.copy(image, at * SECTOR);
  put(descriptor({ joliet: false, label, sectors: sector }), LAYOUT.primary);
  put(descriptor({ joliet: true, label, sectors: sector }), LAYOUT.joliet);
  image[LAYOUT.end * SECTOR] = 255;
  image.write('CD001', LAYOUT.end * SECTOR + 1, 'latin1');
  image[LAYOUT.end * SECTOR + 6] = 1;
  put(rootDirectory(LAYOUT.primaryRoot, placed, shortName), LAYOUT.primaryRoot);
  put(rootDirectory(LAYOUT.jolietRoot, placed, ucs2), LAYOUT.jolietRoot);
  put(pathTable(LAYOUT.primaryRoot, false), LAYOUT.pathTables);
  put(pathTable(LAYOUT.primaryRoot, true), LAYOUT.pathTables + 1);
  put(pathTable(LAYOUT.jolietRoot, false), LAYOUT.pathTables + 2);
  put(pathTable(LAYOUT.jolietRoot, true), LAYOUT.pathTables + 3);
  for (const { name, sector: at } of placed) put(files.get(name) ?? Buffer.alloc(0), at);
  return image;
}
