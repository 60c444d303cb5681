import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { KeyRing } from '@/lib/auth/key-ring';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { PortlightServer } from '../portlight-server';
import { CookieJar } from '../testing/cookie-jar';
import { FakeCluster } from '../testing/fake-cluster';

const USERS: Record<string, string> = { 'dana-1': 'dana', 'dana-2': 'dana', 'vic-1': 'vic' };
const ring = new KeyRing();
let fake: FakeCluster;
let server: PortlightServer;
let origin: string;
let limits = { idleMs: 60_000, absoluteMs: 600_000 };

beforeAll(async () => {
  fake = await FakeCluster.start();
  fake.answer = (request, response) => {
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const user = USERS[token];
    response.setHeader('content-type', 'application/json');
    if (!user) {
      response.writeHead(401);
      response.end(
        JSON.stringify({ kind: 'Status', code: 401, reason: 'Unauthorized', message: 'Unauthorized' }),
      );
    } else if (request.url?.endsWith('/selfsubjectreviews')) {
      response.writeHead(201);
      response.end(JSON.stringify({ status: { userInfo: { username: user } } }));
    } else {
      response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [], seenAs: user }));
    }
  };
});
afterAll(() => fake.stop());
beforeEach(async () => {
  limits = { idleMs: 60_000, absoluteMs: 600_000 };
  ({ server, origin } = await startServer());
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close(500);
  fake.seen.length = 0;
});

async function startServer(kinds: Parameters<typeof plainMethods>[0] = ['token']) {
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [fake.kubeconfig] },
    { signIn: plainMethods(kinds) },
  );
  const started = new PortlightServer({
    directory,
    hosts: { names: [], remote: false },
    ring,
    limits: () => limits,
  });
  const { port } = await started.listen(0, '127.0.0.1');
  return { server: started, origin: `http://127.0.0.1:${port}` };
}

