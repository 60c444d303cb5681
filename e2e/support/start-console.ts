import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const root = process.cwd();
const STARTUP_DEADLINE_MS = 300_000;
const STOP_DEADLINE_MS = 20_000;

/**
 * Starts the console on a sandbox of its own, as `npm start` does, and tells the specs where it is. With
 * PORTLIGHT_E2E_URL and KUBECONFIG set, the specs run against that console and cluster instead.
 */
export default async function startConsole(): Promise<() => Promise<void>> {
  if (process.env.PORTLIGHT_E2E_URL) return async () => undefined;
  const directory = path.join(root, '.cache', 'e2e', 'sandbox');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const child = spawn(process.execPath, ['tools/start.mjs', '--sandbox', '--port', String(port)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PORTLIGHT_SANDBOX_DIRECTORY: directory, KUBECONFIG: '' },
  });
  child.stdout?.on('data', (chunk: Buffer) => process.stdout.write(chunk));
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child);
  process.env.PORTLIGHT_E2E_URL = url;
  process.env.PORTLIGHT_E2E_KUBECONFIG = path.join(directory, 'kubeconfig');
  process.env.PORTLIGHT_E2E_START_PID = String(child.pid);
  return () => stop(child);
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + STARTUP_DEADLINE_MS;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`the console ended with exit code ${child.exitCode} before it was ready`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline) throw new Error('the console was not ready in time');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    child.on('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill('SIGTERM');
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
