import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { PortlightServer } from '../portlight-server';
import { FakeCluster } from './fake-cluster';

export interface RawAnswer {
  status: number;
  body: string;
}

export interface Harness {
  fake: FakeCluster;
  server: PortlightServer;
  /** Name and port. */
  host: string;
  /** Where the fake cluster's API is proxied. */
  url: string;
}

/** A server of one's own for every test of a file, in front of one fake cluster. Filled in before each test. */
export function serverPerTest(): Harness {
  const harness = {} as Harness;
  beforeAll(async () => {
    harness.fake = await FakeCluster.start();
  });
  afterAll(() => harness.fake.stop());
  beforeEach(async () => {
    const directory = await ClusterDirectory.open({ kind: 'kubeconfig', files: [harness.fake.kubeconfig] });
    const hosts = { names: [], remote: false };
    harness.server = new PortlightServer({ directory, hosts, pingEveryMs: 200 });
    const { port } = await harness.server.listen(0, '127.0.0.1');
    harness.host = `127.0.0.1:${port}`;
    harness.url = `http://${harness.host}/api/k8s/fake`;
  });
  afterEach(async () => {
    await harness.server.close(500);
    harness.fake.seen.length = 0;
  });
  return harness;
}

/** A request as a browser could not be made to send it: free headers, URL as it stands. */
export function send(
  host: string,
  path: string,
  headers: Record<string, string> = {},
  options: { method?: string; body?: Buffer } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const [hostname, port] = host.split(':');
    const request = httpRequest(
      { hostname, port, path, method: options.method ?? 'GET', headers, agent: false },
      (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}
