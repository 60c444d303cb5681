import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { ClientRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { Agent, FormData, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TestSandbox } from '../../testing';
import { hashOf, sha256, TestVolumes } from '../testing';

const run = promisify(execFile);
const NS = 'uploads';
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
const PODS = `/api/v1/namespaces/${NS}/pods`;
const MIB = 2 ** 20;
let sandbox: TestSandbox;
let volumes: TestVolumes;
let agent: Agent;
let proxy: string;
let scratch: string;
/** Bytes and holes. */
let image: Buffer;

beforeAll(async () => {
  sandbox = await TestSandbox.start({ control: true });
  await sandbox.createNamespace(NS);
  volumes = new TestVolumes(sandbox, NS);
  agent = new Agent({ connect: { ca: sandbox.ca } });
  scratch = await mkdtemp(path.join(tmpdir(), 'portlight-upload-'));
  image = Buffer.concat([randomBytes(2 * MIB), Buffer.alloc(9 * MIB), randomBytes(MIB + 512)]);
  proxy = await proxyUrl();
});
afterAll(async () => {
  await agent.destroy();
  await sandbox.close();
  await rm(scratch, { recursive: true, force: true });
});

async function proxyUrl(): Promise<string> {
  const { body } = await sandbox.until(
    () => sandbox.ask('GET', '/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config'),
    (answer) => answer.body.status?.uploadProxyURL !== undefined,
    'CDI names its upload proxy',
  );
  expect(body.status.uploadProxyCA).toBe(sandbox.ca);
  return body.status.uploadProxyURL;
}

/** As `virtctl image-upload dv` makes it. */
const create = (name: string, spec: object = {}) =>
  volumes.create(name, { source: { upload: {} }, contentType: 'kubevirt', ...spec });
const untilPhase = (name: string, phase: string) => volumes.untilPhase(name, phase);
const untilDone = (name: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${CLAIMS}/${name}`),
    ({ body }) => body.metadata.annotations['cdi.kubevirt.io/storage.pod.phase'] === 'Succeeded',
    `${name} is filled`,
  );

async function tokenFor(name: string): Promise<string> {
  const { body } = await sandbox.ask(
    'POST',
    `/apis/upload.cdi.kubevirt.io/v1beta1/namespaces/${NS}/uploadtokenrequests`,
    {
      apiVersion: 'upload.cdi.kubevirt.io/v1beta1',
      kind: 'UploadTokenRequest',
      metadata: { name: 'token-for-virtctl' },
      spec: { pvcName: name },
    },
  );
  return body.status.token;
}

interface Sending {
  token?: string | undefined;
  method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever fetch takes.
  body?: any;
  headers?: Record<string, string>;
}

async function send(where: string, { token, method = 'POST', body, headers = {} }: Sending = {}) {
  const response = await fetch(proxy + where, {
    method,
    dispatcher: agent,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...headers },
    ...(body === undefined ? {} : { body, duplex: 'half' as const }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The claim holds the image, and nothing behind it. */
async function expectImage(name: string, size = 64 * MIB): Promise<string> {
  const file = await volumes.file(name);
  const bytes = await readFile(file);
  expect(bytes.length).toBe(size);
  expect(await hashOf(file, image.length)).toBe(sha256(image));
  expect(bytes.subarray(image.length).equals(Buffer.alloc(size - image.length))).toBe(true);
  return file;
}

async function uploaderOf(name: string): Promise<Answer> {
  const { body } = await sandbox.ask('GET', `${CLAIMS}/${name}`);
  return sandbox.ask('GET', `${PODS}/cdi-upload-prime-${body.metadata.uid}`);
}

describe('virtctl image-upload', () => {
  it('creates the volume, waits, takes a token, asks for the asynchronous path, sends, and waits for the end', async () => {
    expect((await create('disk')).status).toBe(201);
    await untilPhase('disk', 'UploadReady');
    const { body: pod } = await uploaderOf('disk');
    expect(pod.status.phase).toBe('Running');
    expect((await sandbox.ask('GET', `/api/v1/namespaces/${NS}/services/${pod.metadata.name}`)).status).toBe(
      200,
    );
    const token = await tokenFor('disk');
    expect((await send('/v1beta1/upload-async', { token, method: 'HEAD' })).status).toBe(200);
    const file = path.join(scratch, 'disk.img');
    await writeFile(file, image);
    const answer = await send('/v1beta1/upload-async', {
      token,
      body: createReadStream(file),
      headers: { 'content-type': 'application/octet-stream', 'content-length': String(image.length) },
    });
    expect(answer).toMatchObject({ status: 200, text: '' });
    await untilDone('disk');
    const { body } = await untilPhase('disk', 'Succeeded');
    expect(body.status.progress).toBe('100.0%');
    const running = body.status.conditions.find(({ type }: { type: string }) => type === 'Running');
    expect(running).toMatchObject({ status: 'False', reason: 'Completed', message: 'Upload Complete' });
    const disk = await expectImage('disk');
    // Holes stay holes.
    expect((await stat(disk)).blocks * 512).toBeLessThan(5 * MIB);
    await sandbox.until(
      () => uploaderOf('disk'),
      ({ status }) => status === 404,
      'the upload pod is gone',
    );
    const again = await send('/v1beta1/upload', { token: await tokenFor('disk'), body: image });
    expect(again.status).toBe(503);
    expect(again.text).toContain('rejecting Upload Request for PVC disk');
  });

  it('fills a claim of its own as well', async () => {
    await sandbox.ask('POST', CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name: 'plain',
        annotations: {
          'cdi.kubevirt.io/storage.upload.target': '',
          'cdi.kubevirt.io/storage.contentType': 'kubevirt',
        },
      },
      spec: {
        accessModes: ['ReadWriteOnce'],
        volumeMode: 'Block',
        resources: { requests: { storage: '64Mi' } },
      },
    });
    await sandbox.until(
      () => sandbox.ask('GET', `${CLAIMS}/plain`),
      ({ body }) => body.metadata.annotations['cdi.kubevirt.io/storage.pod.ready'] === 'true',
      'the upload server is ready',
    );
    const token = await tokenFor('plain');
    expect((await send('/v1beta1/upload', { token, body: image })).status).toBe(200);
    await untilDone('plain');
    await expectImage('plain');
    const again = await send('/v1beta1/upload', { token, body: image });
    expect([again.status, again.text]).toEqual([
      503,
      'rejecting Upload Request for PVC plain that already finished uploading',
    ]);
  });
});

describe('an image', () => {
  const convert = async (format: string) => {
    const raw = path.join(scratch, 'convert.img');
    const made = path.join(scratch, `convert.${format}`);
    await writeFile(raw, image);
    await run('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, made]);
    return readFile(made);
  };

  const PACKED: [name: string, where: string, make: () => Promise<Buffer>][] = [
    ['qcow2', '/v1beta1/upload', () => convert('qcow2')],
    ['vmdk', '/v1beta1/upload-async', () => convert('vmdk')],
    ['gz', '/v1alpha1/upload', async () => gzipSync(image, { level: 1 })],
    [
      'qcow2-xz',
      '/v1alpha1/upload-async',
      async () => {
        const file = path.join(scratch, 'packed');
        await writeFile(file, await convert('qcow2'));
        await run('xz', ['-0', file]);
        return readFile(`${file}.xz`);
      },
    ],
  ];

  it('is known by its bytes and becomes a raw disk, whatever it was', async () => {
    for (const [name] of PACKED) expect((await create(name)).status).toBe(201);
    for (const [name, where, make] of PACKED) {
      const body = await make();
      await untilPhase(name, 'UploadReady');
      const answer = await send(where, { token: await tokenFor(name), body });
      expect(answer, name).toMatchObject({ status: 200, text: '' });
      await untilPhase(name, 'Succeeded');
      await expectImage(name);
    }
  });

  it('comes in a form, from a page of another origin', async () => {
    await create('form');
    await untilPhase('form', 'UploadReady');
    const origin = 'https://console.example';
    const asked = await send('/v1beta1/upload-form', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toBe('*');
    expect(asked.headers.get('access-control-allow-methods')).toBe('POST');
    expect(asked.headers.get('access-control-allow-headers')).toBe('authorization');
    const token = await tokenFor('form');
    const without = new FormData();
    without.set('note', 'nothing here');
    expect((await send('/v1beta1/upload-form', { token, body: without })).status).toBe(400);
    const form = new FormData();
    form.set('note', 'before the file');
    form.set('file', new Blob([Uint8Array.from(image)]), 'disk.img');
    const answer = await send('/v1beta1/upload-form', { token, body: form, headers: { origin } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    await untilPhase('form', 'Succeeded');
    await expectImage('form');
  });

  it('that is too large for its volume is refused, and a smaller one taken after it', async () => {
    await create('small', {
      storage: { volumeMode: 'Filesystem', resources: { requests: { storage: '13Mi' } } },
    });
    await untilPhase('small', 'UploadReady');
    const token = await tokenFor('small');
    const large = Buffer.concat([image, randomBytes(4 * MIB)]);
    const refused = await send('/v1beta1/upload', { token, body: large });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain(
      'Saving stream failed: effective image size is larger than the reported available storage',
    );
    const wide = path.join(scratch, 'wide.qcow2');
    await run('qemu-img', ['create', '-f', 'qcow2', wide, '2G']);
    const virtual = await send('/v1beta1/upload-async', { token, body: await readFile(wide) });
    expect(virtual.status).toBe(400);
    expect(virtual.text).toContain('2147483648');
    expect((await uploaderOf('small')).body.status.containerStatuses[0].restartCount).toBe(0);
    expect((await send('/v1beta1/upload', { token, body: image })).status).toBe(200);
    await untilPhase('small', 'Succeeded');
    await expectImage('small', 13 * MIB);
  });

  it('in an archive is the disk', async () => {
    await writeFile(path.join(scratch, 'disk.img'), image);
    await run('tar', ['-C', scratch, '-cf', path.join(scratch, 'disk.tar'), 'disk.img']);
    await create('archive', { contentType: 'archive' });
    await untilPhase('archive', 'UploadReady');
    const token = await tokenFor('archive');
    const broken = await send('/v1beta1/upload', { token, body: randomBytes(20_000) });
    expect(broken.status).toBe(500);
    const tar = await readFile(path.join(scratch, 'disk.tar'));
    expect((await send('/v1beta1/upload', { token, body: tar })).status).toBe(200);
    await untilPhase('archive', 'Succeeded');
    await expectImage('archive');
  });
});

describe('an upload that breaks off', () => {
  /** Sends a part of the image and no more. */
  async function begin(token: string, where = '/v1beta1/upload-async'): Promise<ClientRequest> {
    const sending = httpsRequest(proxy + where, {
      method: 'POST',
      ca: sandbox.ca,
      headers: { authorization: `Bearer ${token}`, 'content-length': image.length },
    });
    sending.on('error', () => {});
    sending.write(image.subarray(0, 6 * MIB));
    await once(sending, 'drain');
    return sending;
  }
  const uploading = (name: string) =>
    sandbox.until(
      async () => {
        const { body } = await uploaderOf(name);
        return sandbox.ask('GET', `${PODS}/${body.metadata.name}/log`);
      },
      ({ text }) => text.includes('New phase: TransferDataFile'),
      `${name} is taken in`,
    );

  it('leaves the volume as it was, and the next try succeeds; meanwhile nobody else gets in', async () => {
    await create('cut');
    await untilPhase('cut', 'UploadReady');
    const token = await tokenFor('cut');
    const sending = await begin(token);
    await uploading('cut');
    expect((await send('/v1beta1/upload', { token, body: image })).status).toBe(503);
    sending.destroy();
    await sandbox.until(
      async () => {
        const { body } = await uploaderOf('cut');
        return sandbox.ask('GET', `${PODS}/${body.metadata.name}/log`);
      },
      ({ text }) => text.includes('Saving stream failed'),
      'the server notices',
    );
    expect((await send('/v1beta1/upload', { token: await tokenFor('cut'), body: image })).status).toBe(200);
    await untilPhase('cut', 'Succeeded');
    await expectImage('cut');
  });

  it('by the end of the sandbox is ready again afterwards, on the same port', async () => {
    await create('ended');
    await untilPhase('ended', 'UploadReady');
    const token = await tokenFor('ended');
    await begin(token);
    await uploading('ended');
    await sandbox.restart();
    await agent.destroy();
    agent = new Agent({ connect: { ca: sandbox.ca } });
    expect(await proxyUrl()).toBe(proxy);
    await untilPhase('ended', 'UploadReady');
    expect((await send('/healthz', { method: 'GET' })).text).toBe('OK');
    expect((await send('/v1beta1/upload', { token, body: Readable.from([image]) })).status).toBe(200);
    await untilPhase('ended', 'Succeeded');
    await expectImage('ended');
  });
});

describe('the upload proxy', () => {
  it('lets nobody in without a good token', async () => {
    await create('guarded');
    await untilPhase('guarded', 'UploadReady');
    const token = await tokenFor('guarded');
    const [head, claims = '', signature] = token.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      operation: 'Upload',
      name: 'guarded',
      namespace: NS,
      iss: 'cdi-apiserver',
    });
    const forged = Buffer.from(
      Buffer.from(claims, 'base64url').toString().replace('"guarded"', '"disk"'),
    ).toString('base64url');
    const ask = async (given: string | undefined, headers = {}) =>
      (await send('/v1beta1/upload', { token: given, headers, body: 'x' })).status;
    expect(await ask(undefined)).toBe(400);
    expect(await ask(undefined, { authorization: 'Basic eDp5' })).toBe(400);
    expect(await ask('a.b.c')).toBe(401);
    expect(await ask(`${head}.${forged}.${signature}`)).toBe(401);
    expect(await ask(sandbox.tokens.dana ?? '')).toBe(401);
    const lost = await send('/v1beta1/upload', { token: await tokenFor('nowhere'), body: 'x' });
    expect([lost.status, lost.text]).toEqual([
      503,
      'rejecting Upload Request for PVC nowhere that doesn&#39;t exist',
    ]);
    expect((await send('/v1beta1/upload', { token, method: 'PUT', body: 'x' })).status).toBe(404);
    expect((await send('/v1beta1/elsewhere', { token, body: 'x' })).status).toBe(404);
    await sandbox.steer('POST', '/clock', { advanceSeconds: 360 });
    expect(await ask(token)).toBe(401);
  });
});
