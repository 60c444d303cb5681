import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from '../testing';

const NS = 'vm-disks';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

/** A VM whose root disk comes from a template. */
function vmFrom(name: string, spec: object, runStrategy: 'Always' | 'Halted' = 'Always') {
  // What testVm makes has a spec; its type does not say so.
  const vm = testVm(name, runStrategy, (template) => {
    template.volumes = [{ name: 'root', dataVolume: { name: `${name}-root` } }];
  }) as { spec: object };
  const dataVolumeTemplates = [{ metadata: { name: `${name}-root` }, spec }];
  return { ...vm, spec: { ...vm.spec, dataVolumeTemplates } };
}

const storage = { resources: { requests: { storage: '1Gi' } } };
const dataVolume = (name: string) =>
  sandbox.ask('GET', `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datavolumes/${name}`);
const untilEvent = (name: string, reason: string) =>
  sandbox.until(
    () =>
      sandbox.ask(
        'GET',
        `/api/v1/namespaces/${NS}/events?fieldSelector=involvedObject.name=${name},reason=${reason}`,
      ),
    ({ body }) => body.items.length > 0,
    `${name} has an event ${reason}`,
  );

describe('a VM whose disks come from templates', () => {
  it('is Provisioning until they are imported, then starts', async () => {
    await sandbox.createVm(vmFrom('web', { source: { blank: {} }, storage }), NS);
    await sandbox.untilStatus(NS, 'web', 'Provisioning');
    await sandbox.untilStatus(NS, 'web', 'Running');
    const { body } = await dataVolume('web-root');
    expect(body.metadata.ownerReferences[0]).toMatchObject({ kind: 'VirtualMachine', name: 'web' });
    expect(body.metadata.labels['kubevirt.io/created-by']).toBe(body.metadata.ownerReferences[0].uid);
    const { conditions } = (await sandbox.vm(NS, 'web')).body.status;
    expect(conditions).toContainEqual(expect.objectContaining({ type: 'DataVolumesReady', status: 'True' }));
  });

  it('gets them while it is halted, too', async () => {
    await sandbox.createVm(vmFrom('later', { source: { blank: {} }, storage }, 'Halted'), NS);
    await sandbox.until(
      () => dataVolume('later-root'),
      ({ body }) => body.status?.phase === 'Succeeded',
      'its disk is there',
    );
    await sandbox.untilStatus(NS, 'later', 'Stopped');
  });

  it('is in DataVolumeError while an import fails', async () => {
    const source = { http: { url: 'http://images.example.invalid/disk.img' } };
    await sandbox.createVm(vmFrom('broken', { source, storage }), NS);
    await sandbox.untilStatus(NS, 'broken', 'DataVolumeError');
  });

  it('may not clone out of a namespace that its account may not read', async () => {
    await sandbox.createNamespace('vault');
    const source = { pvc: { namespace: 'vault', name: 'gold' } };
    await sandbox.createVm(vmFrom('thief', { source, storage }), NS);
    const { body } = await untilEvent('thief', 'UnauthorizedDataVolumeCreate');
    expect(body.items[0].message).toContain(
      `User system:serviceaccount:${NS}:default has insufficient permissions in clone source namespace vault`,
    );
    const failed = await sandbox.until(
      () => sandbox.vm(NS, 'thief'),
      (answer) => answer.body.status?.conditions?.some(({ type }: { type: string }) => type === 'Failure'),
      'the VM says so',
    );
    expect(failed.body.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Failure', reason: 'FailedCreate' }),
    );
  });

  it('boots from a copy of an image that everybody may clone', async () => {
    const sourceRef = { kind: 'DataSource', namespace: 'boot-images', name: 'fedora' };
    await sandbox.createVm(vmFrom('fresh', { sourceRef, storage: {} }), NS);
    await sandbox.untilStatus(NS, 'fresh', 'Running');
  });
});
