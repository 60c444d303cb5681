import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, fetch } from 'undici';
import type { OpenIdOptions } from './api/access/openid-options';
import type { KubeObject } from './api/objects';
import { type Sandbox, startSandbox } from './sandbox';
import type { ScaleOptions } from './scale/generated-cluster';

const DEADLINE_MS = 20_000;
const LOOK_MS = 20;
const KUBEVIRT = '/apis/kubevirt.io/v1/namespaces';
const SUBRESOURCES = '/apis/subresources.kubevirt.io/v1/namespaces';

export interface Answer {
  status: number;
  text: string;
  contentType: string;
  headers?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
  body: any;
}

interface TestOptions {
  /** Real guests; without it machines are mere states. */
  guests: boolean;
  machines: boolean;
  control: boolean;
  kubevirtOnly: boolean;
  /** A generated cluster. */
  scale?: ScaleOptions;
  /** People beyond the sandbox's own. */
  tokenAuthFile?: string;
  openId?: OpenIdOptions;
  /** The disk of the fuller guest. */
  fullGuest?: string;
}

export interface WatchLine {
  type: string;
  object: KubeObject & { code?: number };
}

/** A sandbox in a directory of its own, asked over HTTP. Its machines are mere states unless guests are asked for. */
export class TestSandbox {
  private constructor(
    readonly directory: string,
    private sandbox: Sandbox,
    private agent: Agent,
    private readonly options: TestOptions,
  ) {}

  static async start({
    guests = false,
    machines = false,
    control = false,
    kubevirtOnly = false,
    ...rest
  }: Partial<TestOptions> = {}): Promise<TestSandbox> {
    const directory = await mkdtemp(path.join(tmpdir(), 'portlight-sandbox-'));
    const options = { guests, machines, control, kubevirtOnly, ...rest };
    const sandbox = await open(directory, options);
    return new TestSandbox(directory, sandbox, agentFor(sandbox), options);
  }

  get url(): string {
    return this.sandbox.url;
  }

  /** Ends the cluster and starts it again on the same state. */
  async restart(): Promise<void> {
    await this.end();
    this.sandbox = await open(this.directory, this.options);
    this.agent = agentFor(this.sandbox);
  }

  async close(): Promise<void> {
    await this.end();
    await rm(this.directory, { recursive: true, force: true });
  }

