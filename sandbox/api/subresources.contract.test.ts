import { type Duplex, PassThrough, Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { SubresourceCall, SubresourceServer } from './subresource';
import { startTestApi, type TestApi } from './testing/test-api';

const calls: SubresourceCall[] = [];
const streams: Duplex[] = [];
const subresources: SubresourceServer = {
  async call(call) {
    calls.push(call);
    if (call.action === 'guestosinfo') return { status: 500, body: 'not connected' };
    return { status: 202 };
  },
  async upgrade(call) {
    calls.push(call);
    if (call.name === 'missing') return { refusal: { status: 404, body: { kind: 'Status', code: 404 } } };
    // What is written comes back.
    const stream = new PassThrough();
    streams.push(stream);
    return { stream };
  },
};

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({
    subresources,
    podLog: (_namespace, name, { tailLines }) =>
      name === 'quiet' ? undefined : Readable.from([`log of ${name}, last ${tailLines}\n`]),
  });
});
afterAll(() => api.close());

const BASE = '/apis/subresources.kubevirt.io/v1/namespaces/dev';
const bearer = (user: string) => ({ authorization: `Bearer ${api.server.tokens[user]}` });

function dial(
  path: string,
  protocols: string[],
  headers: Record<string, string> = bearer('admin'),
): WebSocket {
  return new WebSocket(api.server.url.replace('https', 'wss') + path, protocols, {
    ca: api.server.ca,
    headers,
  });
}
/** What the server answered instead of switching protocols. */
function refusal(socket: WebSocket): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    socket.on('open', () => reject(new Error('it was accepted')));
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
  });
}
const opened = (socket: WebSocket) =>
  new Promise<WebSocket>((resolve, reject) => {
    socket.on('open', () => resolve(socket));
    socket.on('error', reject);
  });
const next = (socket: WebSocket) =>
  new Promise<{ data: Buffer; isBinary: boolean }>((resolve) => {
    socket.once('message', (data: Buffer, isBinary) => resolve({ data, isBinary }));
  });
const closed = (socket: WebSocket) => new Promise<number>((resolve) => socket.on('close', resolve));

describe('actions', () => {
  it('reach virt-api with all it needs', async () => {
    const answer = await api.ask('PUT', `${BASE}/virtualmachines/a/start?x=1`, {
      body: { paused: true },
      user: 'dana',
    });
    expect([answer.status, answer.text, answer.headers.get('content-type')]).toEqual([202, '', null]);
    expect(calls.at(-1)).toMatchObject({
      namespace: 'dev',
      resource: 'virtualmachines',
      name: 'a',
      action: 'start',
      method: 'PUT',
      user: 'dana',
    });
    expect(calls.at(-1)?.body.toString()).toBe('{"paused":true}');
  });

  it.each([
    ['PUT', 'virtualmachines/a/start', 'application/json', 406],
    ['PUT', 'virtualmachines/a/start', 'application/json, */*', 202],
    ['PUT', 'virtualmachines/a/start', '*/*', 202],
    ['PUT', 'virtualmachineinstances/a/pause', 'application/json', 406],
    ['GET', 'virtualmachineinstances/a/vnc', 'application/json', 406],
    ['GET', 'virtualmachines/a/expand-spec', 'application/json', 202],
    ['GET', 'virtualmachineinstances/a/guestosinfo', 'application/json', 500],
  ])('%s %s accepting %s comes to %i', async (method, path, accept, status) => {
    const answer = await api.ask(method, `${BASE}/${path}`, { headers: { accept } });
    expect(answer.status).toBe(status);
    if (status === 406) expect(answer.text).toBe('406: Not Acceptable\n\nAvailable representations: ');
  });

  it('are refused by role before anything else', async () => {
    const unknown = await api.ask('PUT', `${BASE}/virtualmachines/a/explode`, { user: 'dana' });
    expect(unknown.body.message).toBe(
      'virtualmachines.subresources.kubevirt.io "a" is forbidden: User "dana" cannot update resource "virtualmachines/explode" in API group "subresources.kubevirt.io" in the namespace "dev"',
    );
    expect((await api.ask('PUT', `${BASE}/virtualmachines/a/start`, { user: 'vic' })).status).toBe(403);
  });

  it('may pass the first gate and fail the second, without a word', async () => {
    const shot = await api.ask('GET', `${BASE}/virtualmachineinstances/a/vnc/screenshot`, { user: 'dana' });
    expect([shot.status, shot.text]).toEqual([401, '']);
    expect((await api.ask('GET', `${BASE}/virtualmachineinstances/a/vnc/screenshot`)).status).toBe(202);
  });

  it('need no object for some', async () => {
    await api.ask('PUT', `${BASE}/expand-vm-spec`, { user: 'vic', body: {} });
    expect(calls.at(-1)).toMatchObject({ namespace: 'dev', action: 'expand-vm-spec' });
    expect(calls.at(-1)?.resource).toBeUndefined();
    await api.ask('GET', '/apis/subresources.kubevirt.io/v1/version', { user: 'vic' });
    expect(calls.at(-1)).toMatchObject({ namespace: '', action: 'version' });
  });
});

