import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { plainMethods } from '@/lib/auth/sign-in-method';
import type { ServerMessage } from '@/lib/inventory/protocol';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { type LiveState, LOADING_STATE, reduceLive } from '@/lib/live/live-state';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { PortlightServer } from '@/server/portlight-server';
import { CookieJar } from '@/server/testing/cookie-jar';

/** Seconds instead of half a minute; nothing else is different. */
const LOOK_EVERY_MS = 1_000;
const SOON = { timeout: 20_000, interval: 50 };
/** What the API refused is asked again every 30 s. */
const BACK_AGAIN = { timeout: 45_000, interval: 200 };
const NAMESPACES = ['team-a', 'team-b'];
const BINDINGS = (namespace: string) =>
  `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/rolebindings`;
const VMS = (namespace: string) => `/apis/kubevirt.io/v1/namespaces/${namespace}/virtualmachines`;

let sandbox: TestSandbox;
let server: PortlightServer;
let origin: string;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ kubevirtOnly: true, control: true });
  for (const namespace of NAMESPACES) {
    await sandbox.createNamespace(namespace);
    await sandbox.createVm(testVm('web', 'Always'), namespace);
  }
  await sandbox.ask('POST', '/api/v1/namespaces/team-a/serviceaccounts', { metadata: { name: 'robin' } });
  for (const namespace of NAMESPACES) await sandbox.untilStatus(namespace, 'web', 'Running');
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [sandbox.kubeconfig] },
    { signIn: plainMethods(['token']) },
  );
  const hosts = { names: [], remote: false };
  server = new PortlightServer({ directory, hosts, lookEveryMs: LOOK_EVERY_MS });
  origin = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
});
afterAll(async () => {
  await server.close(500);
  await sandbox.close();
});
beforeEach(() => Promise.all(NAMESPACES.map(grant)));

async function grant(namespace: string): Promise<void> {
  const { status } = await sandbox.ask('POST', BINDINGS(namespace), {
    metadata: { name: 'robin' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'kubevirt.io:edit' },
    subjects: [{ kind: 'ServiceAccount', name: 'robin', namespace: 'team-a' }],
  });
  expect([201, 409]).toContain(status);
}

async function revoke(namespace: string): Promise<void> {
  expect((await sandbox.ask('DELETE', `${BINDINGS(namespace)}/robin`)).status).toBe(200);
}

/** Signs in with a token of the service account's own, asked for as kubectl create token does. */
async function signedIn(): Promise<CookieJar> {
  const { body } = await sandbox.ask('POST', '/api/v1/namespaces/team-a/serviceaccounts/robin/token', {
    spec: {},
  });
  return signedInWith(body.status.token);
}

