import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import { createWebSocketStream, WebSocket } from 'ws';
import { Typist } from './guests/testing';
import { ClusterProcess } from './soak/cluster-process';
import type { Answer } from './testing';

const START_MS = 120_000;
const LOOK_MS = 100;

/** A sandbox with real guests in a process of its own, so that it can be killed and started anew on the same state. */
export class SandboxProcess {
  private constructor(
    private running: ClusterProcess,
    private agent: Agent,
  ) {}

  static async start(): Promise<SandboxProcess> {
    const running = await ClusterProcess.start(complain, { guests: true });
    return new SandboxProcess(running, agentFor(running));
  }

  get directory(): string {
    return this.running.directory;
  }

  /** Ends the process as a crash would: nothing is told, guests go on. */
  async kill(): Promise<void> {
    await this.agent.destroy();
    await this.running.kill();
  }

  async startAgain(): Promise<void> {
    this.running = await ClusterProcess.start(complain, { guests: true, directory: this.directory });
    this.agent = agentFor(this.running);
  }

  async close(): Promise<void> {
    await this.agent.destroy();
    await this.running.close();
  }

  get url(): string {
    return this.running.url;
  }

  get dialOptions(): { ca: string; headers: Record<string, string> } {
    return { ca: this.running.ca, headers: { authorization: `Bearer ${this.running.token}` } };
  }

  async ask(method: string, where: string, body?: unknown): Promise<Answer> {
    const { url, token } = this.running;
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const response = await fetch(url + where, {
      method,
      dispatcher: this.agent,
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

function agentFor({ ca }: ClusterProcess): Agent {
  return new Agent({ connect: { ca } });
}

function complain(text: string): void {
  process.stderr.write(text);
}
