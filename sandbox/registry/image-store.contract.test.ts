import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImageStore, type PullOptions } from './image-store';
import { freePort, makeTar, REGISTRY_USER, sha256, TestRegistry } from './testing';

const MIB = 2 ** 20;
/** A disk of 4 MiB whose ends are written. */
const DISK = Buffer.alloc(4 * MIB);
DISK.write('begins');
DISK.write('ends', 4 * MIB - 4);
const layerOf = (bytes: Buffer, name = 'disk/disk.img') =>
  makeTar([
    { path: 'disk/', type: '5' },
    { path: name, bytes },
  ]);

let plain: TestRegistry;
let guarded: TestRegistry;
const directories: string[] = [];

beforeAll(async () => {
  [plain, guarded] = await Promise.all([TestRegistry.start(), TestRegistry.start({ auth: true })]);
});

afterAll(async () => {
  await Promise.all([plain?.close(), guarded?.close()]);
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true, force: true })));
});

async function newStore(options: { preloaded?: string[] } = {}) {
  const directory = await mkdtemp(path.join(tmpdir(), 'portlight-images-'));
  directories.push(directory);
  return { directory, store: new ImageStore({ directory, asked: 'loopback', ...options }) };
}

async function pulled(reference: string, options?: PullOptions, store?: ImageStore) {
  const disk = await (store ?? (await newStore()).store).diskOf(reference, options);
  if (disk.kind !== 'pulled') throw new Error(JSON.stringify(disk));
  return disk;
}

async function failure(reference: string, options?: PullOptions) {
  const answer = await (await newStore()).store.diskOf(reference, options);
  if (answer.kind !== 'failed') throw new Error(JSON.stringify(answer));
  return answer;
}

