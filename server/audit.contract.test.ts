import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { AuditLog } from './audit-log';
import { PortlightServer } from './portlight-server';
import { CookieJar } from './testing/cookie-jar';
import { FakeCluster } from './testing/fake-cluster';

const VM = '/apis/kubevirt.io/v1/namespaces/dev/virtualmachines/web';
const TOKEN = 'token-that-is-nobodys-business';
const cluster = new WebSocketServer({ noServer: true });
let fake: FakeCluster;
let server: PortlightServer;
let origin: string;
let folder: string;
let log: AuditLog;

beforeAll(async () => {
  fake = await FakeCluster.start();
  fake.answer = ({ url = '', headers, method }, response) => {
    response.setHeader('content-type', 'application/json');
    if (headers.authorization !== `Bearer ${TOKEN}`) response.writeHead(401).end('{}');
    else if (url.endsWith('/selfsubjectreviews')) {
      response.writeHead(201).end(JSON.stringify({ status: { userInfo: { username: 'dana' } } }));
    } else response.writeHead(method === 'DELETE' || url.includes('secrets') ? 403 : 200).end('{}');
  };
  fake.upgrade = (request, socket, head) =>
    cluster.handleUpgrade(request, socket, head, (peer) => peer.close(1000));
});
afterAll(() => fake.stop());
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'audit-'));
  log = new AuditLog(path.join(folder, 'audit.log'));
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [fake.kubeconfig] },
    { signIn: plainMethods(['token']) },
  );
  server = new PortlightServer({ directory, hosts: { names: [], remote: false }, auditLog: log });
  origin = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
});
afterEach(async () => {
  await server.close(300);
  await log.close();
  rmSync(folder, { recursive: true });
  fake.seen.length = 0;
});

const text = () => readFileSync(path.join(folder, 'audit.log'), 'utf8');
const lines = () =>
  text()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** What the next line must hold, once there are `count`. */
async function line(count: number, expected: Record<string, unknown>): Promise<void> {
  await vi.waitFor(() => expect(lines()).toHaveLength(count));
  expect(lines().at(-1)).toMatchObject(expected);
}

