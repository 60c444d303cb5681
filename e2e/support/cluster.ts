import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Agent, fetch } from 'undici';
import { parse } from 'yaml';

interface Kubeconfig {
  'current-context': string;
  contexts: { name: string; context: { cluster: string; user: string } }[];
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { name: string; user: { token: string } }[];
}

/** What specs read of an object: everything is looked at through paths of their own. */
export interface Obj {
  metadata: {
    name: string;
    namespace?: string;
    uid: string;
    resourceVersion: string;
    deletionTimestamp?: string;
  };
  // Specs assert on fields of many kinds; unknown makes each of them say what it expects.
  [field: string]: unknown;
}

const run = promisify(execFile);
const POLL_MS = 100;

/** The second channel of every assertion: the cluster itself, past the console. */
export class Cluster {
  readonly kubeconfig: string;
  readonly name: string;
  readonly #server: string;
  readonly #token: string;
  readonly #dispatcher: Agent;

  /** @param name of the context; without it the current one. */
  constructor(kubeconfig: string, name?: string) {
    this.kubeconfig = kubeconfig;
    const config = parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig;
    this.name = name ?? config['current-context'];
    const context = config.contexts.find(({ name }) => name === this.name)?.context;
    const cluster = config.clusters.find(({ name }) => name === context?.cluster)?.cluster;
    const user = config.users.find(({ name }) => name === context?.user)?.user;
    if (!cluster || !user) throw new Error(`no usable current context in ${kubeconfig}`);
    this.#server = cluster.server;
    this.#token = user.token;
    this.#dispatcher = new Agent({
      connect: { ca: Buffer.from(cluster['certificate-authority-data'], 'base64').toString() },
    });
  }

  /** The bearer token of a user of the kubeconfig. */
  tokenOf(user: string): string {
    const config = parse(readFileSync(this.kubeconfig, 'utf8')) as Kubeconfig;
    const found = config.users.find(({ name }) => name === user)?.user.token;
    if (!found) throw new Error(`the kubeconfig has no token of ${user}`);
    return found;
  }

  call(method: string, path: string, body?: unknown, contentType = 'application/json') {
    return this.callAs(this.#token, method, path, body, contentType);
  }

  /** The same with somebody else's bearer token. */
  async callAs(
    token: string,
    method: string,
    path: string,
    body?: unknown,
    contentType = 'application/json',
  ) {
    const response = await fetch(this.#server + path, {
      method,
      dispatcher: this.#dispatcher,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, text, json: () => JSON.parse(text) as Obj };
  }

  async get(path: string): Promise<Obj | undefined> {
    const answer = await this.call('GET', path);
    if (answer.status === 404) return undefined;
    if (answer.status >= 300) throw new Error(`GET ${path}: ${answer.status} ${answer.text}`);
    return answer.json();
  }

  /** The items of a list, asserted to be what the spec says they are. */
  async list<T>(path: string): Promise<T[]> {
    const list = await this.get(path);
    return (list?.items ?? []) as T[];
  }

  async create(path: string, object: unknown): Promise<Obj> {
    const answer = await this.call('POST', path, object);
    if (answer.status >= 300) throw new Error(`POST ${path}: ${answer.status} ${answer.text}`);
    return answer.json();
  }

  vm(namespace: string, name: string): Promise<Obj | undefined> {
    return this.get(`/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines/${name}`);
  }

  vmi(namespace: string, name: string): Promise<Obj | undefined> {
    return this.get(`/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachineinstances/${name}`);
  }

  async printableStatus(namespace: string, name: string): Promise<string | undefined> {
    const vm = await this.vm(namespace, name);
    return (vm?.status as { printableStatus?: string } | undefined)?.printableStatus;
  }

  /** Asks again until `read` gives something truthy; the spec's own timeout ends it. */
  async until<T>(what: string, read: () => Promise<T | undefined | false>, timeoutMs = 120_000): Promise<T> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const found = await read();
      if (found) return found;
      if (Date.now() > deadline) throw new Error(`did not come true: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Applies a file as an administrator would who was given its text. */
  async apply(yaml: string): Promise<void> {
    const folder = mkdtempSync(path.join(tmpdir(), 'portlight-apply-'));
    const file = path.join(folder, 'objects.yaml');
    writeFileSync(file, yaml);
    await this.kubectl('apply', '-f', file);
    rmSync(folder, { recursive: true });
  }

  async kubectl(...args: string[]): Promise<string> {
    const { stdout } = await run('kubectl', ['--kubeconfig', this.kubeconfig, ...args]);
    return stdout;
  }
}
