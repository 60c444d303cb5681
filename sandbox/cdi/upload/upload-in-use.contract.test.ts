import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { TestSandbox, testVm } from '../../testing';
import { TestVolumes } from '../testing';

const NS = 'uploads';
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
const PODS = `/api/v1/namespaces/${NS}/pods`;
let sandbox: TestSandbox;
let volumes: TestVolumes;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
  volumes = new TestVolumes(sandbox, NS);
});
afterAll(() => sandbox.close());

it('an upload waits for whoever uses the claim', async () => {
  await sandbox.ask('POST', CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'busy' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      volumeMode: 'Block',
      resources: { requests: { storage: '16Mi' } },
    },
  });
  const vm = testVm('busy', 'Always', (spec) => {
    spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'busy' } }];
  });
  await sandbox.createVm(vm, NS);
  await sandbox.untilStatus(NS, 'busy', 'Running');
  const annotations = { 'cdi.kubevirt.io/storage.upload.target': '' };
  await sandbox.ask('PATCH', `${CLAIMS}/busy`, { metadata: { annotations } });
  const events = () => volumes.events('busy', 'PersistentVolumeClaim');
  await vi.waitUntil(async () => (await events()).some((text) => text.startsWith('UploadTargetInUse')), {
    timeout: 20_000,
  });
  const server = `${PODS}/cdi-upload-busy`;
  expect((await sandbox.ask('GET', server)).status).toBe(404);
  await sandbox.ask('PATCH', `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines/busy`, {
    spec: { runStrategy: 'Halted' },
  });
  await sandbox.until(
    () => sandbox.ask('GET', server),
    ({ status }) => status === 200,
    'the upload server starts',
  );
});
