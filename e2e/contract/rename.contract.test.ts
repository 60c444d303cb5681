import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiError, errorFromBody } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { dependentsOf } from '@/lib/kinds/vm/delete';
import { vmFacts } from '@/lib/kinds/vm/facts';
import { renameUnavailable } from '@/lib/kinds/vm/rename';
import { RENAME_STEPS, type RenameEffects, renameVm } from '@/lib/live/rename-run';
import { TestSandbox, testVm } from '@/sandbox/testing';
import { Cluster } from '../support/cluster';

const NS = 'renaming';
const VMS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines`;
const DVS = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datavolumes`;
let sandbox: TestSandbox;
let cluster: Cluster;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  cluster = new Cluster(sandbox.kubeconfig);
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

/** As the page calls the API. */
const call: RenameEffects['call'] = async (path, { method = 'GET', body, contentType, query } = {}) => {
  const where = query ? `${path}?${new URLSearchParams(query)}` : path;
  const { status, text } = await cluster.call(method, where, body, contentType);
  if (status >= 400) throw errorFromBody(status, text, { method, path }, null);
  return JSON.parse(text) as unknown;
};
const effects = (own: Partial<RenameEffects> = {}): RenameEffects => ({
  call,
  onStep: () => undefined,
  disksOf: async (uid) => {
    const { body } = await sandbox.ask('GET', DVS);
    return dependentsOf(uid, RESOURCES.dataVolumes, body.items as K8sObject[]);
  },
  ...own,
});
const refTo = (name: string) => ({ cluster: 'sandbox', namespace: NS, name });
const ownersOf = async (disk: string) => {
  const { body } = await sandbox.ask('GET', `${DVS}/${disk}`);
  return (body.metadata.ownerReferences ?? []).map(({ name }: { name: string }) => name);
};

const stopped = async (name: string) => {
  const disk = `${name}-disk`;
  const vm = testVm(name, 'Halted', (spec) => {
    spec.volumes = [{ name: 'root', dataVolume: { name: disk } }] as never;
  }) as { spec: object };
  const template = {
    metadata: { name: disk },
    spec: { source: { blank: {} }, storage: { resources: { requests: { storage: '64Mi' } } } },
  };
  const made = await sandbox.createVm({ ...vm, spec: { ...vm.spec, dataVolumeTemplates: [template] } }, NS);
  expect(made.status, made.text).toBe(201);
  await sandbox.until(
    () => sandbox.ask('GET', `${DVS}/${disk}`),
    ({ status, body }) => status === 200 && body.metadata.ownerReferences?.[0]?.name === name,
    'the disk is its own',
  );
  return sandbox.untilStatus(NS, name, 'Stopped');
};

it('a stopped VM gets another name and keeps its disks, which are the new one’s own', async () => {
  await stopped('before');
  const steps: string[] = [];
  const outcome = await renameVm(
    refTo('before'),
    'after',
    { keepHostname: true },
    effects({ onStep: (step) => steps.push(step) }),
  );
  expect(outcome).toEqual({ kind: 'done' });
  expect(steps).toEqual(RENAME_STEPS);
  const { body: vm } = await sandbox.vm(NS, 'after');
  expect(vm.spec.template.spec.hostname).toBe('before');
  expect(vm.spec.dataVolumeTemplates).toHaveLength(1);
  await sandbox.until(
    () => sandbox.vm(NS, 'before'),
    ({ status }) => status === 404,
    'the old one has gone',
  );
  await sandbox.until(
    async () => ({ status: 0, text: '', contentType: '', body: await ownersOf('before-disk') }),
    ({ body }) => body.join() === 'after',
    'the new one has taken over the disk',
  );
  const started = await sandbox.ask('PATCH', `${VMS}/after`, { spec: { runStrategy: 'Always' } });
  expect(started.status).toBe(200);
  await sandbox.untilStatus(NS, 'after', 'Running');
  const { body: now } = await sandbox.vm(NS, 'after');
  expect(renameUnavailable(vmFacts(now, (await sandbox.vmi(NS, 'after')).body))?.key).toBe(
    'configure.rename.runs',
  );
});

it('a name that is taken changes nothing', async () => {
  await stopped('first');
  await stopped('taken');
  const outcome = await renameVm(refTo('first'), 'taken', { keepHostname: false }, effects());
  expect(outcome).toMatchObject({ kind: 'undone', step: 'check', error: { code: 409 } });
  expect((await sandbox.vm(NS, 'first')).body.spec.dataVolumeTemplates).toHaveLength(1);
  expect(await ownersOf('first-disk')).toEqual(['first']);
});

it('what fails halfway is put back', async () => {
  await stopped('kept');
  const refuse: RenameEffects['call'] = (path, request) => {
    if (request?.method === 'POST' && !request.query) {
      throw new ApiError(403, 'Forbidden', 'quota exceeded', { method: 'POST', path });
    }
    return call(path, request);
  };
  const outcome = await renameVm(refTo('kept'), 'never', { keepHostname: false }, effects({ call: refuse }));
  expect(outcome).toMatchObject({ kind: 'undone', step: 'create' });
  expect((await sandbox.vm(NS, 'kept')).body.spec.dataVolumeTemplates).toHaveLength(1);
  expect(await ownersOf('kept-disk')).toEqual(['kept']);
  expect((await sandbox.vm(NS, 'never')).status).toBe(404);
});