const post = (jar: CookieJar, path: string, body: object = {}, at = origin) =>
  jar.fetch(`${at}/auth/c/fake/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: at },
    body: JSON.stringify(body),
  });

const read = async (jar: CookieJar, at = origin) => {
  const answer = await jar.fetch(`${at}/api/k8s/fake/apis/kubevirt.io/v1/virtualmachines`);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
};

describe('signing in with a token', () => {
  it('lets nobody through before, everybody as themselves after, and nobody when they signed out', async () => {
    const [dana, vic] = [new CookieJar(), new CookieJar()];
    expect(await read(dana)).toMatchObject({ status: 401, body: { reason: 'SignInNeeded' } });
    expect(fake.seen).toHaveLength(0);
    expect(await (await post(dana, 'token', { token: ' dana-1\n' })).json()).toEqual({ user: 'dana' });
    await post(vic, 'token', { token: 'vic-1' });
    expect(await read(dana)).toMatchObject({ status: 200, body: { seenAs: 'dana' } });
    expect(await read(vic)).toMatchObject({ status: 200, body: { seenAs: 'vic' } });
    const kept = dana.copy();
    expect((await post(dana, 'sign-out')).status).toBe(200);
    expect(dana.size).toBe(0);
    // Whoever copied the cookie has no use of it any more.
    expect(await read(kept)).toMatchObject({
      status: 401,
      body: { details: { causes: [{ reason: 'SignedOut' }] } },
    });
    expect(await read(vic)).toMatchObject({ status: 200 });
  });

  it('keeps the token from the browser', async () => {
    const jar = new CookieJar();
    const answer = await post(jar, 'token', { token: 'dana-1' });
    const set = answer.headers.getSetCookie();
    expect(set).toHaveLength(1);
    expect(set[0]).toMatch(/^portlight-[\da-f]{8}=.*; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    expect(set.join()).not.toContain('dana');
    const { clusters } = (await (await jar.fetch(`${origin}/auth/session`)).json()) as { clusters: object[] };
    expect(clusters[0]).toMatchObject({ name: 'fake', signedIn: true, user: 'dana', method: 'token' });
    expect(JSON.stringify(clusters)).not.toContain('dana-1');
  });

  it('says in the cluster’s words why a token is not good, and takes no nonsense', async () => {
    const jar = new CookieJar();
    const wrong = await post(jar, 'token', { token: 'nobodys' });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({ kind: 'Status', message: 'Unauthorized' });
    for (const token of ['', 'a b', 'a\r\nImpersonate-User: root', 7, undefined, 'x'.repeat(20_000)]) {
      expect((await post(jar, 'token', { token })).status).toBe(400);
    }
    expect(jar.size).toBe(0);
    const form = await jar.fetch(`${origin}/auth/c/fake/token`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', origin },
      body: '{"token":"dana-1"}',
    });
    expect(form.status).toBe(415);
    const foreign = await jar.fetch(`${origin}/auth/c/fake/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://evil.example' },
      body: '{"token":"dana-1"}',
    });
    expect(foreign.status).toBe(403);
  });

  it('signs out everywhere', async () => {
    const [here, there, vic] = [new CookieJar(), new CookieJar(), new CookieJar()];
    await post(here, 'token', { token: 'dana-1' });
    await post(there, 'token', { token: 'dana-2' });
    await post(vic, 'token', { token: 'vic-1' });
    await post(here, 'sign-out', { everywhere: true });
    expect((await read(there)).status).toBe(401);
    expect((await read(vic)).status).toBe(200);
    await vi.waitFor(async () => {
      await post(there, 'token', { token: 'dana-2' });
      expect((await read(there)).status).toBe(200);
    });
  });

  it('ends a session that idles or lasts too long, and keeps one that is used', async () => {
    const jar = new CookieJar();
    vi.useFakeTimers({ toFake: ['Date'] });
    await post(jar, 'token', { token: 'dana-1' });
    for (let minute = 0; minute < 5; minute += 1) {
      vi.advanceTimersByTime(50_000);
      expect((await post(jar, 'renew')).status).toBe(200);
    }
    vi.advanceTimersByTime(61_000);
    expect(await read(jar)).toMatchObject({
      status: 401,
      body: { details: { causes: [{ reason: 'SessionIdle' }] } },
    });
    await post(jar, 'token', { token: 'dana-1' });
    limits = { idleMs: 1e9, absoluteMs: 600_000 };
    vi.advanceTimersByTime(601_000);
    expect(await read(jar)).toMatchObject({
      status: 401,
      body: { details: { causes: [{ reason: 'SessionExpired' }] } },
    });
  });

  it('does not take a page’s own renewals for somebody at work', async () => {
    const jar = new CookieJar();
    vi.useFakeTimers({ toFake: ['Date'] });
    await post(jar, 'token', { token: 'dana-1' });
    vi.advanceTimersByTime(50_000);
    expect((await post(jar, 'renew?unattended')).status).toBe(200);
    vi.advanceTimersByTime(11_000);
    const answer = await post(jar, 'renew?unattended');
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ reason: 'SignInNeeded' });
  });

  it('does not go on as the kubeconfig’s user when a session is over, before one signs out of it', async () => {
    const mixed = await startServer(['token', 'kubeconfig']);
    const jar = new CookieJar();
    const borrowed = await read(jar, mixed.origin);
    await post(jar, 'token', { token: 'dana-1' }, mixed.origin);
    expect(await read(jar, mixed.origin)).toMatchObject({ status: 200, body: { seenAs: 'dana' } });
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.advanceTimersByTime(61_000);
    expect(await read(jar, mixed.origin)).toMatchObject({ status: 401, body: { reason: 'SignInNeeded' } });
    await post(jar, 'sign-out', {}, mixed.origin);
    expect(await read(jar, mixed.origin)).toEqual(borrowed);
    await mixed.server.close(500);
  });

  it('is known to every replica that has the same keys', async () => {
    const other = await startServer();
    const jar = new CookieJar();
    await post(jar, 'token', { token: 'dana-1' });
    expect(await read(jar, other.origin)).toMatchObject({ status: 200, body: { seenAs: 'dana' } });
    await other.server.close(500);
  });

  it('takes a program’s own token, which needs no session', async () => {
    const answer = await fetch(`${origin}/api/k8s/fake/api`, { headers: { authorization: 'Bearer vic-1' } });
    expect(await answer.json()).toMatchObject({ seenAs: 'vic' });
  });
});

describe('the live socket', () => {
  it('shows each tab what its own session may see, and asks those without one to sign in', async () => {
    const dana = new CookieJar();
    await post(dana, 'token', { token: 'dana-1' });
    const feedOf = (jar: CookieJar) =>
      new Promise<unknown>((resolve, reject) => {
        const socket = new WebSocket(`${origin.replace('http', 'ws')}/api/live`, {
          headers: { cookie: jar.header() },
          origin,
        });
        socket.on('error', reject);
        socket.on('open', () =>
          socket.send(
            JSON.stringify({
              type: 'subscribe',
              id: '1',
              cluster: 'fake',
              subscription: { kind: 'vms', query: DEFAULT_VM_QUERY },
            }),
          ),
        );
        socket.on('message', (text) => {
          const { feed } = JSON.parse(String(text)) as { feed?: { state: string } };
          if (!feed || feed.state === 'loading') return;
          socket.close();
          resolve(feed);
        });
      });
    expect(await feedOf(dana)).toEqual({ state: 'live' });
    expect(await feedOf(new CookieJar())).toMatchObject({
      state: 'refused',
      error: { code: 401, reason: 'SignInNeeded' },
    });
    expect(new Set(fake.seen.map(({ headers }) => headers.authorization))).toEqual(
      new Set(['Bearer dana-1']),
    );
  });
});
