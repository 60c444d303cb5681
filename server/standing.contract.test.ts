import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { plainMethods } from '@/lib/auth/sign-in-method';
import type { ServerMessage } from '@/lib/inventory/protocol';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { PortlightServer } from './portlight-server';
import { CookieJar } from './testing/cookie-jar';
import { FakeCluster } from './testing/fake-cluster';

const LOOK_EVERY_MS = 150;
const VNC = '/apis/subresources.kubevirt.io/v1/namespaces/dev/virtualmachineinstances/web/vnc';
const VMS = '/apis/kubevirt.io/v1/virtualmachines';
const DENIED = 'virtualmachines.kubevirt.io is forbidden: User "dana" cannot list resource';

let fake: FakeCluster;
let server: PortlightServer;
let origin: string;
/** Tokens that the cluster takes. */
let tokens: Set<string>;
/** What reviews and lists refuse, by the resource with its subresource. */
let denied: Set<string>;
const guests = new WebSocketServer({
  noServer: true,
  handleProtocols: (offered) => [...offered][0] ?? false,
});

beforeAll(async () => {
  fake = await FakeCluster.start();
  fake.answer = (request, response) => void answer(request, response);
});
afterAll(() => fake.stop());
beforeEach(async () => {
  tokens = new Set(['dana-1', 'dana-2']);
  denied = new Set();
  fake.upgrade = (request, socket, head) => {
    if (!isKnown(request))
      socket.end(`HTTP/1.1 401 Unauthorized\r\nconnection: close\r\n\r\n${UNAUTHORIZED}`);
    else guests.handleUpgrade(request, socket, head, (guest) => guest.send('login:'));
  };
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [fake.kubeconfig] },
    { signIn: plainMethods(['token']) },
  );
  const hosts = { names: [], remote: false };
  server = new PortlightServer({ directory, hosts, lookEveryMs: LOOK_EVERY_MS });
  const { port } = await server.listen(0, '127.0.0.1');
  origin = `http://127.0.0.1:${port}`;
});
afterEach(async () => {
  await server.close(500);
  fake.seen.length = 0;
});

const UNAUTHORIZED = JSON.stringify({
  kind: 'Status',
  code: 401,
  reason: 'Unauthorized',
  message: 'token is revoked',
});

const isKnown = ({ headers }: IncomingMessage) =>
  tokens.has(headers.authorization?.replace('Bearer ', '') ?? '');

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const send = (code: number, body: object | string) => {
    response.writeHead(code, { 'content-type': 'application/json' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  const { url = '' } = request;
  if (!isKnown(request)) send(401, UNAUTHORIZED);
  else if (url.endsWith('/selfsubjectreviews')) send(201, { status: { userInfo: { username: 'dana' } } });
  else if (url.endsWith('/selfsubjectaccessreviews')) {
    let text = '';
    for await (const part of request) text += part;
    const { resource, subresource } = JSON.parse(text).spec.resourceAttributes;
    send(201, { status: { allowed: !denied.has([resource, subresource].filter(Boolean).join('/')) } });
  } else if (url.includes('watch=true')) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  } else if (url.startsWith(VMS) && denied.has('virtualmachines')) {
    send(403, { kind: 'Status', code: 403, reason: 'Forbidden', message: DENIED });
  } else {
    send(200, { metadata: { resourceVersion: '1' }, items: url.startsWith(VMS) ? [vm()] : [] });
  }
}

const vm = () => ({
  metadata: { name: 'web', namespace: 'dev', uid: 'u-1', resourceVersion: '1', creationTimestamp: '' },
  spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } } },
  status: { printableStatus: 'Running' },
});

const post = (jar: CookieJar, path: string, body: object = {}) =>
  jar.fetch(`${origin}/auth/c/fake/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify(body),
  });

async function signIn(token = 'dana-1'): Promise<CookieJar> {
  const jar = new CookieJar();
  expect((await post(jar, 'token', { token })).status).toBe(200);
  return jar;
}

/** A tab that shows the VM list. */
async function openTab(jar: CookieJar) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/live`, {
    headers: { cookie: jar.header() },
    origin,
  });
  const messages: ServerMessage[] = [];
  socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage));
  await new Promise((resolve) => socket.once('open', resolve));
  const subscription = { kind: 'vms', query: DEFAULT_VM_QUERY };
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', cluster: 'fake', subscription }));
  const feed = () => messages.findLast((message) => message.type === 'feed')?.feed;
  await vi.waitFor(() => expect(feed()).toEqual({ state: 'live' }));
  return { messages, feed };
}

