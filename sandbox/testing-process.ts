import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { createWebSocketStream, WebSocket } from 'ws';
import { parse } from 'yaml';
import { Typist } from './guests/testing';
import type { Answer } from './testing';

const START_MS = 120_000;
const LOOK_MS = 100;

interface KubeConfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { name: string; user: { token?: string } }[];
}

/** A sandbox with real guests in a process of its own, so that it can be killed and started anew on the same state. */
export class SandboxProcess {
  private constructor(
    readonly directory: string,
    private child: ReturnType<typeof fork>,
    private access: { url: string; ca: string; token: string; agent: Agent },
  ) {}

  static async start(): Promise<SandboxProcess> {
    const directory = await mkdtemp(path.join(tmpdir(), 'portlight-process-'));
    const { child, access } = await run(directory);
    return new SandboxProcess(directory, child, access);
  }

  /** Ends the process as a crash would: nothing is told, guests go on. */
  async kill(): Promise<void> {
    await this.access.agent.destroy();
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }

  async startAgain(): Promise<void> {
    const { child, access } = await run(this.directory);
    this.child = child;
    this.access = access;
  }

  async close(): Promise<void> {
    await this.access.agent.destroy();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'exit');
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  get url(): string {
    return this.access.url;
  }

  get dialOptions(): { ca: string; headers: Record<string, string> } {
    return { ca: this.access.ca, headers: { authorization: `Bearer ${this.access.token}` } };
  }

  async ask(method: string, where: string, body?: unknown): Promise<Answer> {
    const { url, token, agent } = this.access;
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(url + where, {
      method,
      dispatcher: agent,
      headers: { authorization: `Bearer ${token}`, 'content-type': contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const answered = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      text,
      contentType: answered,
      body: answered.includes('json') ? JSON.parse(text) : undefined,
    };
  }

  /** What a guest answers to `GET /` over a stream of the API, with the frames of port-forward around it. */
  async httpOver(where: string, protocols: string[]): Promise<string> {
    const socket = new WebSocket(this.url.replace('http', 'ws') + where, protocols, this.dialOptions);
    let heard = '';
    socket.on('message', (part: Buffer) => {
      heard += part.toString('latin1');
    });
    await once(socket, 'open');
    const request = Buffer.from('GET / HTTP/1.0\r\n\r\n');
    // Channel 0 is the data of the first port.
    const framed = protocols[0]?.includes('channel') ? Buffer.concat([Buffer.from([0]), request]) : request;
    socket.send(framed);
    await once(socket, 'close');
    return heard;
  }

  /** Somebody at the serial console of a VM, as soon as there is one: a sandbox that starts again has to find it first. */
  async typistAt(namespace: string, name: string): Promise<Typist> {
    const where = `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}/console`;
    const deadline = Date.now() + START_MS;
    for (;;) {
      const address = this.url.replace('http', 'ws') + where;
      const socket = new WebSocket(address, ['plain.kubevirt.io'], this.dialOptions);
      const line = createWebSocketStream(socket);
      const typist = new Typist({ openSerial: () => line });
      const open = await once(socket, 'open').then(
        () => true,
        () => false,
      );
      if (open) return typist;
      if (Date.now() > deadline) throw new Error(`The console of ${namespace}/${name} does not open.`);
      await delay(LOOK_MS);
    }
  }
}

async function run(directory: string) {
  const child = fork(
    'tools/run.mjs',
    ['sandbox/main.ts', '--directory', directory, '--empty', '--port', '0', '--with-parent'],
    {
      env: { ...process.env, PORTLIGHT_SANDBOX_GUESTS: 'on', PORTLIGHT_SANDBOX_REGISTRIES: 'loopback' },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  );
  const signal = AbortSignal.timeout(START_MS);
  const ended = once(child, 'exit', { signal }).then(() => {
    throw new Error('the sandbox ended before it was ready');
  });
  const [{ url, kubeconfig }] = await Promise.race([once(child, 'message', { signal }), ended]);
  ended.catch(() => {});
  const config = parse(readFileSync(kubeconfig, 'utf8')) as KubeConfig;
  const encoded = config.clusters[0]?.cluster['certificate-authority-data'] ?? '';
  const ca = Buffer.from(encoded, 'base64').toString();
  const token = config.users.find(({ name }) => name === 'sandbox')?.user.token ?? '';
  return { child, access: { url: String(url), ca, token, agent: new Agent({ connect: { ca } }) } };
}
