import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isJsonObject, type JsonObject, withValueAt } from '@/lib/k8s/json';
import { pendingChanges, restartReason, withRunningValues } from '@/lib/kinds/vm/pending';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import { TestSandbox, testVm } from '@/sandbox/testing';

const NS = 'pending';
const VMS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines`;
const CORPUS = path.resolve('e2e/manifests/corpus');
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const look = async (name: string) => {
  const [vm, vmi, expanded] = await Promise.all([
    sandbox.vm(NS, name),
    sandbox.vmi(NS, name),
    sandbox.ask(
      'GET',
      `/apis/subresources.kubevirt.io/v1/namespaces/${NS}/virtualmachines/${name}/expand-spec`,
    ),
  ]);
  expect(expanded.status).toBe(200);
  return {
    vm: vm.body as VirtualMachine,
    vmi: vmi.body as VirtualMachineInstance,
    expanded: expanded.body as VirtualMachine,
  };
};
const pendingOf = async (name: string) => {
  const { vm, vmi, expanded } = await look(name);
  return pendingChanges(vm, vmi, expanded);
};
const running = async (vm: object, name: string) => {
  const made = await sandbox.createVm(vm, NS);
  expect(made.status, made.text).toBe(201);
  return sandbox.untilStatus(NS, name, 'Running');
};
/** The VM as the instance's revision keeps it. */
const startedAs = async (name: string): Promise<JsonObject> => {
  const revision = (await sandbox.vmi(NS, name)).body.status.virtualMachineRevisionName;
  const kept = await sandbox.ask('GET', `/apis/apps/v1/namespaces/${NS}/controllerrevisions/${revision}`);
  expect(kept.status, kept.text).toBe(200);
  return kept.body.data;
};
const spec = (change: JsonObject) => (own: object) => {
  const spec = own as JsonObject;
  for (const [at, value] of Object.entries(change)) {
    const next = withValueAt(spec, at.split('.'), value);
    for (const key of Object.keys(spec)) if (!(key in next)) delete spec[key];
    Object.assign(spec, next);
  }
};

const BARE = { 'domain.resources': undefined, 'domain.cpu': undefined };
const MANIFESTS: Record<string, [change: JsonObject, more?: JsonObject]> = {
  plain: [{}],
  bare: [{ networks: undefined, 'domain.devices': {} }],
  topology: [{ 'domain.cpu': { sockets: 2, cores: 2, threads: 1 }, 'domain.memory': { guest: '1Gi' } }],
  odd: [{ 'domain.cpu': { cores: 3 }, 'domain.memory': { guest: '1073741824' } }],
  limits: [{ 'domain.resources': { limits: { cpu: '2', memory: '512Mi' } } }],
  quantities: [{ 'domain.memory': { guest: '2048M' }, 'domain.resources': { requests: { memory: '2G' } } }],
  efi: [
    {
      'domain.features': { smm: {}, acpi: {}, hyperv: { relaxed: {}, vapic: {} } },
      'domain.firmware': { bootloader: { efi: { secureBoot: true } } },
      'domain.clock': { utc: {}, timer: { hpet: { present: false }, rtc: { tickPolicy: 'catchup' } } },
    },
  ],
  devices: [
    {
      'domain.devices.rng': {},
      'domain.devices.tpm': {},
      'domain.devices.inputs': [{ type: 'tablet', name: 'pointer' }],
      'domain.devices.watchdog': { name: 'dog', i6300esb: {} },
      'domain.devices.sound': { name: 'sound', model: 'ich9' },
      'domain.devices.autoattachGraphicsDevice': true,
    },
  ],
  placed: [
    {
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      tolerations: [{ key: 'x', operator: 'Exists' }],
      evictionStrategy: 'LiveMigrateIfPossible',
      hostname: 'somebody',
      readinessProbe: { tcpSocket: { port: 22 } },
    },
  ],
  disks: [
    {
      volumes: [
        { name: 'root', containerDisk: { image: 'quay.io/containerdisks/fedora' } },
        { name: 'scratch', emptyDisk: { capacity: '1024Mi' } },
        { name: 'init', cloudInitNoCloud: { userData: '#cloud-config\n' } },
      ],
      'domain.devices.disks': [
        { name: 'root', bootOrder: 1, disk: {} },
        { name: 'scratch', disk: { bus: 'scsi' }, serial: 'A1' },
      ],
    },
  ],
  sized: [BARE, { instancetype: { name: 'u1.small' }, preference: { name: 'fedora' } }],
  windows: [
    { ...BARE, 'domain.devices': {}, networks: undefined },
    { instancetype: { name: 'u1.large' }, preference: { name: 'windows.2k22.virtio' } },
  ],
};

describe('a VM that was just started has nothing pending', () => {
  it.each(Object.entries(MANIFESTS))('%s', async (name, [change, more]) => {
    const vm = testVm(name, 'Always', spec(change)) as JsonObject;
    await running({ ...vm, spec: { ...(vm.spec as JsonObject), ...more } }, name);
    expect(await pendingOf(name)).toEqual([]);
  });
});

describe('exactly what was changed is pending', () => {
  const changed = async (name: string, change: JsonObject, from: JsonObject = {}, more: JsonObject = {}) => {
    const vm = testVm(name, 'Always', spec(from)) as JsonObject;
    await running({ ...vm, spec: { ...(vm.spec as JsonObject), ...more } }, name);
    const edited = await sandbox.ask('PATCH', `${VMS}/${name}`, change);
    expect(edited.status, edited.text).toBe(200);
    await sandbox.until(
      () => sandbox.vm(NS, name),
      ({ body }) => restartReason(body) !== undefined,
      `${name} wants a restart`,
    );
    return pendingOf(name);
  };
  const template = (guest: object) => ({ spec: { template: { spec: guest } } });

  it('of values, new ones, and those that are gone', async () => {
    const pending = await changed(
      'values',
      template({
        hostname: 'new',
        terminationGracePeriodSeconds: 7,
        domain: { cpu: { cores: 2 }, devices: { tpm: {}, rng: null } },
      }),
      { 'domain.devices.rng': {} },
    );
    const told = pending.map((each) => [each.path, each.running, each.stored]);
    expect(told.sort()).toEqual([
      ['spec.template.spec.domain.cpu.cores', 1, 2],
      ['spec.template.spec.domain.devices.rng', {}, undefined],
      ['spec.template.spec.domain.devices.tpm', undefined, {}],
      ['spec.template.spec.hostname', undefined, 'new'],
      ['spec.template.spec.terminationGracePeriodSeconds', 5, 7],
    ]);
    // Putting what runs back takes the restart away.
    const { vm } = await look('values');
    const started = await startedAs('values');
    const back = withRunningValues(vm as unknown as JsonObject, pending, started);
    const replaced = await sandbox.ask('PUT', `${VMS}/values`, back);
    expect(replaced.status, replaced.text).toBe(200);
    await sandbox.until(
      () => sandbox.vm(NS, 'values'),
      ({ body }) => restartReason(body) === undefined,
      'nothing is left to restart for',
    );
    expect(await pendingOf('values')).toEqual([]);
  });

  it('of entries of lists', async () => {
    const pending = await changed(
      'lists',
      template({
        volumes: [
          { name: 'root', containerDisk: { image: 'quay.io/containerdisks/debian:12' } },
          { name: 'more', emptyDisk: { capacity: '1Gi' } },
        ],
        domain: {
          devices: {
            disks: [
              { name: 'root', disk: { bus: 'virtio' } },
              { name: 'more', disk: { bus: 'virtio' } },
            ],
          },
        },
      }),
    );
    expect(pending.map(({ path: place }) => place).sort()).toEqual([
      'spec.template.spec.domain.devices.disks[more]',
      'spec.template.spec.volumes[more]',
      'spec.template.spec.volumes[root].containerDisk.image',
    ]);
    const { vm } = await look('lists');
    const back = withRunningValues(vm as unknown as JsonObject, pending) as unknown as VirtualMachine;
    expect(pendingChanges(back, (await look('lists')).vmi)).toEqual([]);
  });

  it('of the instance type, once', async () => {
    const pending = await changed('resized', { spec: { instancetype: { name: 'cx1.medium' } } }, BARE, {
      instancetype: { name: 'u1.small' },
    });
    expect(pending.map((each) => [each.path, each.running, each.stored])).toEqual([
      ['spec.instancetype.name', 'u1.small', 'cx1.medium'],
    ]);
  });
});

it('what grows by a migration is under way, and then nothing', async () => {
  const vm = testVm(
    'growing',
    'Always',
    spec({ 'domain.cpu': { sockets: 1 }, 'domain.memory': { guest: '1Gi' } }),
  );
  await running(vm, 'growing');
  await sandbox.ask('PATCH', `${VMS}/growing`, {
    spec: { template: { spec: { domain: { cpu: { sockets: 2 }, memory: { guest: '2Gi' } } } } },
  });
  const seen = new Set<string>();
  await sandbox.until(
    async () => {
      const pending = await pendingOf('growing');
      for (const each of pending) if (each.isUnderWay) seen.add(each.path);
      return { status: 0, text: '', contentType: '', body: pending };
    },
    ({ body }) => seen.size > 0 && body.length === 0,
    'the guest has all of it',
  );
  expect([...seen]).toContain('spec.template.spec.domain.cpu.sockets');
});

/** The VMs of the corpus that a cluster takes as they are. */
function corpus(): [file: string, documents: JsonObject[]][] {
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => {
      const documents = parseAllDocuments(readFileSync(path.join(CORPUS, file), 'utf8'));
      return [file, documents.map((document) => document.toJS() as unknown).filter(isJsonObject)];
    });
}

const documents = corpus();
/** States in which a VM has no instance and waits for something that may never come. */
const WAITING = [
  'Provisioning',
  'WaitingForVolumeBinding',
  'DataVolumeError',
  'ErrorPvcNotFound',
  'WaitingForReceiver',
];
let compared = 0;
describe.runIf(documents.length > 0)('of the corpus, what starts has nothing pending', () => {
  it.each(documents)('%s', async (_, objects) => {
    for (const object of objects) {
      const metadata = isJsonObject(object.metadata) ? object.metadata : {};
      if (object.kind !== 'VirtualMachine' || typeof metadata.name !== 'string') continue;
      const { name } = metadata;
      const vm = withValueAt(
        { ...object, metadata: { ...metadata, namespace: NS } },
        ['spec', 'running'],
        undefined,
      );
      const made = await sandbox.createVm(withValueAt(vm, ['spec', 'runStrategy'], 'Always'), NS);
      // Some ask for what this cluster doesn't have.
      if (made.status !== 201) continue;
      const { body } = await sandbox.until(
        () => sandbox.vm(NS, name),
        ({ body }) =>
          body.status?.created === true ||
          (body.status?.conditions ?? []).length > 1 ||
          WAITING.includes(body.status?.printableStatus),
        `something comes of ${name}`,
      );
      if (body.status.created) {
        expect(await pendingOf(name)).toEqual([]);
        compared += 1;
      }
      await sandbox.ask('DELETE', `${VMS}/${name}`);
    }
  });

  it('which is most of it', () => {
    expect(compared).toBeGreaterThan(documents.length / 2);
  });
});
