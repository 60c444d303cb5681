import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, TestSandbox } from '../testing';
import { hashOf, sha256, TestVolumes, testDisk, WebServer } from './testing';

const NS = 'arrivals';
const MIB = 1 << 20;
const DISK_BYTES = 12 * MIB;
const disk = testDisk(DISK_BYTES);
let sandbox: TestSandbox;
let volumes: TestVolumes;
let web: WebServer;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'portlight-images-'));
  web = await WebServer.start();
  sandbox = await TestSandbox.start({ control: true });
  await sandbox.createNamespace(NS);
  volumes = new TestVolumes(sandbox, NS);
});
afterAll(async () => {
  await sandbox?.close();
  await web?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The disk in another format. */
function converted(format: string): Buffer {
  const raw = path.join(directory, 'disk.raw');
  const file = path.join(directory, `disk.${format}`);
  writeFileSync(raw, disk);
  execFileSync('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, file]);
  return readFileSync(file);
}

const packed = (program: string, content: Buffer) =>
  execFileSync(program, ['-c', '-1', '-'], { input: content, maxBuffer: 64 * MIB });

const http = (url: string, more: object = {}) => ({ source: { http: { url, ...more } } });

const files = async () => (await readdir(path.join(sandbox.directory, 'disks')).catch(() => [])).sort();

const create = (kind: 'secrets' | 'configmaps', name: string, content: object) =>
  sandbox.ask('POST', `/api/v1/namespaces/${NS}/${kind}`, {
    apiVersion: 'v1',
    kind: kind === 'secrets' ? 'Secret' : 'ConfigMap',
    metadata: { name },
    ...content,
  });

describe('an image from a web server', () => {
  it('is on its claim as it was served, whatever it was packed in', async () => {
    const qcow2 = converted('qcow2');
    const served: Record<string, Buffer> = {
      raw: disk,
      'raw-gz': gzipSync(disk, { level: 1 }),
      'raw-xz': packed('xz', disk),
      'raw-zst': packed('zstd', disk),
      qcow2,
      'qcow2-xz': packed('xz', qcow2),
      vmdk: converted('vmdk'),
      vdi: converted('vdi'),
    };
    for (const [name, content] of Object.entries(served))
      await volumes.create(name, http(web.serve(`${name}.img`, content)));
    for (const name of Object.keys(served)) {
      const done = await volumes.untilPhase(name, 'Succeeded');
      expect(done.body.status.progress).toBe('100.0%');
      const file = await volumes.file(name);
      expect([name, await hashOf(file, DISK_BYTES)]).toEqual([name, sha256(disk)]);
      const { size, blocks } = await stat(file);
      // Filled up to the claim's size, without its holes.
      expect(size).toBe(64 * MIB);
      expect(blocks * 512).toBeLessThan(DISK_BYTES / 2);
    }
    expect((await files()).filter((name) => name.includes('importing'))).toEqual([]);
  });

  it('is converted where it lies when the server takes ranges, else on a scratch claim', async () => {
    const image = converted('qcow2');
    await volumes.create('ranged', http(web.serve('ranged.qcow2', image, { 'accept-ranges': 'bytes' })));
    await volumes.create('plain', http(web.serve('plain.qcow2', image)));
    const { metadata } = await volumes.claim('plain');
    const scratch = `${volumes.claims}/prime-${metadata.uid}-scratch`;
    const found = await sandbox.until(
      () => sandbox.ask('GET', scratch),
      ({ status }) => status === 200,
      'there is a scratch claim',
    );
    expect(found.body.spec).toMatchObject({ accessModes: ['ReadWriteOnce'] });
    expect(found.body.metadata.ownerReferences[0]).toMatchObject({ kind: 'Pod' });
    await volumes.untilPhase('plain', 'Succeeded');
    await volumes.untilPhase('ranged', 'Succeeded');
    const asked = web.asked.filter((line) => line.includes('ranged') || line.includes('plain.qcow2'));
    expect(asked).toEqual(expect.arrayContaining(['GET /ranged.qcow2', 'GET /plain.qcow2']));
    expect(asked.filter((line) => line.includes('ranged'))).toHaveLength(1);
    await sandbox.until(
      () => sandbox.ask('GET', scratch),
      ({ status }) => status === 404,
      'the scratch claim has gone with its pod',
    );
  });

  it('leaves room for a file system where the volume has one', async () => {
    const storage = {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '64Mi' } },
    };
    await volumes.create('filed', { ...http(web.serve('filed.img', disk)), storage });
    await volumes.untilPhase('filed', 'Succeeded');
    const { status } = await volumes.claim('filed');
    const capacity = Number(status.capacity.storage);
    expect(capacity).toBe(Math.ceil((64 * MIB) / 0.94));
    const { size } = await stat(await volumes.file('filed'));
    expect(size).toBe(64 * MIB);
    expect(await hashOf(await volumes.file('filed'), DISK_BYTES)).toBe(sha256(disk));
  });

  it('tells its progress by the bytes that came', async () => {
    const gates: (() => void)[] = [];
    const url = web.serve('slow.img', (_request, response) => {
      response.writeHead(200, { 'content-length': disk.length });
      response.write(disk.subarray(0, disk.length / 4));
      gates.push(() => response.write(disk.subarray(disk.length / 4, (disk.length * 3) / 4)));
      gates.push(() => response.end(disk.subarray((disk.length * 3) / 4)));
    });
    await volumes.create('slow', http(url));
    await volumes.until('slow', ({ progress }) => progress === '25.00%', 'is a quarter there');
    const pod = await volumes.importer('slow');
    expect((await sandbox.ask('GET', `${pod}/log`)).text).toMatch(/\] 25\.00\n/);
    gates[0]?.();
    await volumes.until('slow', ({ progress }) => progress === '75.00%', 'is three quarters there');
    expect((await volumes.get('slow')).body.status.phase).toBe('ImportInProgress');
    gates[1]?.();
    await volumes.untilPhase('slow', 'Succeeded');
    expect(await hashOf(await volumes.file('slow'), DISK_BYTES)).toBe(sha256(disk));
  });

  it('is tried again from its beginning after a connection that breaks off', async () => {
    let tries = 0;
    const url = web.serve('cut.img', (_request, response) => {
      tries += 1;
      response.writeHead(200, { 'content-length': disk.length });
      if (tries > 1) response.end(disk);
      else response.write(disk.subarray(0, disk.length / 2), () => response.destroy());
    });
    await volumes.create('cut', http(url));
    expect(await volumes.untilFailure('cut')).toContain('unexpected EOF');
    expect(await volumes.events('cut', 'PersistentVolumeClaim')).toContainEqual(
      expect.stringContaining('ErrImportFailed: Unable to process data'),
    );
    await skipBackOff('cut');
    const done = await volumes.untilPhase('cut', 'Succeeded');
    expect(done.body.status.restartCount).toBe(1);
    expect(await hashOf(await volumes.file('cut'), DISK_BYTES)).toBe(sha256(disk));
  });

  it('says what the server answered', async () => {
    const busy = web.serve('busy.img', (_request, response) => response.writeHead(503).end());
    await volumes.create('missing', http(`${web.url}/nowhere.img`));
    await volumes.create('busy', http(busy));
    await volumes.create('refused', http('http://127.0.0.1:1/disk.img'));
    const torn = gzipSync(disk, { level: 1 });
    const half = Math.floor(torn.length / 2);
    await volumes.create('torn', http(web.serve('torn.gz', torn.subarray(0, half))));
    torn.fill(0x55, half);
    await volumes.create('garbled', http(web.serve('garbled.gz', torn)));
    expect(await volumes.untilFailure('torn')).toContain('unexpected EOF');
    expect(await volumes.untilFailure('garbled')).toMatch(/^Unable to process data: gzip: /);
    expect(await volumes.untilFailure('missing')).toBe(
      'Unable to connect to http data source: expected status code 200, got 404. Status: 404 Not Found',
    );
    expect(await volumes.untilFailure('busy')).toContain('got 503. Status: 503 Service Unavailable');
    expect(await volumes.untilFailure('refused')).toContain(
      'dial tcp 127.0.0.1:1: connect: connection refused',
    );
  });

  it('has to fit its claim', async () => {
    const storage = { resources: { requests: { storage: '8Mi' } } };
    await volumes.create('large', { ...http(web.serve('large.qcow2', converted('qcow2'))), storage });
    await volumes.create('long', { ...http(web.serve('long.img', disk)), storage });
    expect(await volumes.untilFailure('large')).toBe('DataVolume too small to contain image');
    expect(await volumes.untilFailure('long')).toBe('DataVolume too small to contain image');
    expect(await volumes.events('large', 'PersistentVolumeClaim')).toContainEqual(
      expect.stringContaining(
        `Virtual image size ${DISK_BYTES} is larger than the reported available storage ${8 * MIB}. A larger PVC is required.`,
      ),
    );
    expect(await volumes.events('long', 'PersistentVolumeClaim')).toContainEqual(
      expect.stringContaining('no space left on device'),
    );
  });

  it('has to have the checksum that it should have', async () => {
    const url = web.serve('summed.img', disk);
    const wrong = `sha256:${sha256(Buffer.from('other'))}`;
    await volumes.create('right-sum', http(url, { checksum: `sha256:${sha256(disk)}` }));
    await volumes.create('wrong-sum', http(url, { checksum: wrong }));
    await volumes.untilPhase('right-sum', 'Succeeded');
    expect(await volumes.untilFailure('wrong-sum')).toContain(
      `checksum mismatch: expected ${wrong}, calculated sha256:${sha256(disk)}`,
    );
  });

  it('may not name files of the machine that converts it', async () => {
    const base = path.join(directory, 'base.raw');
    const thief = path.join(directory, 'thief.qcow2');
    writeFileSync(base, disk);
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'raw', thief]);
    await volumes.create('thief', http(web.serve('thief.qcow2', readFileSync(thief))));
    expect(await volumes.untilFailure('thief')).toContain('is invalid because it has invalid backing file');
  });

  it('comes with credentials, headers and the trust that the DataVolume names', async () => {
    await create('secrets', 'login', { stringData: { accessKeyId: 'ada', secretKey: 'engine' } });
    await create('secrets', 'tenant', { stringData: { header: 'X-Tenant: blue' } });
    await create('configmaps', 'trust', { data: { 'ca.pem': sandbox.ca } });
    let seen: Record<string, unknown> = {};
    const url = web.serve('closed.img', (request, response) => {
      seen = { ...request.headers };
      const isAda = seen.authorization === `Basic ${Buffer.from('ada:engine').toString('base64')}`;
      response.writeHead(isAda ? 200 : 401).end(isAda ? disk : undefined);
    });
    await volumes.create('stranger', http(url));
    await volumes.create('guest', {
      source: {
        http: {
          url,
          secretRef: 'login',
          extraHeaders: ['X-Client: sandbox'],
          secretExtraHeaders: ['tenant'],
        },
      },
    });
    await volumes.untilPhase('guest', 'Succeeded');
    expect(seen).toMatchObject({ 'x-client': 'sandbox', 'x-tenant': 'blue' });
    expect(await volumes.untilFailure('stranger')).toContain('got 401. Status: 401 Unauthorized');

    const secure = `${sandbox.url}/version`;
    const { text } = await sandbox.ask('GET', '/version');
    await volumes.create('untrusted', http(secure));
    await volumes.create('trusted', http(secure, { certConfigMap: 'trust' }));
    await volumes.untilPhase('trusted', 'Succeeded');
    expect(await hashOf(await volumes.file('trusted'), text.length)).toBe(sha256(Buffer.from(text)));
    expect(await volumes.untilFailure('untrusted')).toContain('certificate signed by unknown authority');
  });

  it('waits for the credentials that it needs', async () => {
    await volumes.create('early', http(web.serve('early.img', disk), { secretRef: 'late' }));
    await volumes.until(
      'early',
      ({ conditions = [] }) =>
        conditions.some(
          ({ reason, message }: { reason?: string; message?: string }) =>
            reason === 'CreateContainerConfigError' && message === 'secret "late" not found',
        ),
      'waits',
    );
    await create('secrets', 'late', { stringData: { accessKeyId: 'ada', secretKey: 'engine' } });
    await volumes.untilPhase('early', 'Succeeded');
  });

  it('comes through the proxy of the configuration', async () => {
    web.serve('far.img', disk);
    const cdis = '/apis/cdi.kubevirt.io/v1beta1/cdis';
    const { body } = await sandbox.ask('GET', cdis);
    const cdi = `${cdis}/${body.items[0].metadata.name}`;
    await sandbox.ask('PATCH', cdi, { spec: { config: { importProxy: { HTTPProxy: web.url } } } });
    await sandbox.until(
      () => sandbox.ask('GET', '/apis/cdi.kubevirt.io/v1beta1/cdiconfigs/config'),
      (answer) => answer.body.status.importProxy.HTTPProxy === web.url,
      'the configuration says so',
    );
    await volumes.create('far', http('http://images.corp.example/far.img'));
    await volumes.untilPhase('far', 'Succeeded');
    expect(await hashOf(await volumes.file('far'), DISK_BYTES)).toBe(sha256(disk));
    await sandbox.ask('PATCH', cdi, { spec: { config: { importProxy: null } } });
  });

  it('takes all its room at once when it is to be preallocated', async () => {
    await volumes.create('solid', { ...http(web.serve('solid.img', disk)), preallocation: true });
    const done = await volumes.untilPhase('solid', 'Succeeded');
    const running = done.body.status.conditions.find(({ type }: { type: string }) => type === 'Running');
    expect(running.message).toBe('Import Complete, Preallocation applied');
    const { blocks } = await stat(await volumes.file('solid'));
    expect(blocks * 512).toBeGreaterThanOrEqual(64 * MIB);
    expect(await hashOf(await volumes.file('solid'), DISK_BYTES)).toBe(sha256(disk));
  });

  it('unpacks an archive onto a file system', async () => {
    const tree = mkdtempSync(path.join(directory, 'tree-'));
    writeFileSync(path.join(tree, 'disk.img'), disk);
    const tar = execFileSync('tar', ['-C', tree, '-cz', '.'], { maxBuffer: 64 * MIB });
    const storage = {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Filesystem',
      resources: { requests: { storage: '64Mi' } },
    };
    const archive = { contentType: 'archive', storage };
    await volumes.create('archived', { ...http(web.serve('disk.tar.gz', tar)), ...archive });
    await volumes.untilPhase('archived', 'Succeeded');
    expect(await hashOf(await volumes.file('archived'), DISK_BYTES)).toBe(sha256(disk));
    await volumes.create('not-archived', { ...http(web.serve('disk.nottar', disk)), ...archive });
    writeFileSync(path.join(tree, 'notes.txt'), 'of the journey');
    const notes = execFileSync('tar', ['-C', tree, '-c', 'notes.txt']);
    await volumes.create('noted', { ...http(web.serve('notes.tar', notes)), ...archive });
    await volumes.untilPhase('noted', 'Succeeded');
    const read = ['-R', 'cat /notes.txt', await volumes.file('noted')];
    expect(execFileSync('/sbin/debugfs', read, { stdio: 'pipe' }).toString()).toBe('of the journey');
    expect(await volumes.untilFailure('not-archived')).toContain('unable to untar files from endpoint');
  });
});

