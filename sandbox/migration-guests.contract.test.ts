import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineNames, runDirectoryFor } from './guests/run-directory';
import { readExposition } from './metrics/testing';
import { type Answer, TestSandbox, testVm } from './testing';
import { addLogin, GUEST_TEST, hasGuests, typistAt, untilAnswer } from './testing-guests';

const NS = 'moves';
const CORE = '/api/v1';
const MIGRATIONS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstancemigrations`;
const POLICIES = '/apis/migrations.kubevirt.io/v1alpha1/migrationpolicies';
const COUNTER = 'n=0; while :; do n=$((n+1)); echo "count $n"; echo $n >> counted; sleep 0.1; done';
let sandbox: TestSandbox;

const migration = (name: string, vmiName = 'mover') =>
  sandbox.ask('POST', MIGRATIONS, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceMigration',
    metadata: { name },
    spec: { vmiName },
  });
const untilPhase = (name: string, phase: string) =>
  untilAnswer(
    () => sandbox.ask('GET', `${MIGRATIONS}/${name}`),
    ({ body }) => body?.status?.phase === phase,
    `${name} is ${phase}`,
  );
const untilVmi = (name: string, isRight: (status: Answer['body']) => boolean, what: string) =>
  untilAnswer(
    () => sandbox.vmi(NS, name),
    ({ body }) => isRight(body?.status ?? {}),
    what,
  );
const stateOf = async (name: string) => (await sandbox.vmi(NS, name)).body.status.migrationState;
const eventsOf = async (name: string) => {
  const { body } = await sandbox.ask('GET', `/api/v1/namespaces/${NS}/events`);
  return body.items
    .filter(({ involvedObject }: { involvedObject: { name: string } }) => involvedObject.name === name)
    .map(({ reason, message }: { reason: string; message: string }) => `${reason}: ${message}`);
};
/** Names and pids of the processes that an instance has. */
const processes = async (name: string) => {
  const { uid } = (await sandbox.vmi(NS, name)).body.metadata;
  const directory = runDirectoryFor(sandbox.directory);
  const found: { name: string; pid: number }[] = [];
  for (const machine of machineNames(directory).filter((candidate) => candidate.startsWith(uid))) {
    const { pid } = JSON.parse(await readFile(path.join(directory, machine, 'process.json'), 'utf8'));
    const words = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
    if (words.includes(`portlight-${machine}`)) found.push({ name: machine, pid });
  }
  return found;
};
const launcherOf = async (name: string, node: string) => {
  const where = `/api/v1/namespaces/${NS}/pods?labelSelector=vm.kubevirt.io/name=${name}`;
  const { items } = (await sandbox.ask('GET', where)).body;
  return items.find(
    ({ spec, status }: { spec: { nodeName: string }; status: { phase: string } }) =>
      spec.nodeName === node && status.phase === 'Running',
  );
};
const policy = (spec: object) =>
  sandbox.ask('POST', POLICIES, {
    apiVersion: 'migrations.kubevirt.io/v1alpha1',
    kind: 'MigrationPolicy',
    metadata: { name: 'slow' },
    spec: { selectors: { virtualMachineInstanceSelector: { app: 'mover' } }, ...spec },
  });

describe.runIf(hasGuests)('migrations of real guests', () => {
  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true, control: true });
    await sandbox.createNamespace(NS);
    const vm = testVm('mover', 'Always', (spec) => {
      Object.assign(spec, { evictionStrategy: 'LiveMigrate' });
      addLogin(spec.domain.devices.disks, spec.volumes);
    });
    await sandbox.createVm(vm, NS);
    await untilVmi('mover', ({ phase }) => phase === 'Running', 'the guest runs');
  });
  afterAll(() => sandbox?.close());

  it('move, fail, are canceled and move on while the guest counts', GUEST_TEST, async () => {
    const typist = typistAt(sandbox, NS, 'mover');
    await typist.login('fedora', 'fedora');
    await typist.run('cloud-init status --wait');
    typist.type(`${COUNTER}\n`);
    await typist.until(/count 5\r/);
    const [first] = await processes('mover');
    const start = (await sandbox.vmi(NS, 'mover')).body.status;

    // It leaves its first process, and the cluster says where it is.
    await migration('there');
    await untilPhase('there', 'Succeeded');
    const moved = (await sandbox.vmi(NS, 'mover')).body.status;
    expect(moved.nodeName).not.toBe(start.nodeName);
    const pod = await launcherOf('mover', moved.nodeName);
    expect(moved.interfaces[0].ipAddress).toBe(pod.status.podIP);
    const [second, ...more] = await processes('mover');
    expect([more, second?.pid === first?.pid]).toEqual([[], false]);
    const console2 = typistAt(sandbox, NS, 'mover');
    await console2.until(/count \d+\r/);

    // Slow enough to be seen, canceled, and cut off.
    await policy({ bandwidthPerMigration: '4Mi' });
    await migration('canceled');
    await untilPhase('canceled', 'Running');
    expect((await stateOf('mover')).migrationPolicyName).toBe('slow');
    expect(await processes('mover')).toHaveLength(2);
    const { text } = await untilAnswer(
      () => sandbox.ask('GET', '/metrics'),
      (answer) => answer.text.includes('kubevirt_vmi_migration_memory_transfer_rate_bytes{'),
      'the metrics tell how it moves',
    );
    const told = (name: string) =>
      readExposition(text).find((sample) => sample.name === `kubevirt_vmi_migration_${name}`)?.value ?? -1;
    expect(told('data_bytes_total')).toBeGreaterThan(128 * 2 ** 20);
    expect(told('data_remaining_bytes')).toBeGreaterThan(0);
    expect(told('data_processed_bytes')).toBeGreaterThan(0);
    // The policy lets it have 4 MiB in a second.
    expect(told('memory_transfer_rate_bytes')).toBeLessThan(8 * 2 ** 20);
    await sandbox.ask('DELETE', `${MIGRATIONS}/canceled`);
    await untilVmi(
      'mover',
      ({ migrationState }) => migrationState?.endTimestamp !== undefined,
      'it has ended',
    );
    expect(await stateOf('mover')).toMatchObject({ failed: true, abortStatus: 'Succeeded' });
    await untilAnswer(
      () => sandbox.ask('GET', `${MIGRATIONS}/canceled`),
      ({ status }) => status === 404,
      'the canceled migration has gone',
    );
    await migration('cut-off');
    await untilPhase('cut-off', 'Running');
    const target = (await processes('mover')).find(({ pid }) => pid !== second?.pid);
    process.kill(target?.pid ?? 0, 'SIGKILL');
    await untilPhase('cut-off', 'Failed');
    const failed = await stateOf('mover');
    expect(failed.failureReason).toMatch(
      /^error encountered during MigrateToURI3 libvirt api call: virError/,
    );
    expect(await eventsOf('mover')).toContain(
      `Migrated: VirtualMachineInstance migration uid ${failed.migrationUid} failed. reason:${failed.failureReason}`,
    );
    expect(await processes('mover')).toEqual([second]);
    expect((await sandbox.vmi(NS, 'mover')).body.status).toMatchObject({
      phase: 'Running',
      nodeName: moved.nodeName,
    });

    // Too slow for its time: the guest stands still meanwhile, then goes on.
    await sandbox.ask('DELETE', `${POLICIES}/slow`);
    await policy({
      bandwidthPerMigration: '14Mi',
      completionTimeoutPerGiB: 4,
      allowWorkloadDisruption: true,
    });
    await migration('held');
    await untilPhase('held', 'Succeeded');
    expect(await stateOf('mover')).toMatchObject({ mode: 'Paused', completed: true });
    const { conditions } = (await sandbox.vmi(NS, 'mover')).body.status;
    expect(conditions.map(({ type }: { type: string }) => type)).not.toContain('Paused');
    await sandbox.ask('DELETE', `${POLICIES}/slow`);

    const console3 = typistAt(sandbox, NS, 'mover');
    await console3.until(/count \d+\r/);
    console3.type('\x03');
    // What is typed before the prompt is back is thrown away with the interrupt.
    await console3.until(/\][$#] /);
    const counted = (await console3.run('cat counted | tr "\\n" " "')).split(/\s+/).map(Number);
    expect(counted).toEqual(counted.map((_, index) => index + 1));
    await untilVmi(
      'mover',
      ({ interfaces }) => interfaces?.[0]?.interfaceName === 'eth0',
      'the agent answers again',
    );
    const last = (await sandbox.vmi(NS, 'mover')).body.status;
    const lastPod = await launcherOf('mover', last.nodeName);
    expect(last.interfaces[0]).toMatchObject({
      ipAddress: lastPod.status.podIP,
      infoSource: 'domain, guest-agent',
    });
  });

  it('empty a node of what can move, and leave the rest there', GUEST_TEST, async () => {
    const node = (await sandbox.vmi(NS, 'mover')).body.status.nodeName;
    await sandbox.ask('POST', `${CORE}/namespaces/${NS}/persistentvolumeclaims`, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'alone' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '64Mi' } } },
    });
    const fixed = testVm('fixed', 'Always', (spec) => {
      Object.assign(spec, {
        evictionStrategy: 'LiveMigrate',
        nodeSelector: { 'kubernetes.io/hostname': node },
      });
      spec.domain.devices.disks.push({ name: 'alone', disk: { bus: 'virtio' } });
      spec.volumes.push({ name: 'alone', persistentVolumeClaim: { claimName: 'alone' } });
    });
    await sandbox.createVm(fixed, NS);
    await untilVmi('fixed', ({ phase }) => phase === 'Running', 'the other guest runs');
    const [stays] = await processes('fixed');
    const [leaves] = await processes('mover');
    await sandbox.ask('PATCH', `${CORE}/nodes/${node}`, { spec: { unschedulable: true } });
    const pods = new Map<string, string>();
    for (const name of ['mover', 'fixed']) pods.set(name, (await launcherOf(name, node)).metadata.name);
    // As kubectl drain does: again and again until nothing refuses.
    const evict = (vm: string) =>
      sandbox.ask('POST', `${CORE}/namespaces/${NS}/pods/${pods.get(vm)}/eviction`, {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: pods.get(vm) },
      });
    expect((await evict('mover')).body.message).toContain(
      'Eviction triggered evacuation of VMI "moves/mover"',
    );
    await untilAnswer(
      () => evict('mover'),
      ({ status }) => status === 201,
      'the launcher that the guest has left goes',
    );
    const refused = await evict('fixed');
    expect([refused.status, refused.body.message]).toEqual([
      429,
      expect.stringContaining('VMI fixed is configured with an eviction strategy but is not live-migratable'),
    ]);
    expect(await processes('fixed')).toEqual([stays]);
    const [arrived, ...more] = await processes('mover');
    expect([more, arrived?.pid === leaves?.pid]).toEqual([[], false]);
    expect((await sandbox.vmi(NS, 'mover')).body.status.nodeName).not.toBe(node);
  });
});