describe('pulling', () => {
  it('finds the disk, checks it, leaves its holes, and asks nobody the second time', async () => {
    const image = await plain.push('disks/one', '1', [gzipSync(layerOf(DISK))]);
    const reference = `${plain.host}/disks/one:1`;
    const { directory, store } = await newStore();
    const steps: number[] = [];
    const [disk, same] = await Promise.all([
      pulled(reference, { onProgress: (done, total) => steps.push(done / total) }, store),
      pulled(reference, {}, store),
    ]);
    expect(disk).toMatchObject({ format: 'raw', digest: image.digest, bytes: DISK.length, cached: false });
    expect(same.path).toBe(disk.path);
    expect(steps.at(-1)).toBe(1);
    expect((await readFile(disk.path)).equals(DISK)).toBe(true);
    expect((await stat(disk.path)).blocks * 512).toBeLessThan(MIB);
    expect(await readdir(path.join(directory, 'layers'))).toEqual([]);
    const blobs = plain.accessLog().filter((line) => line.includes('disks/one/blobs'));
    expect(blobs).toHaveLength(1);

    const before = plain.accessLog().length;
    const later = new ImageStore({ directory, asked: 'loopback' });
    expect(await pulled(reference, {}, later)).toMatchObject({ path: disk.path, cached: true });
    expect(plain.accessLog()).toHaveLength(before);
    // Asked what the tag means now, it is told, and has that already.
    expect(await pulled(reference, { policy: 'Always' }, later)).toMatchObject({ cached: true });
    expect(plain.accessLog().filter((line) => line.includes('disks/one/blobs'))).toHaveLength(1);

    const other = await plain.push('disks/one', '1', [gzipSync(layerOf(Buffer.alloc(MIB, 'new')))]);
    expect(await pulled(reference, {}, later)).toMatchObject({ digest: image.digest });
    expect(await pulled(reference, { policy: 'Always' }, later)).toMatchObject({ digest: other.digest });
  });

  it('reads lists of both makes, and layers however they are compressed', async () => {
    const zstd = spawnSync('zstd', ['-qc'], { input: layerOf(DISK), maxBuffer: 64 * MIB }).stdout;
    for (const [docker, layer] of [
      [true, gzipSync(layerOf(DISK))],
      [false, layerOf(DISK)],
      [false, zstd],
    ] as const) {
      const wrong = await plain.push('disks/many', 'arm', [layerOf(Buffer.from('arm'))], { docker });
      const right = await plain.push('disks/many', 'amd', [layer], { docker });
      const images = [
        { image: wrong, architecture: 'arm64' },
        { image: right, architecture: 'amd64' },
      ];
      const list = await plain.pushList('disks/many', 'list', images, { docker });
      const disk = await pulled(`${plain.host}/disks/many@${list.digest}`);
      expect((await readFile(disk.path)).equals(DISK)).toBe(true);
      const none = await plain.pushList('disks/many', 'none', images.slice(0, 1), { docker });
      expect((await failure(`${plain.host}/disks/many:none`)).message).toContain(
        `no match for platform in manifest ${none.digest}: not found`,
      );
    }
  });

  it('finds the disk where the image says it is: another path, a link, a later layer', async () => {
    const links = makeTar([
      { path: 'images/real.img', bytes: DISK },
      { path: 'disk/', type: '5' },
      { path: 'disk/link.img', type: '2', target: '../images/real.img' },
    ]);
    await plain.push('disks/links', '1', [links]);
    const reference = `${plain.host}/disks/links:1`;
    expect((await readFile((await pulled(reference)).path)).equals(DISK)).toBe(true);
    expect((await pulled(reference, { path: '/images/real.img' })).bytes).toBe(DISK.length);
    expect(await failure(reference, { path: '/images/other.img' })).toMatchObject({
      stage: 'disk',
      message: expect.stringContaining('/images/other.img'),
    });

    const base = layerOf(Buffer.from('old'), 'disk/old.img');
    const upper = makeTar([
      { path: 'disk/.wh.old.img' },
      { path: 'disk/new.img', bytes: Buffer.from('new') },
    ]);
    await plain.push('disks/layers', '1', [base, upper]);
    expect(await readFile((await pulled(`${plain.host}/disks/layers:1`)).path, 'utf8')).toBe('new');
    await plain.push('disks/layers', '2', [base, layerOf(Buffer.from('two'), 'disk/two.img')]);
    expect((await failure(`${plain.host}/disks/layers:2`)).message).toBe(
      'more than one file found in folder /disk, only one disk is allowed',
    );
    await plain.push('disks/layers', '3', [makeTar([{ path: 'etc/passwd', bytes: Buffer.from('root') }])]);
    const none = await newStore();
    for (let again = 0; again < 2; again += 1) {
      expect(await none.store.diskOf(`${plain.host}/disks/layers:3`)).toMatchObject({ stage: 'disk' });
    }
    // What has no disk is not transferred again to see that.
    expect(plain.accessLog().filter((line) => line.includes('disks/layers/blobs')).length).toBe(1 + 2 + 2);
  });

  it('takes no qcow2 that reads files of this machine', async () => {
    const header = Buffer.alloc(512);
    header.write('QFI\xfb', 'latin1');
    header.writeUInt32BE(3, 4);
    header.writeBigUInt64BE(BigInt(10 * MIB), 24);
    await plain.push('disks/qcow2', 'good', [layerOf(header)]);
    expect(await pulled(`${plain.host}/disks/qcow2:good`)).toMatchObject({
      format: 'qcow2',
      bytes: 10 * MIB,
    });
    header.writeBigUInt64BE(256n, 8);
    header.write('/etc/shadow', 256);
    await plain.push('disks/qcow2', 'bad', [layerOf(header)]);
    expect((await failure(`${plain.host}/disks/qcow2:bad`)).message).toContain('it has a backing file');
  });

  it('goes on with what an interrupted transfer left, and refuses bytes that are not those of their digest', async () => {
    const layer = layerOf(Buffer.alloc(MIB, 'resumed'), 'disk/resumed.img');
    const image = await plain.push('disks/resumed', '1', [layer]);
    const { directory, store } = await newStore();
    const hex = (digest: string) => digest.replace('sha256:', '');
    const part = path.join(directory, 'layers', `${hex(sha256(layer))}-${hex(image.digest)}.img.part`);
    // As a sandbox that was killed leaves it: the store makes the folder with its first pull.
    await store.diskOf(`${plain.host}/disks/layers:1`);
    await writeFile(part, layer.subarray(0, MIB / 2));
    const first: number[] = [];
    await pulled(`${plain.host}/disks/resumed:1`, { onProgress: (done) => first.push(done) }, store);
    expect(first[0]).toBe(MIB / 2);

    const spoilt = layerOf(Buffer.alloc(MIB, 'spoilt'), 'disk/spoilt.img');
    await plain.push('disks/spoilt', '1', [spoilt]);
    const file = plain.blobFile(sha256(spoilt));
    const bytes = await readFile(file);
    bytes[MIB / 2] = 0;
    await writeFile(file, bytes);
    expect((await failure(`${plain.host}/disks/spoilt:1`)).message).toMatch(
      /failed commit on ref "layer-sha256:\w+": unexpected commit digest sha256:\w+, expected sha256:\w+: failed precondition$/,
    );
    await truncate(file, 100);
    expect((await failure(`${plain.host}/disks/spoilt:1`)).message).toContain('failed to copy');
  });

  it('removes what nothing has used for a day, and only that', async () => {
    const { directory, store } = await newStore();
    await plain.push('disks/kept', '1', [layerOf(Buffer.from('kept'))]);
    await plain.push('disks/dropped', '1', [layerOf(Buffer.from('dropped'))]);
    const kept = await pulled(`${plain.host}/disks/kept:1`, {}, store);
    const dropped = await pulled(`${plain.host}/disks/dropped:1`, {}, store);
    await writeFile(path.join(directory, 'layers', 'abandoned.part'), 'x');
    const isUsed = (references: readonly string[]) => references.includes(`${plain.host}/disks/kept:1`);
    await store.prune(isUsed);
    expect(await readdir(path.join(directory, 'disks'))).toHaveLength(2);
    await store.prune(isUsed, Date.now() + 25 * 3_600_000);
    expect(await readdir(path.join(directory, 'disks'))).toEqual([path.basename(kept.path)]);
    expect(await readdir(path.join(directory, 'layers'))).toEqual([]);
    expect(await pulled(`${plain.host}/disks/dropped:1`, {}, store)).toMatchObject({
      path: dropped.path,
      cached: false,
    });
  });
});

