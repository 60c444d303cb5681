import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from '../testing';
import { FAMILIES } from './families';
import { askAs, monitoringToken, readExposition, type Sample } from './testing';

const NS = 'dev';
let sandbox: TestSandbox;
let token: string;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  token = await monitoringToken(sandbox);
  await sandbox.createVm(testVm('busy', 'Always'), NS);
  await sandbox.createVm(testVm('off', 'Halted'), NS);
  await sandbox.untilStatus(NS, 'busy', 'Running');
});
afterAll(() => sandbox.close());

const scrape = async (): Promise<Sample[]> => {
  const { status, text } = await askAs(sandbox, token, '/metrics');
  expect(status).toBe(200);
  return readExposition(text);
};
const until = async (isRight: (samples: Sample[]) => boolean): Promise<Sample[]> => {
  let found: Sample[] = [];
  await sandbox.until(
    async () => {
      found = await scrape();
      return { status: 200, text: '', contentType: '', body: found };
    },
    () => isRight(found),
    'the metrics say so',
  );
  return found;
};
const of = (samples: Sample[], name: keyof typeof FAMILIES, labels: Record<string, string> = {}) =>
  samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  );

/** Section 11 of the notes on KubeVirt's API, without what Prometheus itself records from these. */
const KUBEVIRT = [
  ...['cpu_usage', 'cpu_system_usage', 'cpu_user_usage', 'vcpu', 'vcpu_wait', 'vcpu_delay'].map(
    (name) => `kubevirt_vmi_${name}_seconds_total`,
  ),
  ...['1m', '5m', '15m'].map((name) => `kubevirt_vmi_guest_load_${name}`),
  ...['available', 'usable', 'unused', 'cached', 'resident', 'domain', 'actual_balloon'].map(
    (name) => `kubevirt_vmi_memory_${name}_bytes`,
  ),
  ...['swap_in', 'swap_out'].map((name) => `kubevirt_vmi_memory_${name}_traffic_bytes`),
  ...['pgmajfault', 'pgminfault'].map((name) => `kubevirt_vmi_memory_${name}_total`),
  'kubevirt_vmi_launcher_memory_overhead_bytes',
  ...['receive', 'transmit'].flatMap((way) =>
    ['bytes', 'packets', 'errors', 'packets_dropped'].map(
      (name) => `kubevirt_vmi_network_${way}_${name}_total`,
    ),
  ),
  ...['kubevirt_vmi_status_addresses', 'kubevirt_vmi_vnic_info', 'kubevirt_vm_vnic_info'],
  ...['read', 'write'].flatMap((way) => [
    `kubevirt_vmi_storage_iops_${way}_total`,
    `kubevirt_vmi_storage_${way}_traffic_bytes_total`,
    `kubevirt_vmi_storage_${way}_times_seconds_total`,
  ]),
  ...['flush_requests', 'flush_times_seconds'].map((name) => `kubevirt_vmi_storage_${name}_total`),
  ...['capacity', 'used'].map((name) => `kubevirt_vmi_filesystem_${name}_bytes`),
  'kubevirt_vm_disk_allocated_size_bytes',
  ...['data_bytes_total', 'data_processed_bytes', 'data_remaining_bytes', 'dirty_memory_rate_bytes'].map(
    (name) => `kubevirt_vmi_migration_${name}`,
  ),
  ...['memory_transfer_rate_bytes', 'start_time_seconds', 'end_time_seconds', 'succeeded', 'failed'].map(
    (name) => `kubevirt_vmi_migration_${name}`,
  ),
  ...['unset', 'pending', 'scheduling', 'running'].map((name) => `kubevirt_vmi_migrations_in_${name}_phase`),
  ...[
    'kubevirt_vmi_info',
    'kubevirt_vm_info',
    'kubevirt_vm_resource_requests',
    'kubevirt_vm_resource_limits',
  ],
  ...['running', 'starting', 'migrating', 'non_running', 'error'].map(
    (name) => `kubevirt_vm_${name}_status_last_transition_timestamp_seconds`,
  ),
  'kubevirt_vm_create_date_timestamp_seconds',
  ...['kubevirt_vmi_number_of_outdated', 'kubevirt_vmi_non_evictable'],
  ...['vnc', 'console', 'usbredir'].map((name) => `kubevirt_${name}_active_connections`),
  ...['kubevirt_portforward_active_tunnels', 'kubevirt_vmi_last_api_connection_timestamp_seconds'],
];