describe('an import that ends before its time', () => {
  /** Half an image, and then nothing. */
  const stalled = (name: string) =>
    web.serve(`${name}.img`, (_request, response) => {
      response.writeHead(200, { 'content-length': disk.length });
      response.write(disk.subarray(0, disk.length / 2));
    });

  it('leaves nothing behind when its DataVolume is deleted', async () => {
    const before = await files();
    await volumes.create('dropped', http(stalled('dropped')));
    await volumes.until('dropped', ({ progress }) => progress === '50.00%', 'is half there');
    await sandbox.ask('DELETE', `${volumes.volumes}/dropped`);
    const noMore = (answer: Answer) => answer.status === 404;
    await sandbox.until(() => sandbox.ask('GET', `${volumes.claims}/dropped`), noMore, 'its claim has gone');
    await expect.poll(files, { timeout: 20_000 }).toEqual(before);
  });

  it('begins anew after a restart, and half of it is nothing', async () => {
    const url = stalled('resumed');
    await volumes.create('resumed', http(url));
    await volumes.until('resumed', ({ progress }) => progress === '50.00%', 'is half there');
    const { metadata } = await volumes.claim('resumed');
    const prime = (await sandbox.ask('GET', `${volumes.claims}/prime-${metadata.uid}`)).body;
    const file = path.join(sandbox.directory, 'disks', `${prime.spec.volumeName}.img`);
    expect(await hashOf(file)).toBe(sha256(Buffer.alloc(64 * MIB)));
    const gates: (() => void)[] = [];
    web.serve('resumed.img', (_request, response) => gates.push(() => response.end(disk)));
    await sandbox.restart();
    await expect.poll(() => gates.length, { timeout: 20_000 }).toBe(1);
    expect((await files()).filter((name) => name.includes('importing'))).toEqual([]);
    expect(await hashOf(file)).toBe(sha256(Buffer.alloc(64 * MIB)));
    gates[0]?.();
    await volumes.untilPhase('resumed', 'Succeeded');
    expect(await volumes.file('resumed')).toBe(file);
    expect(await hashOf(file, DISK_BYTES)).toBe(sha256(disk));
  });
});

/** A pod that has crashed waits for its time: here it comes at once. */
async function skipBackOff(name: string): Promise<void> {
  const pod = await volumes.importer(name);
  await sandbox.until(
    () => sandbox.ask('GET', pod),
    ({ body }) => body.status?.containerStatuses?.[0]?.state.waiting?.reason === 'CrashLoopBackOff',
    'its importer backs off',
  );
  await sandbox.steer('POST', '/clock', { advanceSeconds: 15 });
}
