import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { moduleInfo, neededLibraries, setuidLauncher } from './elf';

const onLinuxAmd64 = process.platform === 'linux' && process.arch === 'x64';

describe.runIf(onLinuxAmd64)('ELF files', () => {
  it('names the libraries that a program loads', () => {
    expect(neededLibraries(readFileSync(process.execPath))).toContain('libc.so.6');
  });

  it('runs a script with its arguments and environment through the launcher', () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'launcher-'));
    try {
      const script = path.join(directory, 'script');
      const launcher = path.join(directory, 'launcher');
      writeFileSync(script, '#!/bin/sh\necho "$GREETING $# $2"\n', { mode: 0o755 });
      writeFileSync(launcher, setuidLauncher(script), { mode: 0o755 });
      const printed = execFileSync(launcher, ['one', 'two words'], {
        env: { ...process.env, GREETING: 'hello' },
        encoding: 'utf8',
      });
      expect(printed).toBe('hello 2 two words\n');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

it('refuses what is no ELF file', () => {
  expect(() => neededLibraries(Buffer.alloc(100))).toThrow('not a 64-bit little-endian ELF file');
  expect(() => moduleInfo(Buffer.from('#!/bin/sh'))).toThrow('not a 64-bit little-endian ELF file');
});