describe('consoles', () => {
  const path = `${BASE}/virtualmachineinstances/a/console`;

  it('carry bytes both ways in binary frames', async () => {
    const socket = await opened(dial(path, ['plain.kubevirt.io']));
    expect(socket.protocol).toBe('plain.kubevirt.io');
    socket.send('text is dropped');
    socket.send(Buffer.from('echo'));
    const { data, isBinary } = await next(socket);
    expect([data.toString(), isBinary]).toEqual(['echo', true]);
    socket.close();
    await closed(socket);
  });

  it('carry much more than fits into buffers', async () => {
    const socket = await opened(dial(path, ['plain.kubevirt.io']));
    const total = 20 * 1024 * 1024;
    let received = 0;
    const done = new Promise<void>((resolve) => {
      socket.on('message', (data: Buffer) => {
        received += data.length;
        if (received === total) resolve();
      });
    });
    for (let sent = 0; sent < total; sent += 1024 * 1024) socket.send(Buffer.alloc(1024 * 1024));
    await done;
    socket.terminate();
  });

  it('echo no protocol that was not offered, and none but their own', async () => {
    const raw = dial(path, []);
    expect((await opened(raw)).protocol).toBe('');
    raw.terminate();
    // A client that offered another one rejects an answer without any.
    await expect(opened(dial(path, ['other.example.com']))).rejects.toThrow('Server sent no subprotocol');
  });

  it('end without a close frame, after the last bytes', async () => {
    const socket = await opened(dial(path, ['plain.kubevirt.io']));
    const received = next(socket);
    const ending = closed(socket);
    streams.at(-1)?.end(Buffer.from('bye'));
    expect((await received).data.toString()).toBe('bye');
    expect(await ending).toBe(1006);
  });

  it('let the stream go when the client leaves', async () => {
    const socket = await opened(dial(path, ['plain.kubevirt.io']));
    const stream = streams.at(-1);
    const gone = new Promise((resolve) => stream?.on('close', resolve));
    socket.terminate();
    await gone;
  });

  it('take the token as a sub-protocol beside another', async () => {
    const token = Buffer.from(api.server.tokens.dana ?? '').toString('base64url');
    const socket = await opened(
      dial(path, ['plain.kubevirt.io', `base64url.bearer.authorization.k8s.io.${token}`], {}),
    );
    expect(socket.protocol).toBe('plain.kubevirt.io');
    expect(calls.at(-1)?.user).toBe('dana');
    socket.terminate();
  });

  it('are refused in plain HTTP before the upgrade', async () => {
    const viewer = await refusal(dial(path, ['plain.kubevirt.io'], bearer('vic')));
    expect(viewer.status).toBe(403);
    expect(JSON.parse(viewer.text).message).toContain(
      'cannot get resource "virtualmachineinstances/console"',
    );
    const missing = await refusal(dial(path.replace('/a/', '/missing/'), ['plain.kubevirt.io']));
    expect([missing.status, JSON.parse(missing.text).code]).toEqual([404, 404]);
  });
});

describe('watches over WebSockets', () => {
  const path = '/api/v1/namespaces?watch=true';

  it('send an event a frame, to those who say where they come from', async () => {
    const refused = await refusal(dial(path, []));
    expect(refused).toEqual({ status: 403, text: '' });
    const socket = dial(path, [], { ...bearer('admin'), origin: 'https://console.example.com' });
    const event = JSON.parse((await next(socket)).data.toString());
    expect(event).toMatchObject({ type: 'ADDED', object: { kind: 'Namespace' } });
    socket.terminate();
  });
});

describe('pod logs', () => {
  it('are plain text', async () => {
    for (const name of ['talking', 'quiet']) {
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'dev' },
        spec: { nodeName: 'node-1', containers: [{ name: 'c' }] },
      };
      api.cluster.create('pods', pod);
    }
    const log = await api.ask('GET', '/api/v1/namespaces/dev/pods/talking/log?tailLines=3', { user: 'vic' });
    expect([log.status, log.text]).toEqual([200, 'log of talking, last 3\n']);
    const quiet = await api.ask('GET', '/api/v1/namespaces/dev/pods/quiet/log');
    expect(quiet.body.message).toBe('container "c" in pod "quiet" is waiting to start: ContainerCreating');
    const wrong = await api.ask('GET', '/api/v1/namespaces/dev/pods/talking/log?container=x');
    expect(wrong.body.message).toBe('container x is not valid for pod talking');
  });
});