describe('a registry that says no', () => {
  it('is quoted as containerd quotes it', async () => {
    const reference = `${plain.host}/disks/nothing:1`;
    expect(await failure(reference)).toEqual({
      kind: 'failed',
      stage: 'pull',
      message: `failed to pull and unpack image "${reference}": failed to resolve image: ${plain.host}/disks/nothing:1: not found`,
    });
  });

  it('lets in who may pull: the first of the credentials that it takes', async () => {
    await guarded.push('disks/private', '1', [layerOf(DISK)]);
    const reference = `${guarded.host}/disks/private:1`;
    expect((await failure(reference)).message).toBe(
      `failed to pull and unpack image "${reference}": failed to resolve image: pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`,
    );
    const wrong = { username: 'puller', password: 'wrong' };
    expect((await failure(reference, { credentials: [wrong] })).message).toBe(
      `failed to pull and unpack image "${reference}": failed to resolve image: unexpected status from HEAD request to http://${guarded.host}/v2/disks/private/manifests/1: 401 Unauthorized`,
    );
    expect(await pulled(reference, { credentials: [wrong, REGISTRY_USER] })).toMatchObject({
      bytes: DISK.length,
    });
  });
});

describe('a registry that does not answer', () => {
  it('is named', async () => {
    const { store } = await newStore();
    const host = `127.0.0.1:${await freePort()}`;
    expect(await store.diskOf(`${host}/disks/a:1`)).toEqual({
      kind: 'unanswered',
      why: `${host} did not answer: connection refused`,
    });
    expect(await store.diskOf('quay.io/containerdisks/fedora:42')).toMatchObject({
      why: 'quay.io was not asked: only registries on the loopback interface are',
    });
    expect(await store.diskOf('registry.invalid/disks/a:1')).toMatchObject({ kind: 'unanswered' });
  });

  it('is not asked for images that came with the nodes, unless always', async () => {
    const reference = `${plain.host}/disks/preloaded:1`;
    const { store } = await newStore({ preloaded: [reference] });
    expect(await store.diskOf(reference)).toMatchObject({ kind: 'unanswered', preloaded: true });
    expect(await store.diskOf(reference, { policy: 'Always' })).toMatchObject({ kind: 'failed' });
  });

  it('does no harm to a machine whose image is here already', async () => {
    const gone = await TestRegistry.start();
    const { store } = await newStore();
    const reference = `${gone.host}/disks/a:latest`;
    await gone.push('disks/a', 'latest', [layerOf(DISK)]);
    await pulled(reference, {}, store);
    await gone.close();
    expect(await pulled(reference, { policy: 'Always' }, store)).toMatchObject({ cached: true });
  });
});