describe('the audit log', () => {
  it('says who did what to which object, and what came of it', async () => {
    const jar = new CookieJar();
    const json = { 'content-type': 'application/json', origin };
    const post = (at: string, body: object) =>
      jar.fetch(`${origin}${at}`, { method: 'POST', headers: json, body: JSON.stringify(body) });
    await post('/auth/c/fake/token', { token: 'wrong-token' });
    await line(1, { event: 'sign-in', cluster: 'fake', outcome: 'refused', code: 401 });
    await post('/auth/c/fake/token', { token: TOKEN });
    await line(2, { event: 'sign-in', cluster: 'fake', user: 'dana', outcome: 'allowed', code: 200 });
    const api = `${origin}/api/k8s/fake`;
    await jar.fetch(`${api}${VM}?dryRun=All&fieldManager=secret-query`, {
      method: 'PATCH',
      headers: json,
      body: '{"a":"secret-body"}',
    });
    await line(3, {
      event: 'write',
      user: 'dana',
      cluster: 'fake',
      verb: 'patch',
      group: 'kubevirt.io',
      resource: 'virtualmachines',
      namespace: 'dev',
      name: 'web',
      dryRun: true,
      outcome: 'allowed',
      code: 200,
      address: '127.0.0.1',
      ms: expect.any(Number),
    });
    await jar.fetch(`${api}${VM}`, { method: 'DELETE', headers: { origin } });
    await line(4, { event: 'write', verb: 'delete', outcome: 'refused', code: 403 });
    await jar.fetch(`${api}/api/v1/pods`);
    await jar.fetch(`${api}/api/v1/namespaces/dev/secrets`);
    await line(5, { event: 'refusal', verb: 'list', resource: 'secrets', user: 'dana', code: 403 });
    await fetch(`${api}${VM}`, { method: 'DELETE', headers: { origin: 'http://evil.example' } });
    await line(6, { event: 'refusal', path: `/api/k8s/fake${VM}`, reason: 'Forbidden', code: 403 });
    await fetch(`${api}${VM}`, { method: 'DELETE' });
    await line(7, { event: 'write', verb: 'delete', outcome: 'refused', code: 401 });
    expect(lines().at(-1)).not.toHaveProperty('user');
    await post('/auth/c/fake/sign-out', {});
    await line(8, { event: 'sign-out', user: 'dana', cluster: 'fake', outcome: 'allowed' });
    expect(text()).not.toMatch(/secret-|wrong-token|nobodys-business|portlight-[0-9a-f]{8}/);
  });

  it('names consoles that were opened, and those that were not', async () => {
    const vnc = `/api/k8s/fake/apis/subresources.kubevirt.io/v1/namespaces/dev/virtualmachineinstances/web/vnc`;
    const open = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${origin.replace('http', 'ws')}${vnc}`, { headers });
        socket.on('error', resolve);
        socket.on('close', resolve);
      });
    await open({ authorization: `Bearer ${TOKEN}` });
    const named = { event: 'upgrade', resource: 'virtualmachineinstances', subresource: 'vnc', name: 'web' };
    await line(1, { ...named, verb: 'get', outcome: 'allowed', code: 101 });
    await open({});
    await line(2, { ...named, outcome: 'refused', code: 401 });
    await open({ origin: 'http://evil.example' });
    await line(3, { event: 'refusal', outcome: 'refused', code: 403 });
  });
});

describe('what a cluster answers', () => {
  const asDana = { headers: { authorization: `Bearer ${TOKEN}` }, redirect: 'manual' as const };
  const answer = fakeAnswer();

  function fakeAnswer() {
    return async (status: number, headers: Record<string, string>) => {
      const before = fake.answer;
      fake.answer = (_, response) => response.writeHead(status, headers).end('<script>1</script>');
      try {
        return await fetch(`${origin}/api/k8s/fake/api/v1/namespaces/dev/services/web/proxy/`, asDana);
      } finally {
        fake.answer = before;
      }
    };
  }

  it('sends a browser on within the same API only', async () => {
    const within = await answer(302, { location: 'login?a=b' });
    expect(within.status).toBe(302);
    expect(within.headers.get('location')).toBe(
      '/api/k8s/fake/api/v1/namespaces/dev/services/web/proxy/login?a=b',
    );
    for (const location of ['https://evil.example/', '//evil.example', 'https://127.0.0.1:1/api']) {
      const away = await answer(307, { location });
      expect([away.status, away.headers.get('location')]).toEqual([502, null]);
    }
    const made = await answer(201, { location: 'https://evil.example/' });
    expect([made.status, made.headers.get('location')]).toEqual([201, null]);
    expect((await answer(304, {})).status).toBe(304);
    expect(fake.seen.filter(({ url }) => url?.includes('login'))).toEqual([]);
  });

  it('runs as no part of the console, and changes nothing of it', async () => {
    const page = await answer(200, {
      'content-type': 'text/html',
      'set-cookie': 'portlight-00000000=x',
      'clear-site-data': '"*"',
      refresh: '0; url=https://evil.example/',
      'content-security-policy': "script-src 'unsafe-inline'; report-uri https://evil.example",
      'cache-control': 'public, max-age=600',
    });
    expect(page.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'[^,]*$/);
    expect(page.headers.get('cache-control')).toBe('no-store');
    for (const name of ['set-cookie', 'clear-site-data', 'refresh']) {
      expect(page.headers.get(name)).toBeNull();
    }
    const seen = fake.seen.at(-1)?.headers['user-agent'];
    expect(seen).toMatch(/^portlight\/\d+\.\d+\.\d+ \(node\)$/);
  });
});
