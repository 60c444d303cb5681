import { Agent, fetch } from 'undici';
import type { KubeObject } from '../objects';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../server';
import { type Cluster, createCluster } from '../store';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** Of every shape; undefined when the answer is no JSON. */
  body: ReturnType<JSON['parse']>;
}

export interface AskOptions {
  user?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A server in memory and a client that trusts it. */
export interface TestApi {
  server: ApiServer;
  cluster: Cluster;
  agent: Agent;
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
  /** Reads a watch line by line until `enough` is true of what came so far, then hangs up. */
  watch(path: string, enough: (events: WatchLine[]) => boolean, options?: AskOptions): Promise<WatchLine[]>;
  close(): Promise<void>;
}

export interface WatchLine {
  type: string;
  object: KubeObject & { message?: string; rows?: unknown[]; columnDefinitions?: unknown[] };
}

export async function startTestApi(
  options: Partial<ApiServerOptions> & { historyLimit?: number } = {},
): Promise<TestApi> {
  const { historyLimit, ...rest } = options;
  const cluster =
    rest.cluster ?? createCluster({ directory: undefined, ...(historyLimit ? { historyLimit } : {}) });
  const server = await startApiServer({ cluster, ...rest });
  const agent = new Agent({ connect: { ca: server.ca } });
  const request = (
    method: string,
    path: string,
    { user = 'admin', body, headers = {} }: AskOptions,
    signal?: AbortSignal,
  ) => {
    const token = server.tokens[user] ?? user;
    const sent = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    return fetch(server.url + path, {
      method,
      dispatcher: agent,
      headers: {
        ...(user === 'anonymous' ? {} : { authorization: `Bearer ${token}` }),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
      ...(signal ? { signal } : {}),
    });
  };
  return {
    server,
    cluster,
    agent,
    async ask(method, path, askOptions = {}) {
      const response = await request(method, path, askOptions);
      const text = await response.text();
      const json = response.headers.get('content-type')?.startsWith('application/json') && text !== '';
      return {
        status: response.status,
        headers: response.headers as unknown as Headers,
        text,
        body: json ? JSON.parse(text) : undefined,
      };
    },
    async watch(path, enough, askOptions = {}) {
      const aborter = new AbortController();
      const response = await request('GET', path, askOptions, aborter.signal);
      const events: WatchLine[] = [];
      let rest = '';
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) {
        rest += decoder.decode(chunk as Uint8Array, { stream: true });
        const lines = rest.split('\n');
        rest = lines.pop() ?? '';
        events.push(...lines.map((line) => JSON.parse(line) as WatchLine));
        if (enough(events)) break;
      }
      aborter.abort();
      return events;
    },
    async close() {
      await agent.destroy();
      await server.close();
      cluster.close();
    },
  };
}

/** A VirtualMachine that no admission would complain about. */
export function vmManifest(name: string, more: { metadata?: object; spec?: object } = {}): object {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, ...more.metadata },
    spec: { runStrategy: 'Halted', template: { spec: { domain: { devices: {} } } }, ...more.spec },
  };
}
