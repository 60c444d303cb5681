import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { PortlightServer } from '../portlight-server';
import { FakeCluster } from '../testing/fake-cluster';

/** Where the proxy runs, and where everybody else does; both are this machine. */
const PROXY = '127.0.0.2';
const ELSEWHERE = '127.0.0.1';
const USERS: Record<string, string> = { 'dana-1': 'dana', 'dana-2': 'dana', 'vic-1': 'vic' };

let fake: FakeCluster;
let server: PortlightServer;
let port: number;
const folder = mkdtempSync(path.join(tmpdir(), 'portlight-proxy-'));

/** A token that says when it ends, as those of providers do. */
function tokenUntil(user: string, until: number): string {
  const token = `x.${Buffer.from(JSON.stringify({ exp: Math.floor(until / 1000), user })).toString('base64url')}.y`;
  USERS[token] = user;
  return token;
}

beforeAll(async () => {
  fake = await FakeCluster.start();
  fake.answer = (request, response) => {
    const { authorization = '', 'impersonate-user': acting } = request.headers;
    const user = acting === 'nobody' ? undefined : (acting ?? USERS[authorization.replace('Bearer ', '')]);
    response.setHeader('content-type', 'application/json');
    if (!user) {
      response.writeHead(401);
      response.end(
        JSON.stringify({ kind: 'Status', code: 401, reason: 'Unauthorized', message: 'Unknown token' }),
      );
    } else if (request.url?.endsWith('/selfsubjectreviews')) {
      response.writeHead(201);
      response.end(JSON.stringify({ status: { userInfo: { username: user } } }));
    } else {
      response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items: [], seenAs: user }));
    }
  };
});
afterAll(async () => {
  await fake.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  fake.seen.length = 0;
});
afterEach(() => server.close(500));

async function serve(signIn: object[], rest: object = {}): Promise<void> {
  const config = path.join(folder, 'portlight.yaml');
  const cluster = { name: 'fake', kubeconfig: fake.kubeconfig, signIn, ...rest };
  writeFileSync(config, JSON.stringify({ clusters: [cluster] }));
  const directory = await ClusterDirectory.open([], { config });
  server = new PortlightServer({ directory, hosts: { names: [], remote: false } });
  ({ port } = await server.listen(0, '0.0.0.0'));
}

interface Asked {
  from?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: object;
}

function ask({ from = PROXY, path: where = '/api/k8s/fake/api', headers = {}, body }: Asked = {}) {
  return new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port,
        path: where,
        method: body ? 'POST' : 'GET',
        localAddress: from,
        agent: false,
        headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      },
      (answer) => {
        let text = '';
        answer.on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: JSON.parse(text) }));
      },
    );
    request.on('error', reject);
    request.end(body && JSON.stringify(body));
  });
}

/** The first news of a feed that is neither loading nor the same as before; the socket stays open. */
function openFeed(headers: Record<string, string>, from = PROXY) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/live`, {
    headers,
    localAddress: from,
    origin: `http://127.0.0.1:${port}`,
  });
  const subscription = { kind: 'vms', query: DEFAULT_VM_QUERY };
  socket.on('open', () =>
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', cluster: 'fake', subscription })),
  );
  return new Promise<unknown>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (text) => {
      const { feed } = JSON.parse(String(text)) as { feed?: { state: string } };
      if (!feed || feed.state === 'loading') return;
      socket.close();
      resolve(feed);
    });
  });
}

const proxy = (settings: object = {}) => ({ kind: 'proxy', trusted: [`${PROXY}/32`], ...settings });
const lastSeen = () => fake.seen.at(-1);