/** A registry in front of another that wants tokens, breaks off, and sends blobs from elsewhere. */
describe('a registry with a token server and a store of its own', () => {
  const seen: { url: string; authorization: string | undefined; range: string | undefined }[] = [];
  let breakOff = 0;
  const front = createServer((request, response) => void answer(request, response));
  let host = '';

  async function answer(request: IncomingMessage, response: ServerResponse) {
    const { url = '', headers, method = 'GET' } = request;
    seen.push({ url, authorization: headers.authorization, range: headers.range });
    if (url.startsWith('/token')) {
      const { username, password } = REGISTRY_USER;
      const right = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
      response.statusCode = headers.authorization === right ? 200 : 401;
      response.end(JSON.stringify({ token: 'a-token' }));
    } else if (url.startsWith('/store')) {
      const from = await fetch(`http://${plain.host}${url.slice('/store'.length)}`, {
        headers: headers.range ? { range: headers.range } : {},
      });
      const bytes = Buffer.from(await from.arrayBuffer());
      response.writeHead(from.status, { 'content-length': bytes.length });
      if (breakOff > 0) {
        breakOff -= 1;
        response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
      } else response.end(bytes);
    } else if (headers.authorization !== 'Bearer a-token') {
      const realm = `Bearer realm="http://${host}/token",service="front",scope="repository:disks/token:pull"`;
      response.writeHead(401, { 'www-authenticate': realm }).end();
    } else if (url.includes('/blobs/')) {
      // Another origin, though the same machine.
      const place = `http://localhost:${host.split(':')[1]}/store${url}`;
      response.writeHead(307, { location: place }).end();
    } else {
      const from = await fetch(`http://${plain.host}${url}`, {
        method,
        headers: { accept: headers.accept ?? '' },
      });
      const digest = from.headers.get('docker-content-digest');
      response.writeHead(from.status, digest ? { 'docker-content-digest': digest } : {});
      response.end(Buffer.from(await from.arrayBuffer()));
    }
  }

  beforeAll(async () => {
    await new Promise<void>((resolve) => front.listen(0, '0.0.0.0', resolve));
    // `listen` on a port: an address object.
    host = `127.0.0.1:${(front.address() as AddressInfo).port}`;
    await plain.push('disks/token', '1', [layerOf(Buffer.alloc(MIB, 'token'))]);
  });
  afterAll(() => new Promise((resolve) => front.close(resolve)));

  it('is given a token for this repository, which goes nowhere else; a broken transfer is taken up', async () => {
    breakOff = 2;
    const disk = await pulled(`${host}/disks/token:1`, { credentials: [REGISTRY_USER] });
    expect((await readFile(disk.path)).equals(Buffer.alloc(MIB, 'token'))).toBe(true);
    const token = new URL(seen.find(({ url }) => url.startsWith('/token'))?.url ?? '', 'http://x');
    expect(Object.fromEntries(token.searchParams)).toEqual({
      service: 'front',
      scope: 'repository:disks/token:pull',
    });
    const store = seen.filter(({ url }) => url.startsWith('/store'));
    expect(store.map(({ authorization }) => authorization)).toEqual([undefined, undefined, undefined]);
    expect(store[0]?.range).toBeUndefined();
    expect(Number(/bytes=(\d+)-/.exec(store[2]?.range ?? '')?.[1])).toBeGreaterThan(MIB / 2);
  });

  it('refuses the wrong ones in the words of its token server', async () => {
    const { message } = await failure(`${host}/disks/token:1`, {
      credentials: [{ username: 'puller', password: 'wrong' }],
    });
    expect(message).toContain('failed to authorize: failed to fetch oauth token: unexpected status from GET');
    expect(message).toContain('401 Unauthorized');
    expect(message).not.toContain('wrong');
  });
});
