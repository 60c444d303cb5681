import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { KeyRing } from '@/lib/auth/key-ring';
import { plainMethods, type SignInMethod } from '@/lib/auth/sign-in-method';
import { AuditLog } from './audit-log';
import { PortlightServer } from './portlight-server';
import { StartGate } from './start-gate';
import { CookieJar } from './testing/cookie-jar';
import { FakeCluster } from './testing/fake-cluster';

const TOKEN = 'a-start-up-token-of-forty-three-characters_';
const folder = mkdtempSync(path.join(tmpdir(), 'portlight-gate-'));
const ring = new KeyRing();
let fake: FakeCluster;
let server: PortlightServer;
let origin: string;
let said: string[];

beforeAll(async () => {
  fake = await FakeCluster.start();
});
afterAll(async () => {
  await fake.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  fake.seen.length = 0;
  said = [];
  for (const level of ['log', 'warn', 'error'] as const)
    vi.spyOn(console, level).mockImplementation((...words) => void said.push(words.map(String).join(' ')));
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.useRealTimers();
  await server.close(500);
});

async function serve(signIn?: SignInMethod[], token: string | undefined = TOKEN): Promise<void> {
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [fake.kubeconfig] },
    signIn ? { signIn } : {},
  );
  server = new PortlightServer({
    directory,
    ring,
    hosts: { names: [], remote: true },
    gate: new StartGate({ ring, clusters: () => directory.list(), token }),
    auditLog: new AuditLog(path.join(folder, 'audit')),
    pages: { handle: (_, response) => response.end('a page') },
  });
  const { port } = await server.listen(0, '127.0.0.1');
  origin = `http://127.0.0.1:${port}`;
}

const open = (jar: CookieJar, token = TOKEN, at = origin) => jar.fetch(`${at}/start?token=${token}`);
const statusOf = async (jar: CookieJar, where: string) => (await jar.fetch(`${origin}${where}`)).status;
const PATHS = ['/', '/c/fake/vms', '/metrics', '/_next/static/a.js', '/sign-in/fake', '/icon.svg'];
const API = ['/api/k8s/fake/api/v1/pods', '/auth/session', '/api/live', '/api/clusters'];

function socket(where: string, jar: CookieJar): Promise<number> {
  return new Promise((resolve) => {
    const client = new WebSocket(`${origin.replace('http', 'ws')}${where}`, {
      headers: { cookie: jar.header() },
      origin,
    });
    client.on('error', () => undefined);
    client.on('open', () => {
      client.close();
      resolve(101);
    });
    client.on('unexpected-response', (_, answer) => resolve(answer.statusCode ?? 0));
  });
}

