import { describe, expect, it } from 'vitest';
import { readTar } from './tar';
import { makeTar } from './testing';

async function* inChunks(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Buffer, chunk: number) {
  const entries: { path: string; type: string; target: string; text: string }[] = [];
  for await (const { path, type, target, body } of readTar(inChunks(bytes, chunk))) {
    const parts: Buffer[] = [];
    for await (const part of body) parts.push(part);
    entries.push({ path, type, target, text: Buffer.concat(parts).toString() });
  }
  return entries;
}

const long = `deep/${'directory/'.repeat(20)}file`;
const pax = (key: string, value: string) => {
  const body = ` ${key}=${value}\n`;
  const length = body.length + 3;
  return Buffer.from(`${length}${body}`);
};

describe('readTar', () => {
  const archive = makeTar([
    { path: './', type: '5' },
    { path: './disk/', type: '5' },
    { path: './disk/disk.img', bytes: Buffer.from('x'.repeat(513)) },
    { path: 'link', type: '2', target: 'disk/disk.img' },
    { path: '././@LongLink', type: 'L', bytes: Buffer.from(`${long}\0`) },
    { path: long.slice(0, 99), bytes: Buffer.from('gnu') },
    { path: 'PaxHeader', type: 'x', bytes: pax('path', `${long}.pax`) },
    { path: 'short', bytes: Buffer.from('pax') },
  ]);
  const expected = [
    { path: '', type: 'directory', target: '', text: '' },
    { path: 'disk', type: 'directory', target: '', text: '' },
    { path: 'disk/disk.img', type: 'file', target: '', text: 'x'.repeat(513) },
    { path: 'link', type: 'symlink', target: 'disk/disk.img', text: '' },
    { path: long, type: 'file', target: '', text: 'gnu' },
    { path: `${long}.pax`, type: 'file', target: '', text: 'pax' },
  ];

  it.each([1, 511, 512, 4096, 1 << 20])('reads names, links and bytes in chunks of %i', async (chunk) => {
    expect(await readAll(archive, chunk)).toEqual(expected);
  });

  it('skips what the reader leaves unread', async () => {
    const seen: string[] = [];
    for await (const { path, body } of readTar(inChunks(archive, 100))) {
      seen.push(path);
      if (path === 'disk/disk.img') for await (const _ of body) break;
    }
    expect(seen).toEqual(expected.map(({ path }) => path));
  });

  it('refuses an archive that ends in the middle, and what is none', async () => {
    await expect(readAll(archive.subarray(0, 1700), 512)).rejects.toThrow('unexpected EOF');
    await expect(readAll(Buffer.alloc(1024, 'no tar '), 512)).rejects.toThrow('invalid tar header');
  });
});
