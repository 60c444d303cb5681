import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';

const NS = 'changes';
const KUBEVIRT = `/apis/kubevirt.io/v1/namespaces/${NS}`;
const GENERIC = 'a non-live-updatable field was changed in the template spec';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

interface Shape {
  sockets?: number;
  guest?: string;
  evictionStrategy?: string;
}

const running = async (name: string, { sockets, guest, evictionStrategy }: Shape = {}) => {
  const vm = testVm(name, 'Always', (spec) => {
    const { domain } = spec;
    Object.assign(domain, {
      ...(sockets ? { cpu: { sockets } } : {}),
      ...(guest ? { memory: { guest }, resources: {} } : {}),
    });
    Object.assign(spec, evictionStrategy ? { evictionStrategy } : {});
  });
  const made = await sandbox.createVm(vm, NS);
  expect(made.status).toBe(201);
  return sandbox.untilStatus(NS, name, 'Running');
};
const edit = (name: string, spec: object) =>
  sandbox.ask('PATCH', `${KUBEVIRT}/virtualmachines/${name}`, { spec: { template: { spec } } });
const domain = (name: string, change: object) => edit(name, { domain: change });
const conditionOf = (body: { status: { conditions: { type: string }[] } }, type: string) =>
  // biome-ignore lint/suspicious/noExplicitAny: looked into field by field.
  body.status.conditions?.find((condition) => condition.type === type) as any;
const untilRestart = (name: string, message: string | undefined) =>
  sandbox.until(
    () => sandbox.vm(NS, name),
    ({ body }) => conditionOf(body, 'RestartRequired')?.message === message,
    `${name} says: ${message}`,
  );
const migrationsOf = async (name: string) => {
  const where = `${KUBEVIRT}/virtualmachineinstancemigrations?labelSelector=kubevirt.io/vmi-name=${name}`;
  return (await sandbox.ask('GET', where)).body.items;
};

describe('CPU sockets', () => {
  it('grow by a migration', async () => {
    await running('cpus', { sockets: 1 });
    await domain('cpus', { cpu: { sockets: 2 } });
    const waiting = await sandbox.until(
      () => sandbox.vmi(NS, 'cpus'),
      ({ body }) => conditionOf(body, 'HotVCPUChange')?.status === 'True',
      'the change waits for its migration',
    );
    expect(waiting.body.spec.domain.cpu.sockets).toBe(2);
    expect(waiting.body.status.currentCPUTopology.sockets).toBe(1);
    await sandbox.until(
      () => sandbox.vmi(NS, 'cpus'),
      ({ body }) => body.status.currentCPUTopology.sockets === 2 && !conditionOf(body, 'HotVCPUChange'),
      'the guest has them',
    );
    const [migration] = await migrationsOf('cpus');
    expect(migration.metadata.generateName).toBe('kubevirt-workload-update-');
    expect(migration.spec.priority).toBe('system-maintenance');
    await untilRestart('cpus', undefined);
    await domain('cpus', { cpu: { sockets: 1 } });
    await untilRestart('cpus', 'Reduction of CPU socket count requires a restart');
    await domain('cpus', { cpu: { sockets: 9 } });
    await untilRestart(
      'cpus',
      "CPU sockets updated in template spec to a value higher than what's available",
    );
    await domain('cpus', { cpu: { sockets: 2 } });
    await untilRestart('cpus', undefined);
    await domain('cpus', { cpu: { cores: 3 } });
    await untilRestart('cpus', GENERIC);
  });
});

describe('memory', () => {
  it('grows by a migration, within what the guest started with and may have', async () => {
    await running('memory', { guest: '1Gi' });
    await domain('memory', { memory: { guest: '2Gi' } });
    await sandbox.until(
      () => sandbox.vmi(NS, 'memory'),
      ({ body }) => body.status.memory.guestCurrent === '2Gi' && !conditionOf(body, 'HotMemoryChange'),
      'the guest has it',
    );
    const { memory } = (await sandbox.vmi(NS, 'memory')).body.status;
    expect(memory).toMatchObject({ guestAtBoot: '1Gi', guestRequested: '2Gi' });
    await domain('memory', { memory: { guest: '512Mi' } });
    await untilRestart(
      'memory',
      'memory updated in template spec to a value lower than what the VM started with',
    );
    await domain('memory', { memory: { guest: '64Gi' } });
    await untilRestart('memory', "memory updated in template spec to a value higher than what's available");
    await domain('memory', { memory: { guest: '2Gi' } });
    await untilRestart('memory', undefined);
  });

  it('of a small guest takes a restart', async () => {
    await running('small', { guest: '512Mi' });
    await domain('small', { memory: { guest: '768Mi' } });
    await untilRestart(
      'small',
      'memory updated in template spec. Memory-hotplug is not available for this VM configuration',
    );
  });
});

