import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processUsage } from '../guests/process-usage';
import type { Typist } from '../guests/testing';
import { TestSandbox, testVm } from '../testing';
import { addLogin, GUEST_TEST, hasGuests, typistAt, untilAnswer } from '../testing-guests';
import { imageOfClaim } from '../testing-images';
import { lint, Prometheus, type Series } from './prometheus-process';
import { askAs, monitoringToken } from './testing';

const run = promisify(execFile);
const NS = 'measured';
const MIB = 2 ** 20;
const S = `name='meter',namespace='${NS}'`;
/** As the console asks, with a window that a test can wait for. */
const d = '1m';
const WRITTEN = 16 * MIB;
const SAVED = 8 * MIB;
const BALLAST = 32 * MIB;

const hasPrometheus = await run(process.execPath, ['tools/test-packages.mjs']).then(
  () => true,
  (error: { stderr?: string }) => {
    console.warn(`Prometheus scrapes nothing: ${error.stderr}`);
    return false;
  },
);

describe.runIf(hasGuests && hasPrometheus)('Prometheus', GUEST_TEST, () => {
  let sandbox: TestSandbox;
  let prometheus: Prometheus;
  let typist: Typist;
  let token: string;

  const only = (found: Series[]) => found[0]?.value ?? Number.NaN;
  const value = async (expression: string) => only(await prometheus.query(expression));
  const untilMore = async (expression: string, than: number) =>
    only(await prometheus.untilQuery(expression, (found) => only(found) >= than));

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true });
    await sandbox.createNamespace(NS);
    token = await monitoringToken(sandbox);
    await sandbox.ask('POST', `/api/v1/namespaces/${NS}/persistentvolumeclaims`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        volumeMode: 'Block',
        resources: { requests: { storage: '64Mi' } },
      },
    });
    const vm = testVm('meter', 'Always', ({ domain, volumes }) => {
      domain.resources.requests.memory = '256Mi';
      addLogin(domain.devices.disks, volumes);
      domain.devices.disks.push({ name: 'data', serial: 'data', disk: { bus: 'virtio' } });
      volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'data' } });
    });
    expect((await sandbox.createVm(vm, NS)).status).toBe(201);
    const where = '/api/v1/namespaces/kubevirt/pods?labelSelector=prometheus.kubevirt.io%3Dtrue';
    const pods = (await sandbox.ask('GET', where)).body.items.map(
      ({ metadata }: { metadata: { name: string } }) => metadata.name,
    );
    prometheus = await Prometheus.start({ url: sandbox.url, ca: sandbox.ca, token, pods });
    await untilAnswer(
      () => sandbox.vmi(NS, 'meter'),
      ({ body }) =>
        body.status?.conditions?.some(({ type }: { type: string }) => type === 'AgentConnected') === true,
      'the guest is up',
    );
    typist = typistAt(sandbox, NS, 'meter');
    await typist.login('fedora', 'fedora');
  }, GUEST_TEST.timeout);

  afterAll(async () => {
    await prometheus?.close();
    await sandbox?.close();
  });

  it('scrapes the API by a service account, and each of KubeVirt’s pods', async () => {
    const targets = await prometheus.untilTargets((found) =>
      found.every(({ health }) => health !== 'unknown'),
    );
    expect(targets.filter(({ health }) => health !== 'up')).toEqual([]);
    expect(new Set(targets.map(({ labels }) => labels.job))).toEqual(new Set(['sandbox', 'kubevirt']));
    const ups = { api: 2, controller: 2, handler: 3, operator: 2 };
    for (const [name, count] of Object.entries(ups)) {
      const isRight = (found: Series[]) => only(found) === count;
      await prometheus.untilQuery(`cluster:kubevirt_virt_${name}_up:sum`, isRight);
      await prometheus.untilQuery(`cluster:kubevirt_virt_${name}_ready:sum`, isRight);
      await prometheus.untilQuery(`cluster:kubevirt_virt_${name}_pods_running:count`, isRight);
    }
    for (const name of ['controller', 'operator']) {
      expect(await value(`cluster:kubevirt_virt_${name}_leading:sum`)).toBe(1);
    }
  });

  it('finds in the console’s queries what a guest did', async () => {
    const counted = {
      cpu: `sum(kubevirt_vmi_vcpu_seconds_total{${S}})`,
      written: `kubevirt_vmi_storage_write_traffic_bytes_total{${S},drive='data'}`,
      flushes: `kubevirt_vmi_storage_flush_requests_total{${S},drive='data'}`,
      sent: `kubevirt_vmi_network_transmit_bytes_total{${S},interface='default'}`,
      received: `kubevirt_vmi_network_receive_bytes_total{${S},interface='default'}`,
      saved: `sum(max(kubevirt_vmi_filesystem_used_bytes{${S}}) BY (name, namespace, disk_name)) BY (name, namespace)`,
      used: `last_over_time(kubevirt_vmi_memory_used_bytes{${S}}[${d}])`,
    };
    await prometheus.untilQuery(counted.sent, (found) => found.length === 1);
    await prometheus.untilQuery(counted.used, (found) => found.length === 1);
    const before = Object.fromEntries(
      await Promise.all(Object.entries(counted).map(async ([name, query]) => [name, await value(query)])),
    );

    await typist.run('i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done');
    const device = await typist.run(
      'for d in /sys/block/vd*; do [ "$(cat $d/serial)" = data ] && basename $d; done',
    );
    const disk = device.trim();
    expect(disk).toMatch(/^vd[a-z]$/);
    await typist.run(`sudo dd if=/dev/zero of=/dev/${disk} bs=1M count=${WRITTEN / MIB} conv=fsync`);
    await typist.run(`sudo dd if=/dev/${disk} of=/dev/null bs=1M count=4 iflag=direct`);
    await typist.run(`dd if=/dev/urandom of=$HOME/saved bs=1M count=${SAVED / MIB} conv=fsync`);
    await typist.run(
      `sudo mount -t tmpfs none /mnt; sudo dd if=/dev/zero of=/mnt/b bs=1M count=${BALLAST / MIB}`,
    );
    const gateway = await typist.run("ip route | awk '/default/ {print $3}'");
    expect(await typist.run(`sudo ping -c 5 -s 1000 ${gateway}`)).toContain('5 packets received');

    await untilMore(counted.cpu, (before.cpu ?? Number.NaN) + 0.2);
    const { uid } = (await sandbox.vmi(NS, 'meter')).body.metadata;
    const [pid = ''] = (await run('pgrep', ['-f', `portlight-${uid}`])).stdout.split('\n');
    const taken = processUsage(Number(pid))?.cpuSeconds ?? Number.NaN;
    const told = await value(`kubevirt_vmi_cpu_usage_seconds_total{${S}}`);
    expect(told).toBeGreaterThan(0.5 * taken);
    expect(told).toBeLessThanOrEqual(processUsage(Number(pid))?.cpuSeconds ?? Number.NaN);
    expect(await untilMore(counted.written, (before.written ?? 0) + WRITTEN)).toBe(
      (before.written ?? 0) + WRITTEN,
    );
    await untilMore(counted.flushes, (before.flushes ?? Number.NaN) + 1);
    await untilMore(counted.sent, (before.sent ?? Number.NaN) + 5000);
    await untilMore(counted.received, (before.received ?? Number.NaN) + 5000);
    await untilMore(counted.saved, (before.saved ?? Number.NaN) + SAVED);
    const used = await untilMore(counted.used, (before.used ?? Number.NaN) + 0.8 * BALLAST);
    expect(used).toBeLessThan((before.used ?? Number.NaN) + 2 * BALLAST);

    // Word for word as the OpenShift console asks.
    const rates = [
      `sum(rate(kubevirt_vmi_cpu_usage_seconds_total{${S}}[${d}])) BY (name, namespace)`,
      `sum(rate(kubevirt_vmi_network_receive_bytes_total{${S}}[${d}])) BY (name, namespace)`,
      `sum(rate(kubevirt_vmi_network_transmit_bytes_total{${S}}[${d}])) BY (name, namespace, interface)`,
      `sum(rate(kubevirt_vmi_storage_read_traffic_bytes_total{${S}}[${d}]) + rate(kubevirt_vmi_storage_write_traffic_bytes_total{${S}}[${d}])) BY (name, namespace)`,
      `sum(rate(kubevirt_vmi_storage_iops_read_total{${S}}[${d}]) + rate(kubevirt_vmi_storage_iops_write_total{${S}}[${d}])) BY (name, namespace)`,
      `avg by (name, namespace)(rate(kubevirt_vmi_storage_read_times_seconds_total{${S}}[${d}]) / rate(kubevirt_vmi_storage_iops_read_total{${S}}[${d}]) > 0)`,
      `max by (name, namespace, drive)(rate(kubevirt_vmi_storage_write_times_seconds_total{${S}}[${d}]) / rate(kubevirt_vmi_storage_iops_write_total{${S}}[${d}]) > 0)`,
      `sort_desc(topk(5, sum(rate(kubevirt_vmi_cpu_usage_seconds_total{namespace='${NS}'}[${d}])) by (node))) > 0`,
      `sort_desc(topk(5, sum(kubevirt_vmi_memory_used_bytes{namespace='${NS}'}) by (name, namespace))) > 0`,
      `sum(max(kubevirt_vmi_filesystem_capacity_bytes{${S}}) BY (name, namespace, disk_name)) BY (name, namespace)`,
      `sum(rate(container_cpu_usage_seconds_total{namespace='${NS}',pod=~'virt-launcher-.*'}[${d}])) by (pod)`,
      `sum(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes)`,
      `sum(rate(node_cpu_usage_seconds_total[${d}]))`,
    ];
    for (const expression of rates) {
      const found = await prometheus.query(expression);
      expect([expression, found.length > 0 && found.every((series) => series.value > 0)]).toEqual([
        expression,
        true,
      ]);
    }
    // Nothing swaps, and hardly anything waits: there, if at nothing.
    const calm = [
      `sum(rate(kubevirt_vmi_memory_swap_in_traffic_bytes{${S}}[${d}]) + rate(kubevirt_vmi_memory_swap_out_traffic_bytes{${S}}[${d}])) by (name, namespace)`,
      `sum(rate(kubevirt_vmi_vcpu_wait_seconds_total{${S}}[${d}])) by (name, namespace)`,
    ];
    for (const expression of calm) expect(await prometheus.query(expression)).toHaveLength(1);
  });

  it('counts what the dashboards count', async () => {
    const phases = await prometheus.query(`sum by (phase) (kubevirt_vmi_phase_count{node!=''})`);
    expect(phases).toEqual([{ labels: { phase: 'running' }, value: 1 }]);
    expect(await value(`kubevirt_number_of_vms{namespace='${NS}'}`)).toBe(1);
    expect(await value(`kubevirt_console_active_connections{vmi='meter',namespace='${NS}'}`)).toBe(1);
    expect(
      await value(`time() - kubevirt_vmi_last_api_connection_timestamp_seconds{vmi='meter'}`),
    ).toBeLessThan(300);
    const used = await value(
      `kubelet_volume_stats_used_bytes{namespace='${NS}',persistentvolumeclaim='data'}`,
    );
    expect(used).toBe((await stat(await imageOfClaim(sandbox, NS, 'data'))).blocks * 512);
    expect(used).toBeGreaterThanOrEqual(WRITTEN);
    const margin = await prometheus.query(
      `kubevirt_vm_container_free_memory_bytes_based_on_working_set_bytes{namespace='${NS}'}`,
    );
    expect(margin.map(({ labels }) => labels.container)).toEqual(['compute']);
    expect(await value('kubevirt_allocatable_nodes')).toBe(3);
  });

  it('has nothing against the text, but for what KubeVirt itself calls its families', async () => {
    const { text } = await askAs(sandbox, token, '/metrics');
    const said = (await lint(text)).split('\n').filter(Boolean);
    const known = [
      /^kubevirt_vm_\w+_status_last_transition_timestamp_seconds counter metrics should have "_total" suffix$/,
      // The label kubevirt.io/nodeName of each instance.
      /^(kubevirt_vmi|vmi)_\w+ label names should be written in 'snake_case' not 'camelCase'$/,
      /^node_memory_Mem(Total|Available)_bytes metric names should be written in 'snake_case' not 'camelCase'$/,
    ];
    expect(said.filter((line) => !known.some((pattern) => pattern.test(line)))).toEqual([]);
  });
});