async function openConsole(jar: CookieJar) {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/k8s/fake${VNC}`, {
    headers: { cookie: jar.header() },
    origin,
  });
  const end = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => {
    socket.once('message', resolve);
    socket.once('error', reject);
  });
  return { end };
}

/** Resolves with the time it took until the watch was cut. */
async function openWatch(jar: CookieJar): Promise<{ cut: Promise<void> }> {
  const response = await jar.fetch(`${origin}/api/k8s/fake${VMS}?watch=true`);
  expect(response.status).toBe(200);
  const cut = response.text().then(
    () => Promise.reject(new Error('The watch came to an end as if all was well.')),
    () => undefined,
  );
  return { cut };
}

const over = (cause: string) => ({
  state: 'refused',
  error: { code: 401, reason: 'SignInNeeded', causes: [expect.objectContaining({ reason: cause })] },
});

describe('rights that are taken away', () => {
  it('empties the list, with the API’s own words', async () => {
    const tab = await openTab(await signIn());
    denied.add('virtualmachines');
    await vi.waitFor(() =>
      expect(tab.feed()).toMatchObject({ state: 'refused', error: { message: DENIED } }),
    );
    expect(fake.seen.filter(({ url }) => url?.startsWith(`${VMS}?limit=1`)).length).toBeGreaterThan(0);
  });

  it('closes the console and says what it needs, and leaves others alone', async () => {
    const jar = await signIn();
    const [tab, console] = [await openTab(jar), await openConsole(jar)];
    denied.add('virtualmachineinstances/vnc');
    expect(await console.end).toEqual({
      code: 4403,
      reason: 'Needs get on virtualmachineinstances/vnc in dev',
    });
    expect(tab.feed()).toEqual({ state: 'live' });
  });

  it('cuts a watch through the proxy', async () => {
    const watch = await openWatch(await signIn());
    denied.add('virtualmachines');
    await watch.cut;
  });

  it('changes nothing while the cluster does not answer reviews', async () => {
    const jar = await signIn();
    const [tab, console] = [await openTab(jar), await openConsole(jar)];
    const asked = () => fake.seen.filter(({ url }) => url?.endsWith('accessreviews')).length;
    const before = fake.answer;
    fake.answer = (request, response) => {
      if (!request.url?.endsWith('accessreviews')) return before(request, response);
      response.writeHead(500);
      response.end('broken');
    };
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(10));
    fake.answer = before;
    expect(tab.feed()).toEqual({ state: 'live' });
    denied.add('virtualmachineinstances/vnc');
    expect((await console.end).code).toBe(4403);
  });
});

describe('a session that ends', () => {
  it('ends everything that is open at once when its user signs out, and keeps the rows on the screen', async () => {
    await server.close(500);
    const directory = await ClusterDirectory.open(
      { kind: 'kubeconfig', files: [fake.kubeconfig] },
      { signIn: plainMethods(['token']) },
    );
    // Looks come seldom here: this is the news of the sign-out itself.
    server = new PortlightServer({ directory, hosts: { names: [], remote: false } });
    origin = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
    const [jar, other] = [await signIn(), await signIn('dana-2')];
    const [tab, console, watch] = [await openTab(jar), await openConsole(jar), await openWatch(jar)];
    const elsewhere = await openTab(other);
    const kept = jar.copy();
    expect((await post(jar, 'sign-out')).status).toBe(200);
    expect(await console.end).toMatchObject({ code: 4401, reason: expect.stringContaining('signed out') });
    await watch.cut;
    await vi.waitFor(() => expect(tab.feed()).toMatchObject(over('SignedOut')));
    expect(tab.messages.filter(({ type }) => type !== 'feed')).toHaveLength(1);
    expect(elsewhere.feed()).toEqual({ state: 'live' });
    expect(kept.size).toBe(1);
  });

  it('is over when the cluster does not take its token any more, in the cluster’s words', async () => {
    const jar = await signIn();
    const [tab, console] = [await openTab(jar), await openConsole(jar)];
    tokens.delete('dana-1');
    expect(await console.end).toMatchObject({
      code: 4401,
      reason: expect.stringContaining('token is revoked'),
    });
    await vi.waitFor(() => expect(tab.feed()).toMatchObject(over('CredentialsRefused')));
    const refused = {
      code: 401,
      reason: 'SignInNeeded',
      message: expect.stringContaining('token is revoked'),
      details: { causes: [{ reason: 'CredentialsRefused', message: 'token is revoked' }] },
    };
    const proxied = await jar.fetch(`${origin}/api/k8s/fake${VMS}`);
    expect([proxied.status, await proxied.json()]).toMatchObject([401, refused]);
    const access = await jar.fetch(`${origin}/api/access/fake`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: JSON.stringify({ checks: [{ verb: 'get', group: '', resource: 'secrets' }] }),
    });
    expect([access.status, await access.json()]).toMatchObject([401, refused]);
    expect(await handshake({ cookie: jar.header(), origin })).toMatchObject({ status: 401, body: refused });
  });

  it('leaves the cluster’s 401 as it is for a program with a token of its own', async () => {
    const authorization = 'Bearer stolen';
    const answer = await fetch(`${origin}/api/k8s/fake${VMS}`, { headers: { authorization } });
    expect([answer.status, await answer.text()]).toEqual([401, UNAUTHORIZED]);
    expect(await handshake({ authorization })).toMatchObject({ status: 401, body: JSON.parse(UNAUTHORIZED) });
  });
});

/** What a refused upgrade is answered. */
function handshake(headers: Record<string, string>): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/k8s/fake${VNC}`, { headers });
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_, response) => {
      let text = '';
      response.on('data', (part) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) }));
    });
  });
}
