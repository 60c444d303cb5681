import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Order } from '../api/control';
import type { Load, Sent } from '../api/generator';
import type { ApiProcessOptions, ApiProcessReady } from '../api/main';
import type { Counters } from '../api/request';

export const BENCH_SEED = 20_261_122;
export const CLUSTER = 'bench';

/** The API of a measurement in a process of its own. */
export interface ApiProcess extends ApiProcessReady {
  pid: number;
  options: ApiProcessOptions;
  /** Of the user that may do everything; a file, and one more for `bench-one`. */
  kubeconfig: string;
  kubeconfigOne: string;
  load(load: Load): Promise<void>;
  drop(): Promise<void>;
  expire(): Promise<void>;
  restart(ms: number): Promise<void>;
  count(): Promise<Counters & { made: number; version: number }>;
  sent(): Promise<Sent[]>;
  stop(): Promise<void>;
}

/** Starts it and waits until it answers. By default every version is serialised once (`kept`), over TLS as in any cluster. */
export async function startApi(wanted: Partial<ApiProcessOptions> & { vms: number }): Promise<ApiProcess> {
  const options: ApiProcessOptions = { seed: BENCH_SEED, serialise: 'kept', tls: true, ...wanted };
  const child = spawn(
    process.execPath,
    ['--max-old-space-size=8192', 'tools/run.mjs', 'bench/api/main.ts', JSON.stringify(options)],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  );
  const ready = await new Promise<ApiProcessReady>((resolve, reject) => {
    child.once('message', (message) => resolve(message as ApiProcessReady));
    child.once('exit', (code) => reject(new Error(`The measurement's API ended with ${code}`)));
  });
  const directory = mkdtempSync(path.join(tmpdir(), 'portlight-bench-'));
  const write = (user: string) => writeKubeconfig(path.join(directory, user), ready, user);
  const order = async (what: Order) => {
    const answer = await fetch(ready.control, { method: 'POST', body: JSON.stringify(what) });
    if (!answer.ok) throw new Error(`The measurement's API could not ${what.do}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    ...ready,
    pid: child.pid ?? 0,
    options,
    kubeconfig: write('bench-admin'),
    kubeconfigOne: write('bench-one'),
    load: (load) => order({ do: 'load', load }).then(() => {}),
    drop: () => order({ do: 'drop' }).then(() => {}),
    expire: () => order({ do: 'expire' }).then(() => {}),
    restart: (ms) => order({ do: 'restart', ms }).then(() => {}),
    count: () => order({ do: 'count' }) as Promise<Counters & { made: number; version: number }>,
    sent: () => order({ do: 'sent' }) as Promise<Sent[]>,
    async stop() {
      rmSync(directory, { recursive: true, force: true });
      await ended(child);
    },
  };
}

export function writeKubeconfig(file: string, api: ApiProcessReady, user: string): string {
  const token = api.users.find(({ name }) => name === user)?.token;
  const ca = api.ca ? { 'certificate-authority-data': Buffer.from(api.ca).toString('base64') } : {};
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CLUSTER,
    clusters: [{ name: CLUSTER, cluster: { server: api.url, ...ca } }],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: CLUSTER, context: { cluster: CLUSTER, user } }],
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

/** Ends a process and waits for it. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