describe('a kubeconfig’s console beyond this machine', () => {
  it('shows nothing to whoever has not opened its link, and says where that is', async () => {
    await serve();
    const nobody = new CookieJar();
    for (const where of PATHS) {
      const answer = await nobody.fetch(origin + where);
      expect([where, answer.status]).toEqual([where, 401]);
      const text = await answer.text();
      expect(text).toContain('open it with its link');
      expect(text).not.toContain(TOKEN);
      expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    for (const where of API) {
      const answer = await nobody.fetch(origin + where);
      expect([where, answer.status]).toEqual([where, 401]);
      expect(await answer.json()).toMatchObject({ kind: 'Status', reason: 'StartLinkNeeded' });
    }
    for (const where of ['/api/live', '/api/k8s/fake/api/v1/pods?watch=true'])
      expect([where, await socket(where, nobody)]).toEqual([where, 401]);
    expect(await statusOf(nobody, '/healthz')).toBe(200);
    expect(await statusOf(nobody, '/readyz')).toBe(200);
    expect(fake.seen).toHaveLength(0);
  });

  it('opens with its link, in every tab, also after a long rest', async () => {
    await serve();
    const jar = new CookieJar();
    const started = await open(jar);
    expect(started.status).toBe(302);
    expect(started.headers.get('location')).toBe('/');
    expect(started.headers.get('referrer-policy')).toBe('no-referrer');
    expect(started.headers.get('cache-control')).toBe('no-store');
    const [cookie = ''] = started.headers.getSetCookie();
    expect(cookie).toMatch(/^portlight-start-\d+=[^;]+; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain(TOKEN);
    for (const where of ['/', '/metrics', '/auth/session', '/api/k8s/fake/api/v1/pods'])
      expect([where, await statusOf(jar, where)]).toEqual([where, 200]);
    expect(await socket('/api/live', jar)).toBe(101);
    expect(fake.seen.at(-1)?.headers.authorization).toBe('Bearer danas-token');
    expect(fake.seen.at(-1)?.headers.cookie).toBeUndefined();
    vi.useFakeTimers({ toFake: ['Date'] });
    vi.advanceTimersByTime(7 * 86_400_000);
    expect(await statusOf(jar, '/')).toBe(200);
  });

  it.each([
    ['another token', 'another-token-of-forty-three-characters-xxx'],
    ['its beginning', TOKEN.slice(0, -1)],
    ['no token', ''],
    ['two tokens', `x&token=${TOKEN}`],
  ])('does not open with %s', async (_, token) => {
    await serve();
    const jar = new CookieJar();
    expect((await open(jar, token)).status).toBe(401);
    expect(jar.size).toBe(0);
    expect((await jar.fetch(`${origin}/start?token=${TOKEN}`, { method: 'POST' })).status).toBe(401);
    expect(jar.size).toBe(0);
  });

  it('takes no cookie of another purpose, token or making', async () => {
    await serve();
    const seal = (purpose: string, value: unknown) => ring.seal(purpose, value);
    const jar = new CookieJar();
    await open(jar);
    const mine = jar.header().split('=')[1] ?? '';
    const forged = [
      await seal('session', { id: 'x' }),
      await seal('start', {}),
      await seal('start', null),
      'x',
    ];
    for (const value of forged) {
      const headers = { cookie: `portlight-start-3000=${value}` };
      expect((await fetch(origin, { headers })).status).toBe(401);
    }
    expect((await fetch(origin, { headers: { cookie: `other=${mine}` } })).status).toBe(401);
    await server.close(500);
    await serve(undefined, `${TOKEN}2`);
    expect(await statusOf(jar, '/')).toBe(401);
  });

  it('lets nobody try tokens one after the other', async () => {
    await serve();
    const codes = new Set<number>();
    for (let time = 0; time < 30; time += 1) codes.add((await open(new CookieJar(), `wrong-${time}`)).status);
    expect(codes).toEqual(new Set([401, 429]));
    expect((await open(new CookieJar())).status).toBe(429);
  });

  it('keeps the token out of the log and the audit log', async () => {
    await serve();
    await open(new CookieJar());
    await open(new CookieJar(), `${TOKEN}x`);
    await statusOf(new CookieJar(), `/c/fake/vms?token=${TOKEN}`);
    await server.close(500);
    const audit = readFileSync(path.join(folder, 'audit'), 'utf8');
    expect(audit).toContain('StartLinkNeeded');
    expect(audit + said.join('\n')).not.toContain(TOKEN);
  });

  it('opens to nobody without a token', async () => {
    await serve();
    await server.close(500);
    const directory = await ClusterDirectory.open({ kind: 'kubeconfig', files: [fake.kubeconfig] });
    const gate = new StartGate({ ring, clusters: () => directory.list(), token: undefined });
    server = new PortlightServer({ directory, ring, hosts: { names: [], remote: true }, gate });
    origin = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
    for (const token of ['', 'undefined', TOKEN])
      expect((await open(new CookieJar(), token)).status).toBe(401);
  });
});

describe('a cluster that has a kubeconfig’s user and people who sign in', () => {
  it('lends the kubeconfig only to those with the link; the others sign in', async () => {
    await serve(plainMethods(['kubeconfig', 'token']));
    writeFileSync(path.join(folder, 'audit'), '');
    const [owner, guest] = [new CookieJar(), new CookieJar()];
    await open(owner);
    expect(await statusOf(guest, '/')).toBe(200);
    const refused = await guest.fetch(`${origin}/api/k8s/fake/api/v1/pods`);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ reason: 'SignInNeeded' });
    expect(fake.seen).toHaveLength(0);
    expect(await statusOf(owner, '/api/k8s/fake/api/v1/pods')).toBe(200);
    expect(fake.seen.at(-1)?.headers.authorization).toBe('Bearer danas-token');
    fake.answer = (_, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ status: { userInfo: { username: 'vic' } } }));
    };
    await guest.fetch(`${origin}/auth/c/fake/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin },
      body: '{"token":"vics-token"}',
    });
    expect(await statusOf(guest, '/api/k8s/fake/api/v1/pods')).toBe(200);
    expect(fake.seen.at(-1)?.headers.authorization).toBe('Bearer vics-token');
  });
});