describe('/metrics', () => {
  it('knows all that KubeVirt’s components tell', () => {
    expect(Object.keys(FAMILIES)).toEqual(expect.arrayContaining(KUBEVIRT));
  });

  it('is for those who may get the path, like any other path', async () => {
    expect(await askAs(sandbox, token, '/metrics')).toMatchObject({
      status: 200,
      contentType: 'text/plain; version=0.0.4; charset=utf-8',
    });
    for (const user of ['dana', 'vic']) {
      const refused = await askAs(sandbox, sandbox.tokens[user], '/metrics');
      expect(refused.status).toBe(403);
      expect(refused.text).toContain(`User \\"${user}\\" cannot get path \\"/metrics\\"`);
    }
    expect((await askAs(sandbox, undefined, '/metrics')).status).toBe(403);
    expect((await askAs(sandbox, 'made-up', '/metrics')).status).toBe(401);
  });

  it('tells of machines and instances what their objects say', async () => {
    const samples = await until((found) => of(found, 'kubevirt_vmi_info', { name: 'busy' }).length === 1);
    const vmi = (await sandbox.vmi(NS, 'busy')).body;
    const [info] = of(samples, 'kubevirt_vmi_info', { name: 'busy' });
    expect(info).toMatchObject({
      value: 1,
      labels: {
        node: vmi.status.nodeName,
        namespace: NS,
        phase: 'running',
        evictable: 'true',
        outdated: 'false',
      },
    });
    expect(info?.labels.vmi_pod).toMatch(/^virt-launcher-busy-/);
    expect(of(samples, 'kubevirt_vm_info', { namespace: NS }).map(({ labels }) => labels)).toEqual([
      expect.objectContaining({ name: 'busy', status: 'running', status_group: 'running' }),
      expect.objectContaining({ name: 'off', status: 'stopped', status_group: 'non_running' }),
    ]);
    const ready = vmi.status.conditions.find(({ type }: { type: string }) => type === 'Ready');
    const running = 'kubevirt_vm_running_status_last_transition_timestamp_seconds';
    const [since] = of(samples, running, { name: 'busy' });
    expect(Math.abs((since?.value ?? 0) - Date.parse(ready.lastTransitionTime) / 1000)).toBeLessThan(3);
    expect(of(samples, running, { name: 'off' })[0]?.value).toBe(0);
    const asked = { name: 'busy', resource: 'memory', unit: 'bytes', source: 'domain' };
    expect(of(samples, 'kubevirt_vm_resource_requests', asked)[0]?.value).toBe(128 * 2 ** 20);
    expect(of(samples, 'kubevirt_vmi_vnic_info', { name: 'busy' })[0]?.labels).toMatchObject({
      vnic_name: 'default',
      binding_type: 'core',
      binding_name: 'masquerade',
      network: 'pod networking',
    });
    const [{ ipAddress }] = vmi.status.interfaces;
    expect(of(samples, 'kubevirt_vmi_status_addresses', { name: 'busy' })[0]?.labels.address).toBe(ipAddress);
    expect(
      of(samples, 'kube_pod_status_phase', { pod: info?.labels.vmi_pod ?? '', phase: 'Running' })[0]?.value,
    ).toBe(1);
    expect(
      of(samples, 'kubevirt_virt_controller_leading_status')
        .map(({ value }) => value)
        .sort(),
    ).toEqual([0, 1]);
  });

  it('has a model of what machines take that are only their state, and nothing of their disks', async () => {
    const samples = await until((found) => of(found, 'kubevirt_vmi_cpu_usage_seconds_total').length === 1);
    const [usage] = of(samples, 'kubevirt_vmi_cpu_usage_seconds_total');
    expect(usage?.labels).toMatchObject({ name: 'busy', kubernetes_vmi_label_app: 'busy' });
    const memory = (name: 'available' | 'usable') =>
      of(samples, `kubevirt_vmi_memory_${name}_bytes`)[0]?.value ?? 0;
    expect(memory('available')).toBe(128 * 2 ** 20);
    expect(memory('usable')).toBeLessThan(memory('available'));
    expect(of(samples, 'kubevirt_vmi_storage_iops_read_total')).toEqual([]);
    const later = await until((found) => {
      const [now] = of(found, 'kubevirt_vmi_cpu_usage_seconds_total');
      return (now?.value ?? 0) > (usage?.value ?? 1e9);
    });
    expect(of(later, 'container_cpu_usage_seconds_total')[0]?.labels).toMatchObject({
      namespace: NS,
      container: 'compute',
    });
  });

  it('counts migrations and snapshots, and remembers how they ended', async () => {
    await sandbox.act(NS, 'busy', 'migrate');
    const samples = await until((found) => of(found, 'kubevirt_vmi_migration_succeeded').length === 1);
    const [done] = of(samples, 'kubevirt_vmi_migration_succeeded');
    expect(done?.labels).toMatchObject({ vmi: 'busy', namespace: NS });
    const vmi = (await sandbox.vmi(NS, 'busy')).body;
    const [ended] = of(samples, 'kubevirt_vmi_migration_end_time_seconds');
    expect(ended?.labels).toMatchObject({ name: 'busy', status: 'succeeded', node: vmi.status.nodeName });
    expect(ended?.value).toBe(Date.parse(vmi.status.migrationState.endTimestamp) / 1000);
    expect(of(samples, 'kubevirt_vmi_migrations_in_running_phase')[0]?.value).toBe(0);
    // A guest's figures come from the node that it is on.
    expect(of(samples, 'kubevirt_vmi_cpu_usage_seconds_total')[0]?.labels.node).toBe(vmi.status.nodeName);
    await sandbox.ask('POST', `/apis/snapshot.kubevirt.io/v1beta1/namespaces/${NS}/virtualmachinesnapshots`, {
      apiVersion: 'snapshot.kubevirt.io/v1beta1',
      kind: 'VirtualMachineSnapshot',
      metadata: { name: 'before' },
      spec: { source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: 'off' } },
    });
    await until((found) => of(found, 'kubevirt_vmsnapshot_succeeded_timestamp_seconds').length === 1);
  });

  it('is told by each of KubeVirt’s pods for itself, through the API', async () => {
    const pods = (await sandbox.ask('GET', '/api/v1/namespaces/kubevirt/pods')).body.items;
    const names = (program: string): string[] =>
      pods
        .filter(({ metadata }: { metadata: { labels: object } }) =>
          Object.entries(metadata.labels).some(
            ([label, value]) => label === 'kubevirt.io' && value === program,
          ),
        )
        .map(({ metadata }: { metadata: { name: string } }) => metadata.name);
    const told = async (name: string) => {
      const where = `/api/v1/namespaces/kubevirt/pods/https:${name}:8443/proxy/metrics`;
      const { status, text } = await askAs(sandbox, token, where);
      expect(status).toBe(200);
      return readExposition(text);
    };
    const { nodeName } = (await sandbox.vmi(NS, 'busy')).body.status;
    for (const name of names('virt-handler')) {
      const pod = pods.find(({ metadata }: { metadata: { name: string } }) => metadata.name === name);
      const here = pod.spec.nodeName === nodeName ? 1 : 0;
      expect(of(await told(name), 'kubevirt_vmi_cpu_usage_seconds_total')).toHaveLength(here);
    }
    const [leading, waiting] = await Promise.all(names('virt-controller').map(told));
    const machines = [leading, waiting].map((found) => of(found ?? [], 'kubevirt_vm_info').length);
    expect(machines.sort()).toEqual([0, 2]);
    expect(of(await told(names('virt-api')[0] ?? ''), 'kubevirt_virt_api_ready_status')[0]?.value).toBe(1);
    const closed = `/api/v1/namespaces/kubevirt/pods/https:${names('virt-api')[0]}:9999/proxy/metrics`;
    expect(await askAs(sandbox, token, closed)).toMatchObject({ status: 503 });
    expect((await askAs(sandbox, sandbox.tokens.vic, closed)).status).toBe(403);
  });

  it('forgets the figures of an instance that stops, and keeps its machine', async () => {
    await sandbox.act(NS, 'busy', 'stop');
    const samples = await until((found) => of(found, 'kubevirt_vmi_info', { name: 'busy' }).length === 0);
    expect(samples.filter(({ name }) => name.startsWith('kubevirt_vmi_memory_'))).toEqual([]);
    expect(of(samples, 'kubevirt_vm_info', { name: 'busy' })[0]?.labels.status_group).toBe('non_running');
  });
});
