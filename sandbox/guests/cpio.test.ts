import { expect, it } from 'vitest';
import { writeCpio } from './cpio';

/** Reads an archive back by the format's own rules. */
function readCpio(archive: Buffer) {
  const files: { name: string; mode: number; rdev: [number, number]; content: string }[] = [];
  for (let at = 0; ; ) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const field = (index: number) =>
      Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const nameAt = at + 110;
    const name = archive.toString('utf8', nameAt, nameAt + field(11) - 1);
    const contentAt = nameAt + field(11) + ((4 - ((nameAt + field(11)) % 4)) % 4);
    if (name === 'TRAILER!!!') return files;
    const content = archive.toString('utf8', contentAt, contentAt + field(6));
    files.push({ name, mode: field(1), rdev: [field(9), field(10)], content });
    at = contentAt + field(6) + ((4 - ((contentAt + field(6)) % 4)) % 4);
  }
}

it('writes files, directories, links and devices that read back the same', () => {
  const archive = writeCpio([
    { type: 'directory', path: 'bin' },
    { type: 'file', path: 'bin/tool', content: Buffer.from('abcde'), mode: 0o4750, gid: 27 },
    { type: 'link', path: 'bin/other', target: 'tool' },
    { type: 'character-device', path: 'dev/console', major: 5, minor: 1 },
  ]);
  expect(readCpio(archive)).toEqual([
    { name: 'bin', mode: 0o040755, rdev: [0, 0], content: '' },
    { name: 'bin/tool', mode: 0o104750, rdev: [0, 0], content: 'abcde' },
    { name: 'bin/other', mode: 0o120777, rdev: [0, 0], content: 'tool' },
    { name: 'dev/console', mode: 0o020600, rdev: [5, 1], content: '' },
  ]);
});

it('gives the same bytes for the same entries', () => {
  const entries = [{ type: 'file', path: 'a', content: Buffer.from('x') }] as const;
  expect(writeCpio(entries).equals(writeCpio(entries))).toBe(true);
});
