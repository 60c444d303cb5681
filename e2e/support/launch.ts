import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const STARTUP_DEADLINE_MS = 300_000;
const STOP_DEADLINE_MS = 20_000;
const POLL_MS = 200;

export interface LaunchedConsole {
  url: string;
  kubeconfig: string;
  process: ChildProcess;
  /** Everything it printed so far. */
  output: () => string;
  stop: () => Promise<number | null>;
}

/** Starts the console on a sandbox of its own in `directory`, as `npm start` does, and waits until it serves. */
export async function launchConsole(
  directory: string,
  env: Record<string, string> = {},
  args: string[] = [],
): Promise<LaunchedConsole> {
  mkdirSync(directory, { recursive: true });
  const launched = await launch(['--sandbox', ...args], {
    PORTLIGHT_SANDBOX_DIRECTORY: directory,
    KUBECONFIG: '',
    ...env,
  });
  return { ...launched, kubeconfig: path.join(directory, 'kubeconfig') };
}

/**
 * Starts one more console on a cluster that runs already, e.g. one where people sign in (`--sign-in token`), and waits
 * until it serves.
 */
export async function launchConsoleOn(
  kubeconfig: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<LaunchedConsole> {
  const launched = await launch(['--kubeconfig', kubeconfig, ...args], env);
  return { ...launched, kubeconfig };
}

async function launch(
  args: string[],
  env: Record<string, string>,
): Promise<Omit<LaunchedConsole, 'kubeconfig'>> {
  const named = args.indexOf('--port');
  const port = named < 0 ? await freePort() : Number(args[named + 1]);
  const child = spawn(process.execPath, ['tools/start.mjs', '--port', String(port), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let printed = '';
  const keep = (chunk: Buffer) => {
    printed += chunk.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const url = `http://127.0.0.1:${port}`;
  const output = () => printed;
  await untilReady(url, child, output);
  return { url, process: child, output, stop: () => stop(child) };
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + STARTUP_DEADLINE_MS;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`the console ended with ${child.exitCode} before it was ready:\n${output()}`);
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > deadline) {
      child.kill('SIGTERM');
      throw new Error(`the console was not ready in time:\n${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function stop(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve(child.exitCode);
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    child.on('exit', (code) => {
      clearTimeout(kill);
      resolve(code);
    });
    child.kill('SIGTERM');
  });
}

/** A port that nothing listens on at this moment. */
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
