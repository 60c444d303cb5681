import { execFile, spawn } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { smallVm, VMS } from './manifests/vm';
import { expect, test } from './support/test';

const run = promisify(execFile);
// The proxy has the credentials: kubectl comes with none.
const environment = { ...process.env, KUBECONFIG: '/dev/null' };

test('carries kubectl, watches included, without credentials of its own', async ({
  baseURL,
  cluster,
  namespace,
}) => {
  const server = `--server=${baseURL}/api/k8s/${cluster.name}`;
  const { stdout } = await run('kubectl', [server, 'get', 'nodes', '-o', 'name'], { env: environment });
  expect(stdout).toBe(await cluster.kubectl('get', 'nodes', '-o', 'name'));

  const watching = spawn('kubectl', [server, '-n', namespace, 'get', 'vm', '-w', '-o', 'name'], {
    env: environment,
  });
  let seen = '';
  watching.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString();
  });
  try {
    await cluster.create(VMS(namespace), smallVm(namespace, 'watched', { runStrategy: 'Halted' }));
    await expect.poll(() => seen).toContain('virtualmachine.kubevirt.io/watched');
  } finally {
    watching.kill();
  }
});

/** The status of a request whose path and headers go out exactly as given; a browser would tidy them. */
function ask(
  origin: string,
  path: string,
  options: { method?: string; headers?: Record<string, string> } = {},
) {
  const { hostname, port } = new URL(origin);
  return new Promise<number>((resolve, reject) => {
    const asked = request({ hostname, port, path, ...options }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('refuses other origins, other hosts, and paths that leave the API', async ({ baseURL, cluster }) => {
  const origin = baseURL ?? '';
  const api = `/api/k8s/${cluster.name}`;
  const list = `${api}/api/v1/namespaces`;
  expect(await ask(origin, list)).toBe(200);
  expect(await ask(origin, list, { headers: { origin: 'http://elsewhere.example' } })).toBe(403);
  expect(await ask(origin, list, { headers: { host: 'elsewhere.example' } })).toBe(403);
  expect(await ask(origin, list, { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403);
  expect(await ask(origin, `${api}/api/../../metrics`)).toBe(400);
  expect(await ask(origin, `${api}/api/%2e%2e/v1`)).toBe(400);
  expect(await ask(origin, '/api/k8s/no-such-cluster/api')).toBe(404);
});