describe('a proxy that forwards the token', () => {
  it.each([
    ['Authorization', { authorization: 'Bearer dana-1' }],
    ['X-Forwarded-Access-Token', { 'x-forwarded-access-token': 'dana-1' }],
    ['X-Its-Own', { 'x-its-own': 'bearer dana-1' }],
  ])('is believed in %s, and nobody else is', async (header, headers) => {
    await serve([proxy({ header })]);
    expect(await ask({ headers })).toMatchObject({ status: 200, body: { seenAs: 'dana' } });
    expect(lastSeen()?.headers.authorization).toBe('Bearer dana-1');
    expect(lastSeen()?.rawHeaders.map((name) => name.toLowerCase())).not.toContain('x-its-own');
    const before = fake.seen.length;
    const spoofed = { ...headers, 'x-forwarded-for': PROXY, forwarded: `for=${PROXY}` };
    expect(await ask({ from: ELSEWHERE, headers: spoofed })).toMatchObject({
      status: 401,
      body: { reason: 'SignInNeeded' },
    });
    expect(fake.seen).toHaveLength(before);
    expect(await openFeed(headers)).toEqual({ state: 'live' });
    expect(await openFeed(headers, ELSEWHERE)).toMatchObject({ state: 'refused', error: { code: 401 } });
  });

  it('is known by the name that the cluster gives, asked once', async () => {
    await serve([proxy({ logoutUrl: 'https://vms.example.org/oauth2/sign_out' })]);
    const headers = { authorization: 'Bearer dana-1' };
    for (let time = 0; time < 3; time += 1) {
      const { body } = await ask({ path: '/auth/session', headers });
      expect(body.clusters).toMatchObject([{ name: 'fake', signedIn: true, user: 'dana', method: 'proxy' }]);
    }
    const reviews = fake.seen.filter(({ url }) => url?.endsWith('/selfsubjectreviews'));
    expect(reviews).toHaveLength(1);
    const out = await ask({ path: '/auth/c/fake/sign-out', headers, body: {} });
    expect(out.body).toEqual({ redirect: 'https://vms.example.org/oauth2/sign_out' });
  });

  it('says in the cluster’s words that it takes the token no longer', async () => {
    await serve([proxy()]);
    expect(await ask({ headers: { authorization: 'Bearer nobodys' } })).toMatchObject({
      status: 401,
      body: {
        reason: 'SignInNeeded',
        message: expect.stringContaining('Unknown token'),
        details: { causes: [{ reason: 'CredentialsRefused' }] },
      },
    });
    const { body } = await ask({ path: '/auth/session', headers: { authorization: 'Bearer nobodys' } });
    expect(body.clusters).toMatchObject([{ signedIn: false }]);
  });

  it('renews the token with the next request, whatever becomes of the one before', async () => {
    await serve([proxy()]);
    const over = tokenUntil('dana', Date.now() - 1_000);
    const headers = { authorization: `Bearer ${over}` };
    expect(await openFeed(headers)).toMatchObject({
      state: 'refused',
      error: { code: 401, reason: 'SignInNeeded', causes: [{ reason: 'TokenExpired' }] },
    });
    expect(fake.seen).toHaveLength(0);
    const fresh = { authorization: `Bearer ${tokenUntil('dana', Date.now() + 60_000)}` };
    const renewed = await ask({ path: '/auth/c/fake/renew', headers: fresh, body: {} });
    expect(renewed).toMatchObject({ status: 200, body: { signedIn: true, user: 'dana' } });
    expect(await openFeed(fresh)).toEqual({ state: 'live' });
  });

  it('comes before a program’s own token, which counts from everywhere else', async () => {
    await serve([{ kind: 'token' }, proxy({ header: 'X-Forwarded-Access-Token' })]);
    const own = { authorization: 'Bearer vic-1' };
    const both = { ...own, 'x-forwarded-access-token': 'dana-1' };
    expect((await ask({ headers: both })).body).toMatchObject({ seenAs: 'dana' });
    expect((await ask({ headers: both, from: ELSEWHERE })).body).toMatchObject({ seenAs: 'vic' });
    expect((await ask({ headers: own })).body).toMatchObject({ seenAs: 'vic' });
  });

  it('is not read when it can be read in two ways', async () => {
    await serve([proxy({ header: 'X-Token' }), { kind: 'token' }]);
    for (const value of ['a b', 'Basic ZGFuYTo=', 'dana-1,vic-1', ['dana-1', 'vic-1']]) {
      const answer = await ask({ headers: { 'x-token': value, authorization: 'Bearer vic-1' } });
      expect(answer, String(value)).toMatchObject({ status: 401, body: { message: /X-Token/ } });
    }
    expect(fake.seen).toHaveLength(0);
  });
});

