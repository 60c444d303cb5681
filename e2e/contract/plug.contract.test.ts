import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorFromBody } from '@/lib/k8s/error';
import type { JsonObject } from '@/lib/k8s/json';
import type { ApiRequest } from '@/lib/k8s/request';
import { plugCalls } from '@/lib/kinds/vm/plug-calls';
import { plugVolumes } from '@/lib/live/plug-volumes';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { Cluster } from '../support/cluster';

const NS = 'plugging';
let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  cluster = new Cluster(sandbox.kubeconfig);
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const call = async (path: string, { method = 'GET', body }: ApiRequest = {}) => {
  const { status, text } = await cluster.call(method, path, body);
  if (status >= 400) throw errorFromBody(status, text, { method, path }, null);
  return text ? (JSON.parse(text) as unknown) : undefined;
};
const ref = { cluster: 'sandbox', namespace: NS, name: 'store' };
const volumeStatus = async () => (await sandbox.vmi(NS, 'store')).body.status.volumeStatus;

it('what an edit adds and removes is plugged by the calls of its own', async () => {
  await sandbox.createVm(testVm('store', 'Always'), NS);
  await sandbox.untilStatus(NS, 'store', 'Running');
  await sandbox.ask('POST', `/api/v1/namespaces/${NS}/persistentvolumeclaims`, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      volumeMode: 'Block',
    },
  });
  const before = (await sandbox.vm(NS, 'store')).body as JsonObject;
  const after = structuredClone((await sandbox.vm(NS, 'store')).body);
  const { spec } = after.spec.template;
  spec.volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'data', hotpluggable: true } });
  spec.domain.devices.disks.push({ name: 'data', disk: { bus: 'scsi' }, serial: 'S1' });

  const added = await plugVolumes(ref, plugCalls(ref, before, after), call);
  expect(JSON.stringify(added.spec)).toContain('"serial":"S1"');
  await sandbox.until(
    async () => ({ status: 0, text: '', contentType: '', body: await volumeStatus() }),
    ({ body }) =>
      body.some(({ name, phase }: { name: string; phase?: string }) => name === 'data' && phase === 'Ready'),
    'the disk is in the guest',
  );
  const removed = await plugVolumes(ref, plugCalls(ref, added, before), call);
  expect(JSON.stringify(removed.spec)).not.toContain('"data"');
  await sandbox.until(
    async () => ({ status: 0, text: '', contentType: '', body: await volumeStatus() }),
    ({ body }) => !body.some(({ name }: { name: string }) => name === 'data'),
    'it has left the guest',
  );
});

it('leaves what takes a restart, and drives, to the template', () => {
  const vm = (volumes: object[], disks: object[]): JsonObject => ({
    spec: { template: { spec: { volumes, domain: { devices: { disks } } } } },
  });
  const hot = { persistentVolumeClaim: { claimName: 'x', hotpluggable: true } };
  const drive = { name: 'cd', cdrom: {} };
  expect(plugCalls(ref, vm([], [drive]), vm([{ name: 'cd', ...hot }], [drive]))).toEqual([]);
  expect(plugCalls(ref, vm([], []), vm([{ name: 'a', emptyDisk: {} }], [{ name: 'a', disk: {} }]))).toEqual(
    [],
  );
});
