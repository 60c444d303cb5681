import { afterEach, describe, expect, it, vi } from 'vitest';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import type { ConnectionLimits } from './limits';
import { PortlightServer } from './portlight-server';
import { serverPerTest } from './testing/harness';
import { RawClient } from './testing/raw-client';

const harness = serverPerTest();
const opened: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const it of opened.splice(0).reverse()) await it.close();
});

/** A server whose patience is short. */
async function impatient(limits: Partial<ConnectionLimits>): Promise<string> {
  const directory = await ClusterDirectory.open([{ kind: 'kubeconfig', files: [harness.fake.kubeconfig] }]);
  const hosts = { names: [], remote: false };
  const server = new PortlightServer({
    directory,
    hosts,
    connectionLimits: { checkEveryMs: 100, ...limits },
  });
  opened.push({ close: () => server.close(200) });
  return `127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
}

function client(host: string): RawClient {
  const it = new RawClient(host);
  opened.push({ close: () => it.end() });
  return it;
}

/** Sends bytes and waits for the end of the connection. */
async function talk(host: string, text: string): Promise<RawClient> {
  const it = client(host);
  it.send(text.replaceAll('\n', '\r\n').replaceAll('HOST', host));
  await it.closed;
  return it;
}

describe('every answer', () => {
  const EXPECTED = {
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'cache-control': 'no-store',
  };

  it.each([
    ['/healthz', 200],
    ['/readyz', 200],
    ['/metrics', 200],
    ['/a-page', 200],
    ['/api/live', 426],
    ['/api/k8s/other/version', 404],
    ['/api/k8s/fake/a%2fb', 400],
    ['//evil.example/', 400],
    ['/c/%zz/vms', 400],
    ['/c/%00/vms', 400],
    [`/${'a'.repeat(9_000)}`, 414],
  ])('carries the headers that close it: %s (%i)', async (path, status) => {
    harness.server.setPages({ handle: (_, response) => response.end('page') });
    const answer = await fetch(`http://${harness.host}${path}`);
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject(EXPECTED);
    expect(answer.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(answer.headers.get('permissions-policy')).toContain('camera=()');
    expect(answer.headers.get('strict-transport-security')).toBeNull();
  });

  it('carries them when the request was none at all', async () => {
    const { received, codes } = await talk(harness.host, 'nonsense\n\n');
    expect(codes).toEqual([400]);
    for (const [name, value] of Object.entries(EXPECTED))
      expect(received.toLowerCase()).toContain(`${name}: ${value.toLowerCase()}`);
  });
});

describe('requests of a shape that is not taken', () => {
  it.each([
    ['two hosts', 'GET / HTTP/1.1\nHost: HOST\nHost: evil.example\n\n', 400],
    ['no host', 'GET / HTTP/1.1\n\n', 400],
    ['an absolute URL', 'GET http://evil.example/ HTTP/1.1\nHost: HOST\n\n', 400],
    [
      'a length and chunks',
      'POST /api/k8s/fake/api/v1/pods HTTP/1.1\nHost: HOST\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0\n\n',
      400,
    ],
    [
      'two lengths',
      'POST /api/k8s/fake/api/v1/pods HTTP/1.1\nHost: HOST\nContent-Length: 3\nContent-Length: 4\n\nabc',
      400,
    ],
    [
      'another transfer encoding',
      'POST /api/k8s/fake/api/v1/pods HTTP/1.1\nHost: HOST\nTransfer-Encoding: gzip, chunked\n\n0\n\n',
      400,
    ],
    ['a method of WebDAV', 'PROPFIND / HTTP/1.1\nHost: HOST\nConnection: close\n\n', 405],
    ['TRACE', 'TRACE /api/k8s/fake/version HTTP/1.1\nHost: HOST\nConnection: close\n\n', 405],
    [
      'a write to a page',
      'POST /c/fake/vms HTTP/1.1\nHost: HOST\nContent-Length: 0\nConnection: close\n\n',
      405,
    ],
    ['a header with a null byte', 'GET / HTTP/1.1\nHost: HOST\nX: a\0b\n\n', 400],
    [
      'an upgrade to HTTP/2',
      'GET / HTTP/1.1\nHost: HOST\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAA\n\n',
      400,
    ],
    [
      'two protocols',
      'GET /api/live HTTP/1.1\nHost: HOST\nConnection: Upgrade\nUpgrade: websocket, h2c\n\n',
      400,
    ],
    [
      'an upgrade with a body',
      'GET /api/live HTTP/1.1\nHost: HOST\nConnection: Upgrade\nUpgrade: websocket\nContent-Length: 3\n\nabc',
      400,
    ],
    [
      'an upgrade by PUT',
      'PUT /api/k8s/fake/x HTTP/1.1\nHost: HOST\nConnection: Upgrade\nUpgrade: websocket\n\n',
      405,
    ],
    ['HTTP/2 outright', 'PRI * HTTP/2.0\n\nSM\n\n', 400],
    ['headers without end', `GET / HTTP/1.1\nHost: HOST\nX: ${'a'.repeat(70_000)}\n\n`, 431],
    ['too many headers', `GET / HTTP/1.1\nHost: HOST\nConnection: close\n${'X: a\n'.repeat(200)}\n`, 431],
  ])('%s', async (_, text, code) => {
    const { codes } = await talk(harness.host, text);
    expect(codes).toEqual([code]);
    expect(harness.fake.seen).toHaveLength(0);
  });

  it('answers nothing in the place of the request before', async () => {
    harness.fake.answer = () => undefined;
    const { received } = await talk(
      harness.host,
      'GET /api/k8s/fake/version HTTP/1.1\nHost: HOST\n\nnonsense\n\n',
    );
    expect(received).toBe('');
  });
});