it('a network card comes by a migration, has its link taken down, and goes', async () => {
  const definitions = `/apis/k8s.cni.cncf.io/v1/namespaces/${NS}/network-attachment-definitions`;
  await sandbox.ask('POST', definitions, {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: 'lab' },
    spec: { config: '{"cniVersion":"0.3.1","type":"bridge"}' },
  });
  await running('linked');
  const first = { name: 'default', masquerade: {} };
  const networks = [
    { name: 'default', pod: {} },
    { name: 'lab', multus: { networkName: 'lab' } },
  ];
  const cards = (interfaces: object[]) => edit('linked', { domain: { devices: { interfaces } }, networks });
  await cards([first, { name: 'lab', bridge: {} }]);
  const names = (body: { status: { interfaces?: { name: string }[] } }) =>
    body.status.interfaces?.map(({ name }) => name);
  const plugged = await sandbox.until(
    () => sandbox.vmi(NS, 'linked'),
    ({ body }) => names(body)?.includes('lab') ?? false,
    'the card is there',
  );
  expect(conditionOf(plugged.body, 'MigrationRequired')).toBeUndefined();
  expect((await migrationsOf('linked')).length).toBe(1);
  await cards([
    { ...first, state: 'down' },
    { name: 'lab', bridge: {} },
  ]);
  await sandbox.until(
    () => sandbox.vmi(NS, 'linked'),
    ({ body }) => body.status.interfaces[0].linkState === 'down',
    'the link is down',
  );
  await cards([first, { name: 'lab', bridge: {}, state: 'absent' }]);
  await sandbox.until(
    () => sandbox.vm(NS, 'linked'),
    ({ body }) => body.spec.template.spec.networks.length === 1,
    'the card has gone from the template too',
  );
  const { body } = await sandbox.vmi(NS, 'linked');
  expect(names(body)).toEqual(['default']);
  expect(body.spec.networks.length).toBe(1);
  await untilRestart('linked', undefined);
});

it('placement follows the template, under Stage nothing does', async () => {
  await running('placed');
  await edit('placed', { nodeSelector: { 'topology.kubernetes.io/zone': 'rack-a' } });
  await sandbox.until(
    () => sandbox.vmi(NS, 'placed'),
    ({ body }) => body.spec.nodeSelector !== undefined,
    'the instance has the selector',
  );
  await untilRestart('placed', undefined);
  const kubevirt = '/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt';
  const stage = (vmRolloutStrategy: string | null) =>
    sandbox.ask('PATCH', kubevirt, { spec: { configuration: { vmRolloutStrategy } } });
  await stage('Stage');
  await edit('placed', { nodeSelector: { 'topology.kubernetes.io/zone': 'rack-b' } });
  await untilRestart('placed', GENERIC);
  await stage(null);
});

describe('evacuation', () => {
  const evict = async (pod: string) =>
    sandbox.ask('POST', `/api/v1/namespaces/${NS}/pods/${pod}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: pod },
    });

  it('follows an eviction', async () => {
    await running('evicted', { evictionStrategy: 'LiveMigrate' });
    const { nodeName } = (await sandbox.vmi(NS, 'evicted')).body.status;
    const pods = await sandbox.ask(
      'GET',
      `/api/v1/namespaces/${NS}/pods?labelSelector=vm.kubevirt.io/name=evicted`,
    );
    const refused = await evict(pods.body.items[0].metadata.name);
    expect([refused.status, refused.body.message]).toEqual([
      429,
      `admission webhook "virt-launcher-eviction-interceptor.kubevirt.io" denied the request: Eviction triggered evacuation of VMI "${NS}/evicted"`,
    ]);
    const moved = await sandbox.until(
      () => sandbox.vmi(NS, 'evicted'),
      ({ body }) => body.status.nodeName !== nodeName,
      'the instance has moved',
    );
    expect(moved.body.status.evacuationNodeName).toBeUndefined();
    const [migration] = await migrationsOf('evicted');
    expect(migration.metadata.generateName).toBe('kubevirt-evacuation-');
    expect(migration.metadata.annotations['kubevirt.io/evacuationMigration']).toBe(nodeName);
    expect(migration.spec.priority).toBe('system-critical');
  });

  it('empties a node with the drain taint, and leaves alone what is to stay', async () => {
    await running('drained', { evictionStrategy: 'LiveMigrate' });
    await running('stays', { evictionStrategy: 'None' });
    const { nodeName } = (await sandbox.vmi(NS, 'drained')).body.status;
    const node = `/api/v1/nodes/${nodeName}`;
    const taint = { key: 'kubevirt.io/drain', effect: 'NoSchedule' };
    const before = (await sandbox.ask('GET', node)).body.spec.taints ?? [];
    await sandbox.ask('PATCH', node, { spec: { taints: [...before, taint] } });
    await sandbox.until(
      () => sandbox.vmi(NS, 'drained'),
      ({ body }) => body.status.nodeName !== nodeName,
      'the instance has moved',
    );
    expect(await migrationsOf('stays')).toEqual([]);
    await sandbox.ask('PATCH', node, { spec: { taints: before } });
    expect((await sandbox.act(NS, 'stays', 'evacuate/cancel')).status).toBe(200);
  });
});
