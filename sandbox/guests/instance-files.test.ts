import { mkdtemp, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSparseFile } from './instance-files';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'instance-files-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

it('makes a file as long as asked for, without filling it, and leaves one that is there alone', async () => {
  const file = await makeSparseFile(path.join(directory, 'disks', 'a.img'), 2 ** 30);
  expect(await stat(file)).toMatchObject({ size: 2 ** 30, blocks: 0 });
  await writeFile(file, 'kept');
  await makeSparseFile(file, 2 ** 30);
  expect(await stat(file)).toMatchObject({ size: 4 });
});

it('rounds a part of a byte up', async () => {
  expect(await stat(await makeSparseFile(path.join(directory, 'a.img'), 3.7))).toMatchObject({ size: 4 });
});

it('leaves neither a file nor an open descriptor behind when none can be that long', async () => {
  const file = path.join(directory, 'a.img');
  await expect(makeSparseFile(file, 1e21)).rejects.toThrow();
  expect(await readdir(directory)).toEqual([]);
  const open = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  expect(open.filter((target) => target.startsWith(directory))).toEqual([]);
});