  async ask(method: string, where: string, body?: unknown, type = contentType(method)): Promise<Answer> {
    const response = await fetch(this.sandbox.url + where, {
      method,
      dispatcher: this.agent,
      headers: {
        authorization: `Bearer ${this.sandbox.tokens.admin}`,
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const answered = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      text,
      contentType: answered,
      headers: Object.fromEntries(response.headers),
      body: answered.includes('json') ? JSON.parse(text) : undefined,
    };
  }

  /** Names the cluster and the sandbox's own people. */
  get kubeconfig(): string {
    return this.sandbox.kubeconfig;
  }

  /** Bearer tokens by user name. */
  get tokens(): Record<string, string> {
    return this.sandbox.tokens;
  }

  /** PEM of who vouches for the API's certificate. */
  get ca(): string {
    return this.sandbox.ca;
  }

  /** What a WebSocket to the sandbox needs. */
  get dialOptions(): { ca: string; headers: Record<string, string> } {
    return { ca: this.sandbox.ca, headers: { authorization: `Bearer ${this.sandbox.tokens.admin}` } };
  }

  /** Address and token of the control endpoint. */
  get control(): { url: string; token: string } {
    return this.sandbox.control ?? { url: '', token: '' };
  }

  /** Follows a collection until the server ends the watch. `end` rejects when the connection was cut. */
  watchToTheEnd(where: string): { open: Promise<void>; end: Promise<WatchLine[]> } {
    const response = fetch(`${this.sandbox.url}${where}${where.includes('?') ? '&' : '?'}watch=true`, {
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${this.sandbox.tokens.admin}` },
    });
    const end = response
      .then(async (answer) => await answer.text())
      .then((text) => text.split('\n').flatMap((line) => (line ? [JSON.parse(line) as WatchLine] : [])));
    end.catch(() => {});
    return { open: response.then(() => undefined), end };
  }

  /** Steers the sandbox by its control endpoint. */
  async steer(method: string, where: string, body?: object): Promise<Answer> {
    const { url, token } = this.control;
    const response = await fetch(url + where, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      contentType: 'application/json',
      headers: Object.fromEntries(response.headers),
      body: JSON.parse(text),
    };
  }

  async createNamespace(name: string): Promise<void> {
    await this.ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }

  createVm(vm: KubeObject | object, namespace: string): Promise<Answer> {
    return this.ask('POST', `${KUBEVIRT}/${namespace}/virtualmachines`, vm);
  }

  vm(namespace: string, name: string): Promise<Answer> {
    return this.ask('GET', `${KUBEVIRT}/${namespace}/virtualmachines/${name}`);
  }

  vmi(namespace: string, name: string): Promise<Answer> {
    return this.ask('GET', `${KUBEVIRT}/${namespace}/virtualmachineinstances/${name}`);
  }

  deleteVm(namespace: string, name: string, options?: object): Promise<Answer> {
    return this.ask('DELETE', `${KUBEVIRT}/${namespace}/virtualmachines/${name}`, options);
  }

  /** An action on the VM. */
  act(namespace: string, name: string, action: string, body: unknown = {}): Promise<Answer> {
    return this.ask('PUT', `${SUBRESOURCES}/${namespace}/virtualmachines/${name}/${action}`, body);
  }

  /** An action on the instance; without a method PUT. */
  actOnInstance(namespace: string, name: string, action: string, method = 'PUT'): Promise<Answer> {
    return this.ask(
      method,
      `${SUBRESOURCES}/${namespace}/virtualmachineinstances/${name}/${action}`,
      method === 'PUT' ? {} : undefined,
    );
  }

  async untilStatus(namespace: string, name: string, status: string): Promise<Answer> {
    return this.until(
      () => this.vm(namespace, name),
      ({ body }) => body?.status?.printableStatus === status,
      `${namespace}/${name} is ${status}`,
    );
  }

  /** Asks again and again until the answer is right. */
  async until(
    ask: () => Promise<Answer>,
    isRight: (answer: Answer) => boolean,
    what: string,
  ): Promise<Answer> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const answer = await ask();
      if (isRight(answer)) return answer;
      if (Date.now() > deadline)
        throw new Error(`Waited in vain until ${what}; last: ${answer.text.slice(0, 1500)}`);
      await delay(LOOK_MS);
    }
  }

  /** Follows a VM by watch and notes each new printableStatus. */
  async followStatus(namespace: string, name: string): Promise<{ seen: string[]; stop: () => void }> {
    const abort = new AbortController();
    const where = `${KUBEVIRT}/${namespace}/virtualmachines?watch=true&fieldSelector=metadata.name%3D${name}`;
    const response = await fetch(this.sandbox.url + where, {
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${this.sandbox.tokens.admin}` },
      signal: abort.signal,
    });
    const seen: string[] = [];
    void readLines(response.body, (line) => {
      const { type, object } = JSON.parse(line);
      const status = type === 'DELETED' ? 'gone' : object.status?.printableStatus;
      if (status && seen.at(-1) !== status) seen.push(status);
    });
    return { seen, stop: () => abort.abort() };
  }

  private async end(): Promise<void> {
    await this.agent.destroy();
    await this.sandbox.close();
  }
}

/** A small VM of the given run strategy. */
export function testVm(name: string, runStrategy: string, change: (spec: VmSpec) => void = () => {}): object {
  const spec: VmSpec = {
    terminationGracePeriodSeconds: 5,
    domain: {
      devices: {
        disks: [{ name: 'root', disk: { bus: 'virtio' } }],
        interfaces: [{ name: 'default', masquerade: {} }],
      },
      resources: { requests: { memory: '128Mi' } },
    },
    networks: [{ name: 'default', pod: {} }],
    volumes: [{ name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora:42' } }],
  };
  change(spec);
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name },
    spec: { runStrategy, template: { metadata: { labels: { app: name } }, spec } },
  };
}

export interface VmSpec {
  terminationGracePeriodSeconds: number;
  nodeSelector?: Record<string, string>;
  domain: {
    devices: { disks: object[]; interfaces: object[]; autoattachSerialConsole?: boolean };
    resources: { requests: { memory: string } };
  };
  networks: object[];
  volumes: object[];
}

function open(directory: string, { guests, ...options }: TestOptions): Promise<Sandbox> {
  process.env.PORTLIGHT_SANDBOX_GUESTS = guests ? 'on' : 'off';
  // A machine with a way out must give the same answers as one without.
  process.env.PORTLIGHT_SANDBOX_REGISTRIES = 'loopback';
  return startSandbox({ directory, ...options, port: 0, projectRoot: process.cwd(), log: () => {} });
}

function agentFor({ ca }: Sandbox): Agent {
  return new Agent({ connect: { ca } });
}

function contentType(method: string): string {
  return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

async function readLines(
  body: AsyncIterable<Uint8Array> | null,
  take: (line: string) => void,
): Promise<void> {
  let rest = '';
  try {
    for await (const chunk of body ?? []) {
      const lines = (rest + Buffer.from(chunk).toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line) take(line);
    }
  } catch {
    // Hung up by `stop`.
  }
}
