import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createCluster } from './store';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ENOUGH = 300;

it('loses nothing that was acknowledged when the process is killed', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'killed-'));
  try {
    const writer = spawn(
      process.execPath,
      ['tools/run.mjs', 'sandbox/api/testing/journal-writer.ts', directory],
      { cwd: root },
    );
    const acknowledged: string[] = [];
    for await (const name of createInterface(writer.stdout)) {
      acknowledged.push(name);
      if (acknowledged.length === ENOUGH) writer.kill('SIGKILL');
    }
    if (writer.exitCode === null && writer.signalCode === null) await once(writer, 'exit');
    expect(writer.signalCode).toBe('SIGKILL');
    const cluster = createCluster({ directory });
    const lost = acknowledged.filter((name) => !cluster.get('configmaps', 'default', name));
    expect(acknowledged.length).toBeGreaterThanOrEqual(ENOUGH);
    expect(lost).toEqual([]);
    cluster.close();
  } finally {
    await rm(directory, { recursive: true });
  }
});
