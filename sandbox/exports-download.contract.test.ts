import { open } from 'node:fs/promises';
import { request } from 'node:https';
import path from 'node:path';
import { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { TestSandbox, testVm } from './testing';

const CORE = '/api/v1/namespaces/lab';
const EXPORT = '/apis/export.kubevirt.io/v1/namespaces/lab/virtualmachineexports';
const SIZE = 16 * 1024 * 1024;
let sandbox: TestSandbox;
let cert: string;
let token: string;

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
  const file = await open(path.join(sandbox.directory, 'disks', `${claim.body.spec.volumeName}.img`), 'r+');
  await file.write('written by a guest', 4096);
  await file.close();
});
afterAll(() => sandbox.close());

/** A stream to the exporter's port, through the port-forward of its pod. */
function forwarded(): Duplex {
  const where = `${sandbox.url.replace('https', 'wss')}${CORE}/pods/virt-export-e/portforward?ports=8443`;
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

function download(where: string, headers: Record<string, string> = { 'x-kubevirt-export-token': token }) {
  return new Promise<{ status: number; body: Buffer; headers: Record<string, unknown> }>(
    (resolve, reject) => {
      const tls = connect({ socket: forwarded(), ca: cert, servername: 'virt-export-e.lab.svc' });
      tls.on('error', reject);
      const asked = request({ path: where, headers, createConnection: () => tls }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(chunks),
            headers: response.headers,
          });
          tls.destroy();
        });
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
  const disk = gunzipSync(packed.body);
  expect(disk.length).toBe(SIZE);
  expect(disk.subarray(4096, 4114).toString()).toBe('written by a guest');
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
