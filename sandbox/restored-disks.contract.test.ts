import { open, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestSandbox, testVm } from './testing';
import { imageOfClaim } from './testing-images';

const NS = 'restored';
const GROUP = `/apis/snapshot.kubevirt.io/v1beta1/namespaces/${NS}`;
const DATA_VOLUMES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datavolumes`;
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const target = { apiGroup: 'kubevirt.io', kind: 'VirtualMachine' };

async function write(claim: string, text: string): Promise<void> {
  const file = await open(await imageOfClaim(sandbox, NS, claim), 'r+');
  await file.write(text, 4096);
  await file.close();
}

async function read(claim: string): Promise<string> {
  const image = await readFile(await imageOfClaim(sandbox, NS, claim));
  return image.subarray(4096, 4099).toString();
}

/** A halted VM whose disk is made by its DataVolume, in a state that is snapshot as `<name>-1` and then lost. */
async function snapshotMachine(name: string): Promise<void> {
  const vm = testVm(name, 'Halted', (spec) => {
    spec.volumes = [{ name: 'root', dataVolume: { name: `${name}-root` } }];
  }) as { spec: object };
  const template = {
    metadata: { name: `${name}-root` },
    spec: {
      source: { blank: {} },
      storage: {
        storageClassName: 'standard',
        volumeMode: 'Block',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '4Mi' } },
      },
    },
  };
  Object.assign(vm.spec, { dataVolumeTemplates: [template] });
  expect((await sandbox.createVm(vm, NS)).status).toBe(201);
  await succeeded(`${name}-root`);
  await write(`${name}-root`, 'old');
  await sandbox.until(
    () => sandbox.vm(NS, name),
    ({ body }) => body.status?.volumeSnapshotStatuses?.[0]?.enabled === true,
    'its disk can be snapshot',
  );
  await sandbox.ask('POST', `${GROUP}/virtualmachinesnapshots`, {
    apiVersion: 'snapshot.kubevirt.io/v1beta1',
    kind: 'VirtualMachineSnapshot',
    metadata: { name: `${name}-1` },
    spec: { source: { ...target, name } },
  });
  await sandbox.until(
    () => sandbox.ask('GET', `${GROUP}/virtualmachinesnapshots/${name}-1`),
    ({ body }) => body.status?.phase === 'Succeeded',
    'it is snapshot',
  );
  await write(`${name}-root`, 'new');
}

async function restore(name: string, more: object): Promise<{ status: Record<string, unknown> }> {
  await sandbox.ask('POST', `${GROUP}/virtualmachinerestores`, {
    apiVersion: 'snapshot.kubevirt.io/v1beta1',
    kind: 'VirtualMachineRestore',
    metadata: { name: `${name}-back` },
    spec: { target: { ...target, name }, virtualMachineSnapshotName: `${name}-1`, ...more },
  });
  const { body } = await sandbox.until(
    () => sandbox.ask('GET', `${GROUP}/virtualmachinerestores/${name}-back`),
    (answer) => answer.body.status?.complete === true,
    'it is restored',
  );
  return body;
}

const succeeded = (name: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${DATA_VOLUMES}/${name}`),
    ({ body }) => body?.status?.phase === 'Succeeded',
    `the DataVolume ${name} has its claim`,
  );

describe('a restore', () => {
  test('gives a VM with a DataVolume a new one that holds what was snapshot', async () => {
    await snapshotMachine('moved');
    const { status } = await restore('moved', {});
    const [{ persistentVolumeClaim: claim, dataVolumeName }] = status.restores as [
      { persistentVolumeClaim: string; dataVolumeName: string },
    ];
    expect(dataVolumeName).toBe(claim);
    await succeeded(claim);
    expect(await read(claim)).toBe('old');
    expect(await read('moved-root')).toBe('new');
    const owners = (await sandbox.ask('GET', `${CLAIMS}/${claim}`)).body.metadata.ownerReferences;
    expect(owners.map(({ kind, name }: { kind: string; name: string }) => [kind, name])).toEqual([
      ['DataVolume', claim],
    ]);
  });

  test('in place puts it under the old name, and says which DataVolume had to go', async () => {
    await snapshotMachine('placed');
    const before = (await sandbox.ask('GET', `${CLAIMS}/placed-root`)).body;
    const { status } = await restore('placed', { volumeRestorePolicy: 'InPlace' });
    expect(status.deletedDataVolumes).toEqual(['placed-root']);
    await succeeded('placed-root');
    const after = (await sandbox.ask('GET', `${CLAIMS}/placed-root`)).body;
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(await read('placed-root')).toBe('old');
  });
});
