import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClusterDirectory } from '@/lib/auth/cluster-directory';
import { plainMethods } from '@/lib/auth/sign-in-method';
import { hashOf, sha256, TestVolumes } from '@/sandbox/cdi/testing';
import { TestSandbox } from '@/sandbox/testing';
import { PortlightServer } from '@/server/portlight-server';

const NS = 'uploads';
const MIB = 2 ** 20;

let sandbox: TestSandbox;
let volumes: TestVolumes;
let server: PortlightServer;
let origin: string;
const image = Buffer.concat([randomBytes(2 * MIB), Buffer.alloc(3 * MIB), randomBytes(MIB + 512)]);

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
  volumes = new TestVolumes(sandbox, NS);
  const directory = await ClusterDirectory.open(
    { kind: 'kubeconfig', files: [sandbox.kubeconfig] },
    { signIn: plainMethods(['token']) },
  );
  server = new PortlightServer({
    directory,
    hosts: { names: [], remote: false },
    lookEveryMs: 500,
    // The time for a whole request is over long before a slow upload is.
    connectionLimits: { requestTimeoutMs: 3_000, checkEveryMs: 1_000, headersTimeoutMs: 1_000 },
  });
  origin = `http://127.0.0.1:${(await server.listen(0, '127.0.0.1')).port}`;
  await sandbox.until(
    () => sandbox.ask('GET', '/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config'),
    ({ body }) => body.status?.uploadProxyURL !== undefined,
    'CDI names its upload proxy',
  );
});
afterAll(async () => {
  await server.close(500);
  await sandbox.close();
});

async function ready(name: string): Promise<void> {
  expect((await volumes.create(name, { source: { upload: {} }, contentType: 'kubevirt' })).status).toBe(201);
  await volumes.untilPhase(name, 'UploadReady');
}

const path = (name: string) => `/api/uploads/sandbox/${NS}/${name}`;
function upload(
  name: string,
  { token = sandbox.tokens.admin, headers = {} as Record<string, string>, body = image } = {},
) {
  return fetch(origin + path(name), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
  });
}

/** A request whose body is written by hand. */
function open(name: string): ClientRequest {
  const sending = request(origin + path(name), {
    method: 'POST',
    headers: { authorization: `Bearer ${sandbox.tokens.admin}`, 'content-length': image.length },
  });
  sending.on('error', () => undefined);
  return sending;
}

describe('POST /api/uploads/<cluster>/<namespace>/<claim>', () => {
  it('puts an image into a volume', async () => {
    await ready('whole');
    const answer = await upload('whole');
    expect([answer.status, await answer.json()]).toEqual([200, {}]);
    await volumes.untilPhase('whole', 'Succeeded');
    expect(await hashOf(await volumes.file('whole'), image.length)).toBe(sha256(image));
  });

  it('takes an image of unknown length', async () => {
    await ready('chunked');
    const stream = new Blob([image]).stream();
    const answer = await fetch(origin + path('chunked'), {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.tokens.admin}` },
      body: stream,
      duplex: 'half',
    } as RequestInit);
    expect(answer.status).toBe(200);
    await volumes.untilPhase('chunked', 'Succeeded');
  });

  it('lets an upload take longer than any other request may', async () => {
    await ready('slow');
    const sending = open('slow');
    const answered = once(sending, 'response');
    const part = 256 * 1024;
    // The pace is the point here: the request stays open for twice its usual time.
    for (let from = 0; from < image.length; from += part) {
      sending.write(image.subarray(from, from + part));
      await delay(200);
    }
    sending.end();
    const [response] = await answered;
    expect(response.statusCode).toBe(200);
    await volumes.untilPhase('slow', 'Succeeded');
    expect(await hashOf(await volumes.file('slow'), image.length)).toBe(sha256(image));
  });

  it('hears of a client that leaves, and takes the file again from its beginning', async () => {
    await ready('broken');
    const sending = open('broken');
    sending.write(image.subarray(0, MIB));
    await vi.waitFor(async () => expect(await openUploads()).toBe(1), { timeout: 5_000 });
    sending.destroy();
    await vi.waitFor(async () => expect(await openUploads()).toBe(0), { timeout: 5_000 });
    // CDI starts its upload server again.
    await vi.waitFor(async () => expect((await upload('broken')).status).toBe(200), {
      timeout: 30_000,
      interval: 500,
    });
    await volumes.untilPhase('broken', 'Succeeded');
    expect(await hashOf(await volumes.file('broken'), image.length)).toBe(sha256(image));
  });

  it('asks for the token as whoever uploads, and says what the cluster says', async () => {
    await ready('rights');
    const refused = await upload('rights', { token: sandbox.tokens.vic });
    expect(refused.status).toBe(403);
    expect((await refused.json()).message).toMatch(/vic.*cannot create resource "uploadtokenrequests"/);
    const unknown = await upload('rights', { token: 'nobody' });
    expect(unknown.status).toBe(401);
    const missing = await upload('nothing');
    expect(missing.status).toBeGreaterThanOrEqual(400);
  });

  it('takes nothing from another site, by another method, or for an odd name', async () => {
    const foreign = await upload('whole', { headers: { origin: 'https://evil.example' } });
    expect(foreign.status).toBe(403);
    const read = await fetch(origin + path('whole'), {
      headers: { authorization: `Bearer ${sandbox.tokens.admin}` },
    });
    expect(read.status).toBe(405);
    for (const odd of ['..%2fsecrets', 'A', 'a/b'])
      expect((await upload(odd, { body: Buffer.from('x') })).status, odd).toBe(400);
  });

  it('says in CDI’s words why a volume takes nothing more', async () => {
    const answer = await upload('whole', { body: Buffer.from('x') });
    expect(answer.status).toBe(502);
    expect((await answer.json()).message).toMatch(/503: rejecting Upload Request for PVC whole/);
  });
});

async function openUploads(): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(/^portlight_uploads (\d+)$/m.exec(text)?.[1]);
}
