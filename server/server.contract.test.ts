import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { send, serverPerTest } from './testing/harness';

const harness = serverPerTest();

describe('proxy', () => {
  it("passes a request on with the console's credentials in place of the client's", async () => {
    harness.fake.answer = (_, response) =>
      response.writeHead(200, { 'set-cookie': 'a=b', 'x-kept': '1' }).end('{"kind":"X"}');
    const answer = await fetch(
      `${harness.url}/apis/kubevirt.io/v1/virtualmachines?limit=1&labelSelector=a%3Db`,
      {
        headers: {
          authorization: 'Bearer forged',
          'impersonate-user': 'root',
          cookie: 'x=y',
          'x-remote-user': 'root',
          accept: 'application/json, */*',
        },
      },
    );
    expect(await answer.json()).toEqual({ kind: 'X' });
    expect(answer.headers.get('x-kept')).toBe('1');
    expect(answer.headers.get('set-cookie')).toBeNull();
    expect(answer.headers.get('content-security-policy')).toContain('sandbox');
    const seen = harness.fake.seen.at(-1);
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
    harness.fake.answer = (request, response) => {
      response.writeHead(422, { 'content-type': 'application/json', warning: '299 - "careful"' });
      request.pipe(response);
    };
    const body = JSON.stringify({ text: 'é'.repeat(100_000) });
    const answer = await fetch(`${harness.url}/api/v1/pods`, { method: 'POST', body });
    expect(answer.status).toBe(422);
    expect(answer.headers.get('warning')).toBe('299 - "careful"');
    expect(await answer.text()).toBe(body);
  });

  it('streams a watch event by event, and ends it in the cluster when the client leaves', async () => {
    let ended = false;
    let write: (text: string) => void = () => {};
    harness.fake.answer = (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.flushHeaders();
      write = (text) => response.write(text);
      request.on('close', () => {
        ended = true;
      });
    };
    const abort = new AbortController();
    const answer = await fetch(`${harness.url}/api/v1/pods?watch=true`, { signal: abort.signal });
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
    harness.fake.answer = (request, response) => request.resume().on('end', () => response.end('{}'));
    const answer = await send(harness.host, '/api/k8s/fake/api/v1/pods', headers, {
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
    harness.fake.answer = (request, response) => request.resume().on('end', () => response.end('{}'));
    const body = Buffer.alloc(5_000_000);
    expect((await send(harness.host, '/api/k8s/fake/api/v1/pods', {}, { method: 'POST', body })).status).toBe(
      200,
    );
  });

  it.each([
    ['/api/k8s/fake/api/../../etc'],
    ['/api/k8s/fake/api/%2e%2e/secrets'],
    ['/api/k8s/fake/api/v1%2fsecrets'],
    ['/api/k8s/fake//api'],
    ['/api/k8s/fake/api\\v1'],
    ['/api/k8s/'],
  ])('refuses the path %s', async (path) => {
    const answer = await send(harness.host, path);
    expect(answer.status).toBe(400);
    expect(harness.fake.seen).toHaveLength(0);
  });

  it('refuses foreign hosts and origins, and lets programs through', async () => {
    harness.fake.answer = (_, response) => response.end('{}');
    const path = '/api/k8s/fake/api/v1/pods';
    const status = async (headers: Record<string, string>, method = 'GET') =>
      (await send(harness.host, path, headers, { method })).status;
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ origin: 'http://evil.example' })).toBe(403);
    expect(await status({ origin: 'null' }, 'POST')).toBe(403);
    expect(await status({ 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status({ 'user-agent': 'Mozilla/5.0' }, 'DELETE')).toBe(403);
    expect(await status({ origin: `http://${harness.host}`, 'sec-fetch-site': 'same-origin' }, 'POST')).toBe(
      200,
    );
    expect(await status({ 'user-agent': 'kubectl/v1.36' }, 'DELETE')).toBe(200);
  });

  it('takes renewed credentials from the kubeconfig when the cluster refuses the old ones', async () => {
    harness.fake.answer = ({ headers }, response) =>
      response.writeHead(headers.authorization === 'Bearer renewed' ? 200 : 401).end('{}');
    expect((await send(harness.host, '/api/k8s/fake/version')).status).toBe(401);
    const before = readFileSync(harness.fake.kubeconfig, 'utf8');
    writeFileSync(harness.fake.kubeconfig, before.replace('danas-token', 'renewed'));
    try {
      expect((await send(harness.host, '/api/k8s/fake/version')).status).toBe(200);
    } finally {
      writeFileSync(harness.fake.kubeconfig, before);
    }
  });

  it('says in a Status what is wrong with a cluster', async () => {
    const of = async (name: string) => {
      const { status, body } = await send(harness.host, `/api/k8s/${name}/version`);
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

describe('health', () => {
  it('answers probes under any name, and metrics only under its own', async () => {
    expect(await send(harness.host, '/healthz', { host: '10.0.0.7:3000' })).toEqual({
      status: 200,
      body: 'ok\n',
    });
    expect((await send(harness.host, '/readyz', { host: '10.0.0.7:3000' })).status).toBe(503);
    harness.server.setPages({ handle: (_, response) => response.end('page') });
    expect((await send(harness.host, '/readyz')).status).toBe(200);
    expect((await send(harness.host, '/metrics')).body).toMatch(/^portlight_watches 0$/m);
    expect((await send(harness.host, '/metrics', { host: 'evil.example' })).status).toBe(403);
    expect((await send(harness.host, '/', { host: 'evil.example' })).status).toBe(403);
    expect(await send(harness.host, '/')).toEqual({ status: 200, body: 'page' });
  });

  it('ends open streams when it stops', async () => {
    harness.fake.answer = (_, response) => response.flushHeaders();
    const [hostname, port] = harness.host.split(':');
    const client = connect(Number(port), hostname);
    client.write(`GET /api/k8s/fake/api/v1/pods?watch=1 HTTP/1.1\r\nHost: ${harness.host}\r\n\r\n`);
    await new Promise((resolve) => client.once('data', resolve));
    const ended = new Promise((resolve) => client.once('close', resolve));
    const started = Date.now();
    await harness.server.close(5_000);
    await ended;
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});
