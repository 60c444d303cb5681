import { open, readFile } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { hashOf, testDisk } from './cdi/testing';
import { TestSandbox, testVm } from './testing';

const CORE = '/api/v1/namespaces/lab';
const EXPORT = '/apis/export.kubevirt.io/v1/namespaces/lab/virtualmachineexports';
const SIZE = 16 * 1024 * 1024;
let sandbox: TestSandbox;
let cert: string;
let token: string;
let disk: string;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace('lab');
  await sandbox.ask('POST', `${CORE}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'disk' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Block',
      resources: { requests: { storage: '16Mi' } },
    },
  });
  const vm = testVm('vm', 'Halted', (spec) => {
    spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'disk' } }];
  });
  await sandbox.createVm(vm, 'lab');
  await sandbox.ask('POST', EXPORT, {
    apiVersion: 'export.kubevirt.io/v1',
    kind: 'VirtualMachineExport',
    metadata: { name: 'e' },
    spec: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'vm' } },
  });
  const { body } = await sandbox.until(
    () => sandbox.ask('GET', `${EXPORT}/e`),
    (answer) => answer.body.status?.phase === 'Ready',
    'the export is ready',
  );
  cert = body.status.links.internal.cert;
  const secret = await sandbox.ask('GET', `${CORE}/secrets/${body.status.tokenSecretRef}`);
  token = Buffer.from(secret.body.data.token, 'base64').toString();
  const claim = await sandbox.ask('GET', `${CORE}/persistentvolumeclaims/disk`);
  disk = path.join(sandbox.directory, 'disks', `${claim.body.spec.volumeName}.img`);
  const file = await open(disk, 'r+');
  await file.write(testDisk(SIZE), 0);
  await file.write('written by a guest', 4096);
  await file.close();
});
afterAll(() => sandbox.close());

/** A stream to the exporter's port, through the port-forward of its pod. */
function forwarded(name: string): Duplex {
  const where = `${sandbox.url.replace('https', 'wss')}${CORE}/pods/virt-export-${name}/portforward?ports=8443`;
  const socket = new WebSocket(where, 'v4.channel.k8s.io', sandbox.dialOptions);
  const isOpen = new Promise((resolve) => socket.once('open', resolve));
  const stream = new Duplex({
    read() {},
    write(chunk, _, done) {
      void isOpen.then(() => socket.send(Buffer.concat([Buffer.from([0]), chunk]), () => done()));
    },
    final(done) {
      socket.close();
      done();
    },
  });
  // Each channel begins with the port's number.
  let greeted = false;
  socket.on('message', (message: Buffer) => {
    if (message[0] !== 0) return;
    if (greeted) stream.push(message.subarray(1));
    greeted = true;
  });
  socket.on('close', () => stream.push(null));
  return stream;
}

/** Asks for something; with `atMost` it hangs up after so many bytes. */
function download(
  where: string,
  headers: Record<string, string> = { 'x-kubevirt-export-token': token },
  atMost = Number.POSITIVE_INFINITY,
  name = 'e',
) {
  return new Promise<{ status: number; body: Buffer; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const tls = connect({ socket: forwarded(name), ca: cert, servername: `virt-export-${name}.lab.svc` });
      tls.on('error', reject);
      const asked = request({ path: where, headers, createConnection: () => tls }, (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        const finish = () => {
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks),
            headers: response.headers,
          });
          tls.destroy();
        };
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes >= atMost) finish();
        });
        response.on('end', finish);
        response.on('error', () => {});
      });
      asked.on('error', reject);
      asked.end();
    },
  );
}

test('a disk comes whole, packed and in parts, for who has the token', async () => {
  expect((await download('/volumes/disk/disk.img', {})).status).toBe(401);
  expect((await download('/volumes/other/disk.img')).status).toBe(404);
  const packed = await download('/volumes/disk/disk.img.gz');
  const image = gunzipSync(packed.body);
  expect(image.length).toBe(SIZE);
  expect(image.equals(await readFile(disk))).toBe(true);
  const part = await download(`/volumes/disk/disk.img?x-kubevirt-export-token=${token}`, {
    range: 'bytes=4096-4102',
  });
  expect([part.status, part.body.toString()]).toEqual([206, 'written']);
  expect(part.headers['content-range']).toBe(`bytes 4096-4102/${SIZE}`);
});

test('the manifests import the VM from the export', async () => {
  const { body } = await download('/internal/manifests/all');
  const { items } = JSON.parse(body.toString());
  expect(items.map(({ kind }: { kind: string }) => kind)).toEqual([
    'ConfigMap',
    'VirtualMachine',
    'DataVolume',
  ]);
  expect(items[2].spec.source.http).toEqual({
    url: 'https://virt-export-e.lab.svc/volumes/disk/disk.img.gz',
    certConfigMap: 'export-ca-cm-e',
    secretExtraHeaders: ['header-secret-e'],
  });
  const secret = await download('/internal/manifests/secret');
  expect(JSON.parse(secret.body.toString()).items[0].stringData.token).toBe(
    `x-kubevirt-export-token:${token}`,
  );
});

test('a download that broke off goes on where it ended', async () => {
  const headers = { 'x-kubevirt-export-token': token };
  const first = await download('/volumes/disk/disk.img', headers, 1_000_000);
  const { length } = first.body;
  expect(length).toBeLessThan(SIZE);
  const rest = await download('/volumes/disk/disk.img', { ...headers, range: `bytes=${length}-` });
  expect(rest.status).toBe(206);
  expect(Buffer.concat([first.body, rest.body]).equals(await readFile(disk))).toBe(true);
  const beyond = await download('/volumes/disk/disk.img', { ...headers, range: `bytes=${SIZE}-` });
  expect(beyond.status).toBe(416);
});

test('who applies the manifests elsewhere gets the VM with its disk', async () => {
  await sandbox.createNamespace('elsewhere');
  const paths: Record<string, string> = {
    ConfigMap: '/api/v1/namespaces/elsewhere/configmaps',
    Secret: '/api/v1/namespaces/elsewhere/secrets',
    DataVolume: '/apis/cdi.kubevirt.io/v1beta1/namespaces/elsewhere/datavolumes',
    VirtualMachine: '/apis/kubevirt.io/v1/namespaces/elsewhere/virtualmachines',
  };
  for (const where of ['/internal/manifests/secret', '/internal/manifests/all']) {
    const { items } = JSON.parse((await download(where)).body.toString());
    for (const item of items) {
      delete item.metadata.namespace;
      const made = await sandbox.ask('POST', paths[item.kind] ?? '', item);
      expect(made.status, made.text).toBe(201);
    }
  }
  await sandbox.until(
    () => sandbox.ask('GET', `${paths.DataVolume}/disk`),
    ({ body }) => body.status?.phase === 'Succeeded',
    'the disk is imported from the export',
  );
  const { body } = await sandbox.ask('GET', '/api/v1/namespaces/elsewhere/persistentvolumeclaims/disk');
  const copy = path.join(sandbox.directory, 'disks', `${body.spec.volumeName}.img`);
  expect(copy).not.toBe(disk);
  expect(await hashOf(copy)).toBe(await hashOf(disk));
  const vm = await sandbox.vm('elsewhere', 'vm');
  expect(vm.body.spec.template.spec.volumes[0]).toMatchObject({ name: 'root' });
});

test('a file system that nobody has put anything on is exported empty', async () => {
  await sandbox.ask('POST', `${CORE}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'files' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '16Mi' } } },
  });
  await sandbox.ask('POST', EXPORT, {
    apiVersion: 'export.kubevirt.io/v1',
    kind: 'VirtualMachineExport',
    metadata: { name: 'f' },
    spec: { source: { apiGroup: '', kind: 'PersistentVolumeClaim', name: 'files' } },
  });
  const { body } = await sandbox.until(
    () => sandbox.ask('GET', `${EXPORT}/f`),
    (answer) => answer.body.status?.phase === 'Ready',
    'the export of files is ready',
  );
  const secret = await sandbox.ask('GET', `${CORE}/secrets/${body.status.tokenSecretRef}`);
  const headers = { 'x-kubevirt-export-token': Buffer.from(secret.body.data.token, 'base64').toString() };
  const packed = await download('/volumes/files/disk.tar.gz', headers, undefined, 'f');
  expect(packed.status).toBe(200);
  expect(gunzipSync(packed.body).every((byte) => byte === 0)).toBe(true);
});
