import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import path from 'node:path';
import { parse } from 'yaml';
import { descendants } from './processes';

/** One answer, read to its end: when its first byte came, when its last one, and how many there were. */
export interface Timed {
  firstMs: number;
  totalMs: number;
  bytes: number;
}

export interface SandboxProcess {
  /** Of the process that does the work. */
  pid: number;
  startSeconds: number;
  /** Everything it has said. */
  said: () => string;
  /** Reads an answer and keeps nothing of it. */
  time(where: string, headers?: Record<string, string>): Promise<Timed>;
  read(method: string, where: string, body?: unknown): Promise<{ status: number; text: string }>;
  /** Calls back with each line of a watch. */
  watch(where: string, onLine: (line: string) => void): () => void;
  stop(): Promise<void>;
}

/** Starts the built sandbox with these arguments, in a directory of its own, and waits until it answers. */
export async function startSandbox(name: string, args: string[]): Promise<SandboxProcess> {
  const directory = path.resolve('.cache/bench', name);
  rmSync(directory, { recursive: true, force: true });
  const started = performance.now();
  let log = '';
  const child = spawn(
    process.execPath,
    [path.resolve('dist/sandbox.mjs'), '--directory', directory, '--port', '0', '--with-parent', ...args],
    { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
  );
  child.stdout?.on('data', (chunk) => {
    log += String(chunk);
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`The sandbox did not start (${code}): ${log}`)));
  });
  const startSeconds = (performance.now() - started) / 1000;
  const { url, ca, token } = readKubeconfig(path.join(directory, 'kubeconfig'));
  const client = new Client(url, ca, token);
  return {
    // It starts itself again when it needs a larger heap.
    pid: descendants(child.pid ?? 0, 'node')[0] ?? child.pid ?? 0,
    startSeconds,
    said: () => log,
    time: (where, headers) => client.time(where, headers),
    read: (method, where, body) => client.read(method, where, body),
    watch: (where, onLine) => client.watch(where, onLine),
    async stop() {
      client.close();
      await ended(child);
    },
  };
}

class Client {
  private readonly agent: Agent;

  constructor(
    private readonly url: string,
    ca: Buffer,
    private readonly token: string,
  ) {
    this.agent = new Agent({ ca, keepAlive: true });
  }

  close(): void {
    this.agent.destroy();
  }

  time(where: string, headers: Record<string, string> = {}): Promise<Timed> {
    const from = performance.now();
    return new Promise((resolve, reject) => {
      const call = this.call('GET', where, headers);
      call.on('error', reject).on('response', (response) => {
        let firstMs = 0;
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          firstMs ||= performance.now() - from;
          bytes += chunk.length;
        });
        response.on('end', () => resolve({ firstMs, totalMs: performance.now() - from, bytes }));
        response.on('error', reject);
      });
      call.end();
    });
  }

  read(method: string, where: string, body?: unknown): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
      const call = this.call(method, where, body === undefined ? {} : { 'content-type': type });
      call.on('error', reject).on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
        );
        response.on('error', reject);
      });
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  watch(where: string, onLine: (line: string) => void): () => void {
    const call = this.call('GET', where, {});
    call.on('error', () => {});
    call.on('response', (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) onLine(line);
      });
      response.on('error', () => {});
    });
    call.end();
    return () => call.destroy();
  }

  private call(method: string, where: string, headers: Record<string, string>) {
    const authorization = `Bearer ${this.token}`;
    return request(this.url + where, { method, agent: this.agent, headers: { authorization, ...headers } });
  }
}

function readKubeconfig(file: string): { url: string; ca: Buffer; token: string } {
  // Written by the sandbox: its first user is the administrator.
  const { clusters, users } = parse(readFileSync(file, 'utf8')) as {
    clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
    users: { user: { token: string } }[];
  };
  const [cluster] = clusters;
  if (!cluster) throw new Error(`${file} names no cluster`);
  const ca = Buffer.from(cluster.cluster['certificate-authority-data'], 'base64');
  return { url: cluster.cluster.server, ca, token: users[0]?.user.token ?? '' };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}