describe('patience', () => {
  it('ends for headers that trickle', async () => {
    const host = await impatient({ headersTimeoutMs: 300 });
    const { codes } = await talk(host, 'GET / HTTP/1.1\nHost: ');
    expect(codes).toEqual([408]);
  });

  it('ends for a body that trickles, and says so', async () => {
    const host = await impatient({ minBodyBytesPerSecond: 1_000 });
    let ended = false;
    harness.fake.answer = (request) => {
      request.resume().on('close', () => {
        ended = !request.complete;
      });
    };
    const { codes, received } = await talk(
      host,
      'POST /api/k8s/fake/api/v1/pods HTTP/1.1\nHost: HOST\nContent-Length: 1000\n\nabc',
    );
    expect(codes).toEqual([408]);
    expect(received).toContain('came too slowly');
    await vi.waitFor(() => expect(ended).toBe(true));
  });

  it('does not end while the cluster takes its time', async () => {
    const host = await impatient({ minBodyBytesPerSecond: 1_000, requestTimeoutMs: 60_000 });
    harness.fake.answer = (request, response) => {
      // Nothing of the body is read for ten looks.
      setTimeout(() => request.resume().on('end', () => response.end('{}')), 1_000);
    };
    const body = Buffer.alloc(7_000_000);
    const answer = await fetch(`http://${host}/api/k8s/fake/api/v1/pods`, { method: 'POST', body });
    expect(answer.status).toBe(200);
  });

  it('ends for an answer that nobody reads', async () => {
    const host = await impatient({ stalledAnswerMs: 500 });
    let ended = false;
    harness.fake.answer = (_, response) => {
      response.on('close', () => {
        ended = true;
      });
      response.on('error', () => undefined);
      response.write(Buffer.alloc(64 * 1024 * 1024));
    };
    const idle = client(host);
    idle.send(`GET /api/k8s/fake/api/v1/pods HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    await vi.waitFor(() => expect(idle.codes).toEqual([200]));
    idle.socket.pause();
    await vi.waitFor(() => expect(ended).toBe(true));
  });

  it('has room for so many sockets of one address', async () => {
    const host = await impatient({ socketsPerAddress: 2 });
    const ask = () => {
      const it = client(host);
      it.send(
        `GET /api/live HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${btoa('0123456789abcdef')}\r\n\r\n`,
      );
      return it;
    };
    const [first, second] = [ask(), ask()];
    await vi.waitFor(() => expect([...first.codes, ...second.codes]).toEqual([101, 101]));
    const third = ask();
    await third.closed;
    expect(third.codes).toEqual([429]);
    first.end();
    await vi.waitFor(async () => {
      const again = ask();
      await vi.waitFor(() => expect(again.codes).not.toEqual([]));
      expect(again.codes).toEqual([101]);
    });
  });

  it('ends for sockets that were refused and say nothing more', async () => {
    const socket = client(harness.host);
    socket.send(
      `GET /api/k8s/fake/x HTTP/1.1\r\nHost: ${harness.host}\r\nOrigin: http://evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nunread`,
    );
    await vi.waitFor(() => expect(socket.codes).toEqual([403]));
    // Nothing of the connection may be left to wait for.
    await harness.server.close(60_000);
    await socket.closed;
  });

  it('ends for who tries to sign in again and again', async () => {
    harness.server.setPages({ handle: (_, response) => response.writeHead(404).end() });
    const codes: number[] = [];
    let retryAfter: string | null = null;
    for (let attempt = 0; attempt < 30; attempt += 1) {
      const answer = await fetch(`http://${harness.host}/start?token=guess-${attempt}`);
      codes.push(answer.status);
      retryAfter = answer.headers.get('retry-after');
    }
    expect(codes.indexOf(429)).toBeGreaterThanOrEqual(10);
    expect(codes.at(-1)).toBe(429);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect((await fetch(`http://${harness.host}/healthz`)).status).toBe(200);
  });
});
