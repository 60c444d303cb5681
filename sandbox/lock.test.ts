import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { LockedError, lockDirectory } from './lock';

const directory = mkdtempSync(path.join(tmpdir(), 'portlight-lock-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('keeps a second sandbox out until the first gives the directory back', () => {
  const unlock = lockDirectory(directory);
  expect(() => lockDirectory(directory)).toThrow(LockedError);
  unlock();
  lockDirectory(directory)();
});

it('takes over from a process that is gone, or whose number somebody else has by now', () => {
  const holders = [{ pid: 2 ** 22 + 1, started: '1' }, { pid: process.pid, started: 'another life' }, 'torn'];
  for (const holder of holders) {
    writeFileSync(path.join(directory, 'lock'), JSON.stringify(holder));
    lockDirectory(directory)();
  }
});
