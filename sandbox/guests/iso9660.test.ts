import { expect, it } from 'vitest';
import { writeIso } from './iso9660';

/** Reads the Joliet directory back: name → content. */
function readJoliet(image: Buffer): Map<string, string> {
  const descriptor = image.subarray(17 * 2048, 18 * 2048);
  expect(descriptor.toString('latin1', 0, 6)).toBe('\x02CD001');
  const root = descriptor.readUInt32LE(156 + 2) * 2048;
  const size = descriptor.readUInt32LE(156 + 10);
  const files = new Map<string, string>();
  for (let at = root; at < root + size; ) {
    const length = image[at] ?? 0;
    if (length === 0) {
      at = Math.ceil((at + 1) / 2048) * 2048;
      continue;
    }
    const nameLength = image[at + 32] ?? 0;
    const name = Buffer.from(image.subarray(at + 33, at + 33 + nameLength));
    if (nameLength > 1) {
      const start = image.readUInt32LE(at + 2) * 2048;
      files.set(
        name.swap16().toString('utf16le'),
        image.toString('utf8', start, start + image.readUInt32LE(at + 10)),
      );
    }
    at += length;
  }
  return files;
}

it('keeps names, contents and the label', () => {
  const long = 'x'.repeat(5000);
  const image = writeIso(
    'cidata',
    new Map([
      ['user-data', Buffer.from('#cloud-config\n')],
      ['meta-data', Buffer.from(long)],
      ['empty', Buffer.alloc(0)],
    ]),
  );
  expect(image.length % 2048).toBe(0);
  expect(image.toString('latin1', 32808, 32814)).toBe('cidata');
  expect(Object.fromEntries(readJoliet(image))).toEqual({
    'user-data': '#cloud-config\n',
    'meta-data': long,
    empty: '',
  });
});

it('holds a hundred files, across sectors of the directory', () => {
  const files = new Map(
    Array.from({ length: 100 }, (_, index) => [`portlight-${index}`, Buffer.from(String(index))]),
  );
  const read = readJoliet(writeIso('cidata', files));
  expect(read.size).toBe(100);
  expect(read.get('portlight-77')).toBe('77');
});

it('says when a name or the number of files is too much', () => {
  expect(() => writeIso('x', new Map([['n'.repeat(65), Buffer.alloc(0)]]))).toThrow('too long a name');
  const many = new Map(Array.from({ length: 500 }, (_, index) => [`file-${index}`, Buffer.alloc(0)]));
  expect(() => writeIso('x', many)).toThrow('too many files');
});
