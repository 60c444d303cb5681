import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { plainMethods } from '@/lib/auth/sign-in-method';
import type { ServerMessage } from '@/lib/inventory/protocol';
import { PortlightServer } from './portlight-server';
import { FakeCluster } from './testing/fake-cluster';

/** The namespaces in which each token's user may list VMs and VMIs; `*` is all. */
const RIGHTS: Record<string, string> = { ada: '*', bob: 'n1', cyd: 'n2' };
const NAMESPACES = ['n1', 'n2', 'n3'];
const QUERY = { namespaces: [], text: '', sort: { column: 'name', descending: false } };

let folder: string;
let fake: FakeCluster;
let server: PortlightServer;
let host: string;
let sockets: WebSocket[];

beforeAll(async () => {
  fake = await FakeCluster.start();
  folder = mkdtempSync(path.join(tmpdir(), 'shared-lists-'));
  writeFileSync(path.join(folder, 'token'), 'reader');
  writeFileSync(
    path.join(folder, 'portlight.yaml'),
    `clusters: [{name: fake, kubeconfig: ${fake.kubeconfig}, signIn: [{kind: token}], reader: {tokenFile: token}}]\n`,
  );
  fake.answer = answer;
});
beforeEach(async () => {
  fake.seen.length = 0;
  sockets = [];
  const directory = await ClusterDirectory.open([], {
    config: path.join(folder, 'portlight.yaml'),
    signIn: plainMethods(['token']),
  });
  server = new PortlightServer({ directory, hosts: { names: [], remote: false } });
  host = `127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
});
afterEach(async () => {
  for (const socket of sockets) socket.terminate();
  await server.close(500);
});
afterAll(async () => {
  await fake.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tokenOf = ({ headers }: IncomingMessage) => (headers.authorization ?? '').replace('Bearer ', '');

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '/', fake.url);
  const rights = tokenOf(request) === 'reader' ? '*' : (RIGHTS[tokenOf(request)] ?? '');
  if (pathname.endsWith('selfsubjectaccessreviews')) {
    void readText(request).then((text) => {
      const { namespace } = JSON.parse(text).spec.resourceAttributes as { namespace?: string };
      response.end(JSON.stringify({ status: { allowed: rights === '*' || rights === namespace } }));
    });
  } else if (pathname.endsWith('selfsubjectreviews')) {
    response.end(JSON.stringify({ status: { userInfo: { username: tokenOf(request) } } }));
  } else if (rights !== '*') {
    response.statusCode = 403;
    response.end(JSON.stringify({ kind: 'Status', code: 403, reason: 'Forbidden', message: 'no' }));
  } else if (searchParams.has('watch')) response.flushHeaders();
  else {
    const items = pathname.endsWith('/virtualmachines') ? NAMESPACES.map(vm) : [];
    response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '5' }, items }));
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const vm = (namespace: string) => ({
  apiVersion: 'kubevirt.io/v1',
  kind: 'VirtualMachine',
  metadata: {
    name: `vm-${namespace}`,
    namespace,
    uid: `uid-${namespace}`,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } } },
});

/** The names of the VMs that a viewer of their own is shown. */
async function look(token: string): Promise<string[]> {
  const socket = new WebSocket(`ws://${host}/api/live`, {
    headers: { origin: `http://${host}`, authorization: `Bearer ${token}` },
  });
  sockets.push(socket);
  const messages: ServerMessage[] = [];
  socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage));
  await once(socket, 'open');
  const subscription = { kind: 'vms', query: QUERY };
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', cluster: 'fake', subscription }));
  return vi.waitFor(
    () => {
      const rows = messages.find((message) => message.type === 'vms');
      const feed = messages.findLast((message) => message.type === 'feed');
      expect(feed?.feed.state).toBe('live');
      return (rows?.rows ?? []).map(({ name }) => name);
    },
    { timeout: 10_000 },
  );
}

/** How often each list and watch was asked for, and by whom. */
function asked(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const request of fake.seen.filter(({ method }) => method === 'GET')) {
    const { pathname, searchParams } = new URL(request.url ?? '/', fake.url);
    if (!pathname.endsWith('s') || searchParams.get('limit') === '1') continue;
    const verb = searchParams.has('watch') ? 'watch' : 'list';
    const what = `${tokenOf(request)} ${verb} ${pathname.replace(/^\/apis\/[^/]+\/[^/]+\//, '')}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}

it.each([1, 10, 100])(
  'lists and watches once for %i viewers of three users, each with their own rows',
  async (viewers) => {
    const tokens = Object.keys(RIGHTS);
    const shown = await Promise.all(
      Array.from({ length: viewers }, (_, place) => look(tokens[place % tokens.length] ?? '')),
    );
    for (const [place, names] of shown.entries()) {
      const own = RIGHTS[tokens[place % tokens.length] ?? ''];
      expect(names).toEqual(
        NAMESPACES.filter((name) => own === '*' || own === name).map((name) => `vm-${name}`),
      );
    }
    await vi.waitFor(() =>
      expect(asked()).toEqual({
        'reader list virtualmachines': 1,
        'reader list virtualmachineinstances': 1,
        'reader list pods': 1,
        'reader watch virtualmachines': 1,
        'reader watch virtualmachineinstances': 1,
      }),
    );
  },
);

it('sends the reader’s token with nothing else, whatever a viewer asks for', async () => {
  await look('ada');
  const headers = { authorization: 'Bearer bob' };
  const object = '/apis/kubevirt.io/v1/namespaces/n2/virtualmachines/vm-n2';
  for (const where of [object, '/apis/kubevirt.io/v1/virtualmachines', '/api/v1/secrets']) {
    const { status } = await fetch(`http://${host}/api/k8s/fake${where}`, { headers });
    expect(status).toBe(403);
  }
  const byReader = fake.seen.filter((request) => tokenOf(request) === 'reader');
  expect(byReader.length).toBeGreaterThan(3);
  for (const { method, url } of byReader) {
    expect([method, url]).toEqual([
      'GET',
      expect.stringMatching(
        /^\/apis\/(kubevirt\.io\/v1\/virtualmachine(instance)?s|metrics\.k8s\.io\/v1beta1\/pods)\?/,
      ),
    ]);
  }
});
