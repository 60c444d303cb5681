import { spawn } from 'node:child_process';
import path from 'node:path';
import { CLUSTER, ended } from './api-process';
import { openLive } from './live-viewer';

const SYNC_DEADLINE_MS = 240_000;

/** The built console in a process of its own, as `npm start` runs it. */
export interface ConsoleProcess {
  url: string;
  pid: number;
  /** From the start of the process until it said that it is ready. */
  readyMs: number;
  /** A gauge or counter of /metrics; NaN when there is none of that name. */
  metric(name: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startConsole(kubeconfig: string, args: string[] = []): Promise<ConsoleProcess> {
  const from = performance.now();
  const child = spawn(
    process.execPath,
    [path.resolve('dist/server.mjs'), '--kubeconfig', kubeconfig, '--port', '0', ...args],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1', PORT: '', HOST: '' },
    },
  );
  const url = await new Promise<string>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { url: string }).url));
    child.once('exit', (code) => reject(new Error(`The console ended with ${code} before it was ready`)));
  });
  const readyMs = performance.now() - from;
  return {
    url,
    pid: child.pid ?? 0,
    readyMs,
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return line ? Number(line.slice(name.length + 1)) : Number.NaN;
    },
    stop: () => ended(child),
  };
}

/** Resolves when the console knows all VMs: a viewer sees so many, live. */
export async function untilSynced(url: string, vms: number): Promise<void> {
  const viewer = await openLive(url, CLUSTER);
  await viewer.until(
    () => viewer.total === vms && viewer.feed === 'live',
    SYNC_DEADLINE_MS,
    () => `${viewer.total} of ${vms} VMs, ${viewer.feed}`,
  );
  viewer.close();
}
