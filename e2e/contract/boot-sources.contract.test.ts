import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '@/lib/k8s/json';
import { type BootSource, readBootSource, writeBootSource } from '@/lib/kinds/vm/form/boot-source';
import { DISK_SOURCES, newDataDisk, newDrive, withDiskSource } from '@/lib/kinds/vm/form/disk-edits';
import { type DiskEntry, diskEntries, withDisk } from '@/lib/kinds/vm/form/disk-entries';
import { defaultsOfLabels, FRESH_VM, withImageDefaults } from '@/lib/kinds/vm/form/image-defaults';
import { newVm } from '@/lib/kinds/vm/form/new-vm';
import { dataSourceOffer } from '@/lib/kinds/vm/form/storage-offers';
import { TestSandbox } from '@/sandbox/testing';

const NS = 'sources';
const VMS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines`;
const VOLUMES = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${NS}/datavolumes`;
const BOUND = { 'cdi.kubevirt.io/storage.bind.immediate.requested': 'true' };
const IMAGE = 'quay.io/kubevirt/cirros-container-disk-demo:latest';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
  const golden = {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    metadata: { name: 'golden', namespace: NS, annotations: BOUND },
    spec: { source: { blank: {} }, storage: { resources: { requests: { storage: '64Mi' } } } },
  };
  expect((await sandbox.ask('POST', VOLUMES, golden)).status).toBe(201);
  await untilSucceeded('golden');
  const snapshot = {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    metadata: { name: 'golden', namespace: NS },
    spec: { source: { persistentVolumeClaimName: 'golden' } },
  };
  const snapshots = `/apis/snapshot.storage.k8s.io/v1/namespaces/${NS}/volumesnapshots`;
  expect((await sandbox.ask('POST', snapshots, snapshot)).status).toBe(201);
  await sandbox.until(
    () => sandbox.ask('GET', `${snapshots}/golden`),
    ({ body }) => body.status?.readyToUse === true,
    'the snapshot is ready',
  );
  await sandbox.ask('POST', `/api/v1/namespaces/${NS}/configmaps`, {
    metadata: { name: 'settings' },
    data: {},
  });
});
afterAll(() => sandbox.close());

const untilSucceeded = (name: string) =>
  sandbox.until(
    () => sandbox.ask('GET', `${VOLUMES}/${name}`),
    ({ body }) => body.status?.phase === 'Succeeded',
    `the volume ${name} is filled`,
  );

async function create(vm: JsonObject): Promise<JsonObject> {
  const { status, body } = await sandbox.ask('POST', VMS, vm);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}

const vmNamed = (name: string) => newVm({ name, namespace: NS });

/** With the volumes of a stopped VM made at once: nothing runs here that would be their first consumer. */
function atRest(vm: JsonObject): JsonObject {
  const spec = vm.spec as { dataVolumeTemplates?: { metadata: object }[] };
  const dataVolumeTemplates = spec.dataVolumeTemplates?.map((each) => ({
    ...each,
    metadata: { ...each.metadata, annotations: BOUND },
  }));
  return {
    ...vm,
    spec: { ...spec, runStrategy: 'Halted', ...(dataVolumeTemplates ? { dataVolumeTemplates } : {}) },
  };
}

const SOURCES: Record<string, { source: BootSource; fills?: boolean }> = {
  'container-disk': { source: { kind: 'containerDisk', image: IMAGE, pullSecret: 'pull' } },
  'data-source': {
    source: { kind: 'template', from: { kind: 'dataSource', namespace: 'boot-images', name: 'fedora' } },
    fills: true,
  },
  registry: {
    source: { kind: 'template', from: { kind: 'registry', url: `docker://${IMAGE}` } },
    fills: true,
  },
  url: { source: { kind: 'template', from: { kind: 'http', url: 'http://images.example/disk.qcow2' } } },
  clone: { source: { kind: 'template', from: { kind: 'pvc', namespace: NS, name: 'golden' } }, fills: true },
  snapshot: {
    source: { kind: 'template', from: { kind: 'snapshot', namespace: NS, name: 'golden' } },
    fills: true,
  },
  blank: { source: { kind: 'template', from: { kind: 'blank' } }, fills: true },
  volume: { source: { kind: 'volume', type: 'dataVolume', name: 'golden' } },
  claim: { source: { kind: 'volume', type: 'persistentVolumeClaim', name: 'golden' } },
  'iso-volume': {
    source: { kind: 'iso', medium: { kind: 'volume', type: 'dataVolume', name: 'golden' } },
    fills: true,
  },
  'iso-image': { source: { kind: 'iso', medium: { kind: 'containerDisk', image: IMAGE } } },
};

describe('a VM made from what the form writes', () => {
  it.each(Object.entries(SOURCES))('starts from %s', async (name, { source, fills = false }) => {
    const stored = await create(atRest(writeBootSource(vmNamed(`from-${name}`), source)));
    expect(readBootSource(stored)).toEqual(source);
    if (fills) await untilSucceeded(`from-${name}-rootdisk`);
  });

  it('takes its size and its system from the image', async () => {
    const { body } = await sandbox.ask(
      'GET',
      '/apis/cdi.kubevirt.io/v1beta1/namespaces/boot-images/datasources/debian',
    );
    const offer = dataSourceOffer(body);
    expect(offer).toMatchObject({ isReady: true, behind: { kind: 'pvc', namespace: 'boot-images' } });
    const from = { kind: 'dataSource' as const, namespace: offer.namespace, name: offer.name };
    const vm = withImageDefaults(
      writeBootSource(vmNamed('sized'), { kind: 'template', from }),
      defaultsOfLabels(offer.labels),
      { fresh: FRESH_VM },
    );
    expect((await create(atRest(vm))).spec).toMatchObject({
      instancetype: { name: 'u1.small' },
      preference: { name: 'debian' },
    });
  });

  it('has disks of every kind, and an empty drive', async () => {
    const said: Record<string, (entry: DiskEntry) => DiskEntry> = {
      containerDisk: volume({ containerDisk: { image: IMAGE } }),
      existing: volume({ persistentVolumeClaim: { claimName: 'golden' } }),
      ephemeral: volume({ ephemeral: { persistentVolumeClaim: { claimName: 'golden' } } }),
      configMap: volume({ configMap: { name: 'settings' } }),
      secret: volume({ secret: { secretName: 'settings' } }),
      serviceAccount: volume({ serviceAccount: { serviceAccountName: 'default' } }),
    };
    // What needs a feature gate, a file system device, or an address to be filled in.
    const left = [
      'hostDisk',
      'downwardMetrics',
      'containerPath',
      'dataSource',
      'http',
      'registry',
      'pvc',
      'snapshot',
    ];
    let vm: JsonObject = writeBootSource(vmNamed('every-kind'), { kind: 'containerDisk', image: IMAGE });
    const wanted = DISK_SOURCES.filter((source) => !left.includes(source) && source !== 'none');
    for (const source of wanted) {
      const entry = withDiskSource(vm, newDataDisk(vm, false), source, { namespace: NS, isHot: false });
      vm = withDisk(vm, said[source]?.(entry) ?? entry);
    }
    vm = withDisk(vm, newDrive(vm));
    const stored = await create(atRest(vm));
    expect(diskEntries(stored).map(({ name }) => name)).toEqual(diskEntries(vm).map(({ name }) => name));
  });
});

const volume = (content: JsonObject) => (entry: DiskEntry) => ({
  ...entry,
  volume: { name: entry.name, ...content },
});