async function signedInWith(token: string | undefined): Promise<CookieJar> {
  const jar = new CookieJar();
  const answer = await jar.fetch(`${origin}/auth/c/sandbox/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin },
    body: JSON.stringify({ token }),
  });
  expect(answer.status).toBe(200);
  return jar;
}

/** A tab with the VM list, as a browser keeps it. */
async function openTab(jar: CookieJar): Promise<{ state: () => LiveState; shown: () => string[] }> {
  let state = LOADING_STATE;
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/live`, {
    headers: { cookie: jar.header() },
    origin,
  });
  socket.on('message', (text) => {
    state = reduceLive(state, JSON.parse(String(text)) as ServerMessage);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const subscription = { kind: 'vms', query: DEFAULT_VM_QUERY, known: NAMESPACES };
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', cluster: 'sandbox', subscription }));
  const shown = () => state.rows.map(({ namespace, name }) => `${namespace}/${name}`);
  await vi.waitFor(() => expect(state.feed.state).toBe('live'), SOON);
  return { state: () => state, shown };
}

interface Closing {
  code: number;
  reason: string;
}

/** A socket through the relay that needs no guest; consoles of real ones are the browser's specs. */
async function openRelay(jar: CookieJar, namespace: string): Promise<{ closed: Promise<Closing> }> {
  const url = `${origin.replace('http', 'ws')}/api/k8s/sandbox${VMS(namespace)}?watch=true`;
  const socket = new WebSocket(url, { headers: { cookie: jar.header() }, origin });
  const closed = new Promise<Closing>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return { closed };
}

async function openWatch(jar: CookieJar, namespace: string): Promise<{ cut: Promise<boolean> }> {
  const response = await jar.fetch(`${origin}/api/k8s/sandbox${VMS(namespace)}?watch=true`);
  expect(response.status).toBe(200);
  return {
    cut: response.text().then(
      () => false,
      () => true,
    ),
  };
}

it('takes away the rows, the socket and the watch of the namespace whose role is gone, and gives them back', async () => {
  const jar = await signedIn();
  const tab = await openTab(jar);
  expect(tab.shown()).toEqual(['team-a/web', 'team-b/web']);
  expect(tab.state().feed).toEqual({ state: 'live', only: { namespaces: NAMESPACES, denied: [] } });
  const [lost, kept] = [await openRelay(jar, 'team-a'), await openRelay(jar, 'team-b')];
  const watch = await openWatch(jar, 'team-a');
  let keptEnded = false;
  void kept.closed.then(() => (keptEnded = true));

  await revoke('team-a');
  await vi.waitFor(() => expect(tab.shown()).toEqual(['team-b/web']), SOON);
  expect(tab.state().feed).toEqual({ state: 'live', only: { namespaces: ['team-b'], denied: ['team-a'] } });
  expect(await lost.closed).toEqual({
    code: 4403,
    reason: 'Needs watch on virtualmachines in team-a',
  });
  expect(await watch.cut).toBe(true);
  expect(keptEnded).toBe(false);

  await grant('team-a');
  await vi.waitFor(() => expect(tab.shown()).toEqual(['team-a/web', 'team-b/web']), BACK_AGAIN);
  await openRelay(jar, 'team-a');

  for (const namespace of NAMESPACES) await revoke(namespace);
  await vi.waitFor(
    () => expect(tab.state().feed).toMatchObject({ state: 'refused', error: { code: 403 } }),
    SOON,
  );
  expect(tab.shown()).toEqual([]);
  const { feed } = tab.state();
  // Whichever of the two was looked at first.
  expect(feed.state === 'refused' && feed.error.message).toMatch(
    /User "system:serviceaccount:team-a:robin" cannot (list|watch) resource "virtualmachines"/,
  );
  expect((await kept.closed).code).toBe(4403);
}, 120_000);

it('ends what is open when the token is not taken any more, and leaves the rows on the screen', async () => {
  const jar = await signedInWith(sandbox.tokens.admin);
  const [tab, relay] = [await openTab(jar), await openRelay(jar, 'team-b')];
  const before = tab.shown();
  expect(before).toHaveLength(2);
  const watch = await openWatch(jar, 'team-b');
  expect((await sandbox.steer('POST', '/tokens/admin/expire')).status).toBe(200);
  try {
    expect(await relay.closed).toMatchObject({ code: 4401, reason: expect.stringContaining('sandbox') });
    expect(await watch.cut).toBe(true);
    await vi.waitFor(
      () => expect(tab.state().feed).toMatchObject({ state: 'paused', error: { reason: 'SignInNeeded' } }),
      SOON,
    );
    expect(tab.shown()).toEqual(before);
    const answer = await jar.fetch(`${origin}/api/k8s/sandbox/api/v1/namespaces`);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      reason: 'SignInNeeded',
      details: { causes: [{ reason: 'CredentialsRefused' }] },
    });
  } finally {
    await sandbox.steer('POST', '/tokens/admin/renew');
  }
});

it('ends it when the service account is deleted', async () => {
  const jar = await signedIn();
  const [tab, relay] = [await openTab(jar), await openRelay(jar, 'team-b')];
  await sandbox.ask('DELETE', '/api/v1/namespaces/team-a/serviceaccounts/robin');
  expect((await relay.closed).code).toBe(4401);
  await vi.waitFor(() => expect(tab.state().feed.state).toBe('paused'), SOON);
  expect(tab.shown()).toHaveLength(2);
});
