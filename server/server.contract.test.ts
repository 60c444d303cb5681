import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import type { ServerMessage } from '@/lib/inventory/protocol';
import { PortlightServer } from './portlight-server';
import { FakeCluster } from './testing/fake-cluster';

let fake: FakeCluster;
let server: PortlightServer;
let host: string;
let url: string;

beforeAll(async () => {
  fake = await FakeCluster.start();
});
afterAll(() => fake.stop());
beforeEach(async () => {
  const directory = await ClusterDirectory.open({ kind: 'kubeconfig', files: [fake.kubeconfig] });
  server = new PortlightServer({ directory, hosts: { names: [], remote: false }, pingEveryMs: 200 });
  const { port } = await server.listen(0, '127.0.0.1');
  host = `127.0.0.1:${port}`;
  url = `http://${host}/api/k8s/fake`;
});
afterEach(async () => {
  await server.close(500);
  fake.seen.length = 0;
});

interface RawAnswer {
  status: number;
  body: string;
}

/** A request as a browser could not be made to send it: free headers, URL as it stands. */
function send(
  path: string,
  headers: Record<string, string> = {},
  options: { method?: string; body?: Buffer; port?: number } = {},
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

describe('proxy', () => {
  it("passes a request on with the console's credentials in place of the client's", async () => {
    fake.answer = (_, response) =>
      response.writeHead(200, { 'set-cookie': 'a=b', 'x-kept': '1' }).end('{"kind":"X"}');
    const answer = await fetch(`${url}/apis/kubevirt.io/v1/virtualmachines?limit=1&labelSelector=a%3Db`, {
      headers: {
        authorization: 'Bearer forged',
        'impersonate-user': 'root',
        cookie: 'x=y',
        'x-remote-user': 'root',
        accept: 'application/json, */*',
      },
    });
    expect(await answer.json()).toEqual({ kind: 'X' });
    expect(answer.headers.get('x-kept')).toBe('1');
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    const seen = fake.seen.at(-1);
    expect(seen?.url).toBe('/apis/kubevirt.io/v1/virtualmachines?limit=1&labelSelector=a%3Db');
    expect(seen?.headers).toMatchObject({
      authorization: 'Bearer danas-token',
      accept: 'application/json, */*',
    });
    for (const name of ['impersonate-user', 'cookie', 'x-remote-user', 'origin']) {
      expect(seen?.headers).not.toHaveProperty(name);
    }
  });

  it('passes bodies, statuses and refusals through unchanged', async () => {
    fake.answer = (request, response) => {
      response.writeHead(422, { 'content-type': 'application/json', warning: '299 - "careful"' });
      request.pipe(response);
    };
    const body = JSON.stringify({ text: 'é'.repeat(100_000) });
    const answer = await fetch(`${url}/api/v1/pods`, { method: 'POST', body });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('warning')).toBe('299 - "careful"');
    expect(await answer.text()).toBe(body);
  });

  it('streams a watch event by event, and ends it in the cluster when the client leaves', async () => {
    let ended = false;
    let write: (text: string) => void = () => {};
    fake.answer = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      write = (text) => response.write(text);
      request.on('close', () => {
        ended = true;
      });
    };
    const abort = new AbortController();
    const answer = await fetch(`${url}/api/v1/pods?watch=true`, { signal: abort.signal });
    const reader = answer.body?.getReader();
    for (const text of ['{"type":"ADDED"}\n', '{"type":"DELETED"}\n']) {
      write(text);
      expect(new TextDecoder().decode((await reader?.read())?.value)).toBe(text);
    }
    abort.abort();
    await vi.waitFor(() => expect(ended).toBe(true));
  });

  it.each([
    ['with a length', { 'content-length': String(9 * 1024 * 1024) }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('refuses a body beyond 8 MiB sent %s', async (_, headers) => {
    fake.answer = (request, response) => request.resume().on('end', () => response.end('{}'));
    const answer = await send('/api/k8s/fake/api/v1/pods', headers, {
      method: 'POST',
      body: Buffer.alloc(9 * 1024 * 1024),
    });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.body)).toMatchObject({
      kind: 'Status',
      reason: 'RequestEntityTooLarge',
      code: 413,
    });
  });

  it('takes a body of 5 MB', async () => {
    fake.answer = (request, response) => request.resume().on('end', () => response.end('{}'));
    const body = Buffer.alloc(5_000_000);
    expect((await send('/api/k8s/fake/api/v1/pods', {}, { method: 'POST', body })).status).toBe(200);
  });

  it.each([
    ['/api/k8s/fake/api/../../etc'],
    ['/api/k8s/fake/api/%2e%2e/secrets'],
    ['/api/k8s/fake/api/v1%2fsecrets'],
    ['/api/k8s/fake//api'],
    ['/api/k8s/fake/api\\v1'],
    ['/api/k8s/'],
  ])('refuses the path %s', async (path) => {
    const answer = await send(path);
    expect(answer.status).toBe(400);
    expect(fake.seen).toHaveLength(0);
  });

  it('refuses foreign hosts and origins, and lets programs through', async () => {
    fake.answer = (_, response) => response.end('{}');
    const path = '/api/k8s/fake/api/v1/pods';
    const status = async (headers: Record<string, string>, method = 'GET') =>
      (await send(path, headers, { method })).status;
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' }, 'POST')).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ 'user-agent': 'Mozilla/5.0' }, 'DELETE')).toBe(403);
    expect(await status({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }, 'POST')).toBe(200);
    expect(await status({ 'user-agent': 'kubectl/v1.36' }, 'DELETE')).toBe(200);
  });

  it('says in a Status what is wrong with a cluster', async () => {
    const of = async (name: string) => {
      const { status, body } = await send(`/api/k8s/${name}/version`);
      return { ...(JSON.parse(body) as { reason: string; message: string }), status };
    };
    expect(await of('other')).toMatchObject({ status: 404, reason: 'NotFound' });
    const nowhere = await of('nowhere');
    expect(nowhere).toMatchObject({ status: 502, reason: 'Unreachable' });
    expect(nowhere.message).toBe('Nothing answers at https://127.0.0.1:1 (connection refused).');
    const untrusted = await of('untrusted');
    expect(untrusted).toMatchObject({ status: 502, reason: 'Unreachable' });
    expect(untrusted.message).toMatch(/certificate of https:.* is not trusted/);
  });
});

