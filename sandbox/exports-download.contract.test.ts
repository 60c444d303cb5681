import { open, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { hashOf, testDisk } from './cdi/testing';
import { TestSandbox, testVm } from './testing';
import { ReadyExport } from './testing-exports';

const CORE = '/api/v1/namespaces/lab';
const SIZE = 16 * 1024 * 1024;
let sandbox: TestSandbox;
let machine: ReadyExport;
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
  machine = await ReadyExport.of(sandbox, 'lab', 'e', {
    apiGroup: 'kubevirt.io',
    kind: 'VirtualMachine',
    name: 'vm',
  });
  const claim = await sandbox.ask('GET', `${CORE}/persistentvolumeclaims/disk`);
  disk = path.join(sandbox.directory, 'disks', `${claim.body.spec.volumeName}.img`);
  const file = await open(disk, 'r+');
  await file.write(testDisk(SIZE), 0);
  await file.write('written by a guest', 4096);
  await file.close();
});
afterAll(() => sandbox.close());

test('a disk comes whole, packed and in parts, for who has the token', async () => {
  expect((await machine.get('/volumes/disk/disk.img', {})).status).toBe(401);
  expect((await machine.get('/volumes/other/disk.img')).status).toBe(404);
  const packed = await machine.get('/volumes/disk/disk.img.gz');
  const image = gunzipSync(packed.body);
  expect(image.length).toBe(SIZE);
  expect(image.equals(await readFile(disk))).toBe(true);
  const part = await machine.get(`/volumes/disk/disk.img?x-kubevirt-export-token=${machine.token}`, {
    range: 'bytes=4096-4102',
  });
  expect([part.status, part.body.toString()]).toEqual([206, 'written']);
  expect(part.headers['content-range']).toBe(`bytes 4096-4102/${SIZE}`);
});

test('the manifests import the VM from the export', async () => {
  const { body } = await machine.get('/internal/manifests/all');
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
  const secret = await machine.get('/internal/manifests/secret');
  expect(JSON.parse(secret.body.toString()).items[0].stringData.token).toBe(
    `x-kubevirt-export-token:${machine.token}`,
  );
});

test('a download that broke off goes on where it ended', async () => {
  const headers = { 'x-kubevirt-export-token': machine.token };
  const first = await machine.get('/volumes/disk/disk.img', headers, 1_000_000);
  const { length } = first.body;
  expect(length).toBeLessThan(SIZE);
  const rest = await machine.get('/volumes/disk/disk.img', { ...headers, range: `bytes=${length}-` });
  expect(rest.status).toBe(206);
  expect(Buffer.concat([first.body, rest.body]).equals(await readFile(disk))).toBe(true);
  const beyond = await machine.get('/volumes/disk/disk.img', { ...headers, range: `bytes=${SIZE}-` });
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
    const { items } = JSON.parse((await machine.get(where)).body.toString());
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
  const source = { apiGroup: '', kind: 'PersistentVolumeClaim', name: 'files' };
  const files = await ReadyExport.of(sandbox, 'lab', 'f', source);
  const packed = await files.get('/volumes/files/disk.tar.gz');
  expect(packed.status).toBe(200);
  expect(gunzipSync(packed.body).every((byte) => byte === 0)).toBe(true);
});

test('the service leads to the export from this computer, for whoever may open its port', async () => {
  const { body } = await sandbox.ask('GET', `${CORE}/services/${machine.serviceName}`);
  const host = body.spec.clusterIP.replace(/^10/, '127');
  const straight = () => machine.get('/volumes/disk/disk.img', undefined, undefined, host);
  const isRefused = async () => {
    const events = await sandbox.ask('GET', `${CORE}/events?fieldSelector=reason=PortNotOpened`);
    return events.body.items.length > 0;
  };
  const answer = await vi.waitUntil(async () => (await straight().catch(() => undefined)) ?? isRefused(), {
    timeout: 20_000,
    interval: 100,
  });
  // Ports below 1024 are the administrator's: for others an event on the service says so.
  if (answer === true) return;
  if (!answer) throw new Error('there is neither a port nor an event');
  expect(answer.body.equals(await readFile(disk))).toBe(true);
});
