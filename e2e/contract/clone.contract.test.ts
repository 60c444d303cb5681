import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloneInput, cloneManifest, cloneProgress, volumesWithoutSnapshots } from '@/lib/kinds/vm/clone';
import { TestSandbox, testVm } from '@/sandbox/testing';

const NS = 'cloning';
const MAC = '02:00:5e:00:00:01';
const CLONES = `/apis/clone.kubevirt.io/v1beta1/namespaces/${NS}/virtualmachineclones`;
const SNAPSHOTS = `/apis/snapshot.kubevirt.io/v1beta1/namespaces/${NS}/virtualmachinesnapshots`;
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
  await diskMachine('source');
});
afterAll(() => sandbox.close());

/** A halted VM with a claim and a MAC address of its own. */
async function diskMachine(name: string, storageClassName?: string): Promise<void> {
  await sandbox.ask('POST', CLAIMS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: `${name}-disk` },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  });
  const vm = testVm(name, 'Halted', (spec) => {
    spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: `${name}-disk` } }];
    spec.domain.devices.interfaces = [{ name: 'default', masquerade: {}, macAddress: MAC }];
    spec.networks = [{ name: 'default', pod: {} }];
  });
  const made = await sandbox.createVm(vm, NS);
  expect(made.status, made.text).toBe(201);
  await sandbox.until(
    () => sandbox.vm(NS, name),
    ({ body }) => body?.status?.volumeSnapshotStatuses?.[0]?.name === 'root',
    'KubeVirt has looked at its disk',
  );
}

async function order(input: Omit<CloneInput, 'namespace'>): Promise<string> {
  const manifest = cloneManifest({ ...input, namespace: NS });
  const dry = await sandbox.ask('POST', `${CLONES}?dryRun=All`, manifest);
  expect(dry.status, dry.text).toBe(201);
  const { status, body, text } = await sandbox.ask('POST', CLONES, manifest);
  expect(status, text).toBe(201);
  return body.metadata.name;
}

const untilState = (name: string, state: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${CLONES}/${name}`),
    ({ body }) => cloneProgress(body).state === state,
    `the clone is ${state}`,
  );
const claimOf = async (name: string) => {
  const { body } = await sandbox.vm(NS, name);
  const [volume] = body.spec.template.spec.volumes;
  return volume.persistentVolumeClaim?.claimName ?? volume.dataVolume?.name;
};
const guestOf = async (name: string) => (await sandbox.vm(NS, name)).body.spec.template.spec;

describe('a clone that the console orders', () => {
  it('of a VM is a stopped VM with a disk and a MAC address of its own', async () => {
    const name = await order({ from: 'vm', source: 'source', target: 'twin' });
    expect(name).toMatch(/^clone-twin-/);
    const { body } = await untilState(name, 'done');
    expect(cloneProgress(body)).toMatchObject({ target: 'twin', words: '' });
    expect((await sandbox.vm(NS, 'twin')).body.spec.runStrategy).toBe('Halted');
    const claim = await claimOf('twin');
    expect(claim).not.toBe('source-disk');
    expect((await sandbox.ask('GET', `${CLAIMS}/${claim}`)).status).toBe(200);
    expect((await guestOf('source')).domain.devices.interfaces[0].macAddress).toBe(MAC);
    expect((await guestOf('twin')).domain.devices.interfaces[0].macAddress).not.toBe(MAC);
  });

  it('of a snapshot is what the snapshot has kept', async () => {
    await sandbox.ask('POST', SNAPSHOTS, {
      apiVersion: 'snapshot.kubevirt.io/v1beta1',
      kind: 'VirtualMachineSnapshot',
      metadata: { name: 'monday' },
      spec: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'source' } },
    });
    await sandbox.until(
      () => sandbox.ask('GET', `${SNAPSHOTS}/monday`),
      ({ body }) => body.status?.readyToUse === true,
      'the snapshot is ready',
    );
    const name = await order({ from: 'snapshot', source: 'monday', target: 'from-monday' });
    const { body } = await untilState(name, 'done');
    expect(cloneProgress(body).steps.map(({ id }) => id)).toEqual(['restore', 'target']);
    expect(await claimOf('from-monday')).not.toBe('source-disk');
  });

  it('of storage that can’t snapshot is foretold, and stuck with KubeVirt’s words', async () => {
    // A driver that no VolumeSnapshotClass knows.
    const { status } = await sandbox.ask('POST', '/apis/storage.k8s.io/v1/storageclasses', {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'plain' },
      provisioner: 'plain.example.com',
    });
    expect(status).toBe(201);
    await diskMachine('plain', 'plain');
    expect(volumesWithoutSnapshots((await sandbox.vm(NS, 'plain')).body)).toMatchObject([{ name: 'root' }]);
    const name = await order({ from: 'vm', source: 'plain', target: 'never' });
    const { body } = await untilState(name, 'stuck');
    expect(cloneProgress(body).words).toBe('Virtual Machine volume root does not support snapshots');
    expect((await sandbox.vm(NS, 'never')).status).toBe(404);
  });

  it('of a snapshot that is not there says so', async () => {
    const name = await order({ from: 'snapshot', source: 'nosuch', target: 'nothing' });
    const { body } = await untilState(name, 'stuck');
    expect(cloneProgress(body).words).toBe(`Source doesnt exist: VirtualMachineSnapshot ${NS}/nosuch`);
  });
});