describe('relay', () => {
  const cluster = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => [...offered][0] ?? false,
  });

  function openSocket(protocols: string[] = [], headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(`${url.replace('http', 'ws')}/apis/subresources.kubevirt.io/v1/x/vnc`, protocols, {
      headers,
    });
  }

  const opened = (socket: WebSocket) => new Promise((resolve) => socket.once('open', resolve));
  const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.once('close', resolve));

  it('passes messages of any size both ways and echoes the sub-protocol', async () => {
    fake.upgrade = (request, socket, head) =>
      cluster.handleUpgrade(request, socket, head, (peer) =>
        peer.on('message', (message, binary) => peer.send(message, { binary })),
      );
    const socket = openSocket(['plain.kubevirt.io', 'base64url.bearer.authorization.k8s.io.Zm9yZ2Vk'], {
      authorization: 'Bearer forged',
      origin: `http://${host}`,
    });
    await opened(socket);
    expect(socket.protocol).toBe('plain.kubevirt.io');
    expect(fake.seen.at(-1)?.headers).toMatchObject({
      authorization: 'Bearer danas-token',
      'sec-websocket-protocol': 'plain.kubevirt.io',
      origin: fake.url,
    });
    for (const size of [1, 200, 70_000, 3_000_000]) {
      const sent = Buffer.alloc(size, size % 251);
      const received = new Promise<Buffer>((resolve) =>
        socket.once('message', (it) => resolve(it as Buffer)),
      );
      socket.send(sent);
      expect((await received).equals(sent)).toBe(true);
    }
    socket.close(1000);
    expect(await closed(socket)).toBe(1000);
  });

  it('pings from its side without cutting frames, and does not read ahead of a slow client', async () => {
    let sent = 0;
    let peer: WebSocket | undefined;
    const chunk = Buffer.alloc(256 * 1024, 7);
    const total = 64 * 1024 * 1024;
    fake.upgrade = (request, socket, head) =>
      cluster.handleUpgrade(request, socket, head, (it) => {
        peer = it;
        const pump = () => {
          while (sent < total && it.bufferedAmount < 1024 * 1024) {
            it.send(chunk);
            sent += chunk.length;
          }
          if (sent < total) setTimeout(pump, 5);
        };
        pump();
      });
    const socket = openSocket();
    let received = 0;
    let pings = 0;
    socket.on('ping', () => {
      pings += 1;
    });
    socket.on('message', (message: Buffer) => {
      received += message.length;
    });
    await opened(socket);
    socket.pause();
    let before = -1;
    // The sender stops once the buffers between are full.
    await vi.waitFor(
      () => {
        const stalled = sent === before;
        before = sent;
        expect(stalled).toBe(true);
      },
      { interval: 300, timeout: 20_000 },
    );
    expect(sent).toBeLessThan(total / 2);
    socket.resume();
    await vi.waitFor(() => expect(received).toBe(total), { timeout: 30_000 });
    await vi.waitFor(() => expect(pings).toBeGreaterThan(0), { timeout: 5_000 });
    peer?.close(1000);
    await closed(socket);
  });

  it("answers a refused handshake with the cluster's own status and words", async () => {
    fake.upgrade = (_, socket) =>
      socket.end(
        'HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n' +
          '1a\r\n{"message":"no such guest"}\r\n0\r\n\r\n'.replace('1a', '1b'),
      );
    const { status, body } = await new Promise<RawAnswer>((resolve) => {
      const socket = openSocket();
      socket.on('unexpected-response', (_, response) => {
        let text = '';
        response.on('data', (part) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      socket.on('error', () => undefined);
    });
    expect({ status, body }).toEqual({ status: 404, body: '{"message":"no such guest"}' });
  });

  it('refuses upgrades from foreign origins and hosts before the cluster hears of them', async () => {
    const foreign: Record<string, string>[] = [
      { origin: 'http://evil.example' },
      { host: 'evil.example' },
      { 'user-agent': 'Mozilla/5.0' },
    ];
    for (const headers of foreign) {
      const status = await new Promise<number>((resolve) => {
        const socket = openSocket([], headers);
        socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
        socket.on('error', () => undefined);
      });
      expect(status).toBe(403);
    }
    expect(fake.seen).toHaveLength(0);
  });

  it('closes the other side when one side goes away without a word', async () => {
    let peerClosed = false;
    fake.upgrade = (request, socket, head) =>
      cluster.handleUpgrade(request, socket, head, (peer) => {
        peer.on('close', () => {
          peerClosed = true;
        });
        peer.on('message', () => socket.destroy());
      });
    const first = openSocket();
    await opened(first);
    first.terminate();
    await vi.waitFor(() => expect(peerClosed).toBe(true));
    const second = openSocket();
    await opened(second);
    second.send('die');
    expect(await closed(second)).toBe(1006);
  });

  it('tells its clients that it stops', async () => {
    fake.upgrade = (request, socket, head) => cluster.handleUpgrade(request, socket, head, () => undefined);
    const socket = openSocket();
    await opened(socket);
    const code = closed(socket);
    await server.close(500);
    expect(await code).toBe(1001);
  });
});

describe('live socket', () => {
  const vm = (name: string, version: string, printableStatus: string) => ({
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name,
      namespace: 'demo',
      uid: `uid-${name}`,
      resourceVersion: version,
      creationTimestamp: '2026-01-01T00:00:00Z',
      managedFields: [{ manager: 'x' }],
    },
    spec: { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } } },
    status: { printableStatus },
  });

  it('sends rows, then what changes in them', async () => {
    let event: (text: string) => void = () => {};
    fake.answer = (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', fake.url);
      const isVms = pathname.endsWith('/virtualmachines');
      if (searchParams.has('watch')) {
        response.flushHeaders();
        if (isVms) event = (text) => response.write(text);
        return;
      }
      const items = isVms ? [vm('b', '1', 'Running'), vm('a', '2', 'Stopped')] : [];
      response.end(JSON.stringify({ kind: 'List', metadata: { resourceVersion: '5' }, items }));
    };
    const messages: ServerMessage[] = [];
    const socket = new WebSocket(`ws://${host}/api/live`, { headers: { origin: `http://${host}` } });
    socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage));
    await new Promise((resolve) => socket.on('open', resolve));
    const query = { namespaces: [], text: '', sort: { column: 'name', descending: false } };
    socket.send(
      JSON.stringify({ type: 'subscribe', id: '1', cluster: 'fake', subscription: { kind: 'vms', query } }),
    );
    await vi.waitFor(() =>
      expect(messages.at(-1)).toEqual({ type: 'feed', id: '1', feed: { state: 'live' } }),
    );
    expect(messages.at(-2)).toMatchObject({ type: 'vms', total: 2, rows: [{ name: 'a' }, { name: 'b' }] });
    await vi.waitFor(() => expect(fake.seen.filter((it) => it.url?.includes('watch='))).toHaveLength(2));
    event(`${JSON.stringify({ type: 'MODIFIED', object: vm('a', '6', 'Starting') })}\n`);
    await vi.waitFor(() => expect(messages.at(-1)?.type).toBe('vms-delta'));
    expect(messages.at(-1)).toMatchObject({
      upserts: [{ name: 'a', facts: { printableStatus: 'Starting' } }],
    });
    const first = await server.inventory.firstVmWindow('fake', {
      ...query,
      sort: { column: 'name', descending: true },
    });
    expect(first).toMatchObject({ total: 2, feed: { state: 'live' }, rows: [{ name: 'b' }, { name: 'a' }] });
    const closedWith = new Promise((resolve) => socket.on('close', resolve));
    await server.close(500);
    expect(await closedWith).toBe(1001);
  });

  it('says that a cluster does not answer, and when it tries again', async () => {
    const messages: ServerMessage[] = [];
    const socket = new WebSocket(`ws://${host}/api/live`);
    socket.on('message', (text) => messages.push(JSON.parse(String(text)) as ServerMessage));
    await new Promise((resolve) => socket.on('open', resolve));
    const resource = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true };
    const subscription = { kind: 'objects', resource };
    socket.send(JSON.stringify({ type: 'subscribe', id: '1', cluster: 'nowhere', subscription }));
    socket.send(JSON.stringify({ type: 'subscribe', id: '2', cluster: 'other', subscription }));
    await vi.waitFor(() =>
      expect(messages).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ id: '1', feed: expect.objectContaining({ state: 'paused' }) }),
          expect.objectContaining({ id: '2', feed: expect.objectContaining({ state: 'refused' }) }),
        ]),
      ),
    );
    socket.terminate();
  });

  it('refuses foreign origins and what is not of the protocol', async () => {
    const refused = new WebSocket(`ws://${host}/api/live`, { headers: { origin: 'http://evil.example' } });
    refused.on('error', () => undefined);
    const status = await new Promise((resolve) =>
      refused.on('unexpected-response', (_, response) => resolve(response.statusCode)),
    );
    expect(status).toBe(403);
    const socket = new WebSocket(`ws://${host}/api/live`);
    await new Promise((resolve) => socket.on('open', resolve));
    socket.send('{"type":"subscribe"}');
    expect(await new Promise((resolve) => socket.on('close', resolve))).toBe(1008);
  });
});

describe('health', () => {
  it('answers probes under any name, and metrics only under its own', async () => {
    expect(await send('/healthz', { host: '10.0.0.7:3000' })).toEqual({ status: 200, body: 'ok\n' });
    expect((await send('/readyz', { host: '10.0.0.7:3000' })).status).toBe(503);
    server.setPages({ handle: (_, response) => response.end('page') });
    expect((await send('/readyz')).status).toBe(200);
    expect((await send('/metrics')).body).toMatch(/^portlight_watches 0$/m);
    expect((await send('/metrics', { host: 'evil.example' })).status).toBe(403);
    expect((await send('/', { host: 'evil.example' })).status).toBe(403);
    expect(await send('/')).toEqual({ status: 200, body: 'page' });
  });

  it('ends open streams when it stops', async () => {
    fake.answer = (_, response) => response.flushHeaders();
    const [hostname, port] = host.split(':');
    const client = connect(Number(port), hostname);
    client.write(`GET /api/k8s/fake/api/v1/pods?watch=1 HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await new Promise((resolve) => client.once('data', resolve));
    const ended = new Promise((resolve) => client.once('close', resolve));
    const started = Date.now();
    await server.close(5_000);
    await ended;
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});