describe('a proxy that says who it is', () => {
  const tokenFile = path.join(folder, 'service-account');
  const method = proxy({
    userHeader: 'X-Forwarded-User',
    groupsHeader: 'X-Forwarded-Groups',
    uidHeader: 'X-Forwarded-Uid',
    extraHeaderPrefix: 'X-Own-Extra-',
  });
  beforeEach(async () => {
    writeFileSync(tokenFile, 'service-account-1\n');
    await serve([method], { impersonation: { tokenFile } });
  });

  it('has the service account act for them, with groups and extras', async () => {
    const headers = {
      'x-forwarded-user': Buffer.from('jürgen').toString('latin1'),
      'x-forwarded-uid': '7',
      'x-forwarded-groups': 'ops, dev team,',
      'x-own-extra-scopes.example.org%2fview': 'all',
      'impersonate-group': 'system:masters',
      authorization: 'Bearer vic-1',
    };
    expect((await ask({ headers })).status).toBe(200);
    const { rawHeaders = [], headersDistinct = {} } = lastSeen() ?? {};
    expect(headersDistinct).toMatchObject({
      authorization: ['Bearer service-account-1'],
      'impersonate-user': [Buffer.from('jürgen').toString('latin1')],
      'impersonate-uid': ['7'],
      'impersonate-group': ['ops', 'dev team'],
      'impersonate-extra-scopes.example.org%2fview': ['all'],
    });
    expect(rawHeaders.join()).not.toMatch(/x-forwarded|x-own-extra|masters|vic-1/i);
    writeFileSync(tokenFile, 'service-account-2');
    fake.seen.length = 0;
    expect(await openFeed({ 'x-forwarded-user': 'dana', 'x-forwarded-groups': 'ops,dev team' })).toEqual({
      state: 'live',
    });
    for (const { headersDistinct: sent } of fake.seen) {
      expect(sent).toMatchObject({
        authorization: ['Bearer service-account-2'],
        'impersonate-user': ['dana'],
        'impersonate-group': ['ops', 'dev team'],
      });
    }
    expect(fake.seen.length).toBeGreaterThan(1);
  });

  it('never lends the service account’s own rights', async () => {
    const groups = { 'x-forwarded-groups': 'ops' };
    const refusals: [Asked, number][] = [
      [{}, 401],
      [{ headers: groups }, 401],
      [{ headers: { 'x-forwarded-user': '', ...groups } }, 401],
      [{ headers: { 'x-forwarded-user': ['dana', 'admin'] } }, 401],
      [{ headers: { 'x-forwarded-user': 'dana' }, from: ELSEWHERE }, 401],
      [{ headers: { authorization: 'Bearer dana-1' } }, 401],
      [{ headers: { 'x-forwarded-user': '\xff\xfe' } }, 401],
      [{ headers: { 'x-forwarded-user': 'system:admin' } }, 403],
      [{ headers: { 'x-forwarded-user': 'dana', 'x-forwarded-groups': 'ops,system:masters' } }, 403],
      [{ headers: { 'impersonate-user': 'dana' } }, 401],
    ];
    for (const [asked, code] of refusals) {
      expect((await ask(asked)).status, JSON.stringify(asked)).toBe(code);
      expect((await ask({ ...asked, path: '/auth/session' })).body.clusters).toMatchObject([
        { signedIn: false },
      ]);
    }
    writeFileSync(tokenFile, 'refused');
    expect(await ask({ headers: { 'x-forwarded-user': 'nobody' } })).toMatchObject({
      status: 503,
      body: { message: expect.stringContaining('does not take the service account') },
    });
    fake.seen.length = 0;
    writeFileSync(tokenFile, '');
    const headers = { 'x-forwarded-user': 'dana' };
    expect((await ask({ headers })).status).toBe(503);
    expect(await openFeed(headers)).toMatchObject({ state: 'paused', error: { code: 503 } });
    expect(fake.seen).toHaveLength(0);
  });
});
