import { readFile, stat } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Typist } from './guests/testing';
import { TestSandbox, testVm } from './testing';
import { addLogin, GUEST_TEST, hasGuests, typistAt, untilAnswer } from './testing-guests';
import { imageOfClaim, sumOf } from './testing-images';

const NS = 'moving';
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
const VM = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines/mover`;
const MIB = 2 ** 20;

interface Told {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

describe.runIf(hasGuests)('volumes of a running guest', () => {
  let sandbox: TestSandbox;
  let typist: Typist;

  const claim = async (name: string, storageClassName: string, storage: string) => {
    await sandbox.ask('POST', CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: {
        ...{ accessModes: ['ReadWriteOnce'], volumeMode: 'Block', storageClassName },
        resources: { requests: { storage } },
      },
    });
  };
  /** Names other claims for the VM's volume, by the strategy Migration. */
  const moveTo = async (claimName: string) => {
    const { body } = await sandbox.vm(NS, 'mover');
    const volumes = body.spec.template.spec.volumes.map((volume: { name: string }) =>
      volume.name === 'data' ? { name: 'data', persistentVolumeClaim: { claimName } } : volume,
    );
    const spec = { updateVolumesStrategy: 'Migration', template: { spec: { volumes } } };
    expect((await sandbox.ask('PATCH', VM, { spec })).status).toBe(200);
  };
  const untilVmi = (
    isRight: (status: { conditions: Told[]; [field: string]: unknown }) => boolean,
    what: string,
  ) =>
    untilAnswer(
      () => sandbox.vmi(NS, 'mover'),
      ({ body }) => body.status?.conditions !== undefined && isRight(body.status),
      what,
    );
  const changing = ({ conditions }: { conditions: Told[] }) =>
    conditions.find(({ type }) => type === 'VolumesChange');
  const said = (name: string) => typist.run(`sudo head -c ${2 * MIB} ${name} | sha256sum | cut -d" " -f1`);

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true });
    await sandbox.createNamespace(NS);
    await claim('old', 'standard', '64Mi');
    await claim('new', 'local', '80Mi');
    await claim('small', 'local', '16Mi');
    const vm = testVm('mover', 'Always', ({ domain, volumes }) => {
      addLogin(domain.devices.disks, volumes);
      domain.devices.disks.push({ name: 'data', disk: { bus: 'virtio' }, serial: 'data' });
      volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'old' } });
    });
    expect((await sandbox.createVm(vm, NS)).status).toBe(201);
    await untilVmi(({ phase }) => phase === 'Running', 'the guest runs');
    typist = typistAt(sandbox, NS, 'mover');
    await typist.login('fedora', 'fedora');
    await typist.run(
      'for d in /sys/block/vd*; do [ "$(cat $d/serial)" = data ] && D=/dev/$(basename $d); done; dd if=/dev/urandom of=/tmp/r bs=1M count=2 2>/dev/null; sudo dd if=/tmp/r of=$D conv=fsync 2>/dev/null',
    );
    // Writes all the time behind what is summed, and says how far it is.
    await typist.run(
      'echo "n=0; while [ ! -e /tmp/stop ]; do n=\\$((n+1)); printf %08d \\$n | dd of=$D bs=512 seek=32768 conv=sync,fsync,notrunc 2>/dev/null; echo \\$n > /tmp/n; done" > /tmp/writer; sudo sh /tmp/writer & sleep 1; cat /tmp/n',
    );
  }, GUEST_TEST.timeout);
  afterAll(() => sandbox?.close());

  it('that do not fit stay where they are, and go back when their VM does', GUEST_TEST, async () => {
    await moveTo('small');
    await untilAnswer(
      () => sandbox.ask('GET', `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstancemigrations`),
      ({ body }) =>
        body.items.some(
          ({ status }: { status?: { phase?: string; migrationState?: { failureReason?: string } } }) =>
            /does not fit/.test(status?.migrationState?.failureReason ?? ''),
        ),
      'a migration says that it does not fit',
    );
    await moveTo('old');
    await untilVmi(
      (status) =>
        changing(status)?.reason === 'VolumesChangeCancellation' && status.migratedVolumes === undefined,
      'the move is given up',
    );
    expect(await said('$D')).toBe(await said('/tmp/r'));
  });

  it('move to another class while the guest writes, and lose nothing', GUEST_TEST, async () => {
    const before = Number(await typist.run('cat /tmp/n'));
    await moveTo('new');
    const { body } = await untilVmi((status) => changing(status)?.status === 'True', 'the volumes change');
    expect(changing(body.status)?.message).toBe('migrate volumes');
    expect(body.status.migratedVolumes).toEqual([
      {
        volumeName: 'data',
        sourcePVCInfo: { claimName: 'old', volumeMode: 'Block' },
        destinationPVCInfo: { claimName: 'new', volumeMode: 'Block' },
      },
    ]);
    await untilVmi((status) => changing(status) === undefined, 'the volumes have moved');
    const vm = (await sandbox.vm(NS, 'mover')).body;
    expect(vm.status.volumeUpdateState.volumeMigrationState.migratedVolumes).toHaveLength(1);
    expect(vm.status.conditions.some(({ type }: Told) => type === 'RestartRequired')).toBe(false);
    // The guest never stopped writing, and still does: to the new image, and no more to the old one.
    const old = await imageOfClaim(sandbox, NS, 'old');
    const left = await stat(old);
    // The console of the process that it has left ended with that.
    typist = typistAt(sandbox, NS, 'mover');
    typist.type('\necho RE""JOINED\n');
    await typist.until(/REJOINED\r\n/);
    const now = Number(await typist.run('cat /tmp/n'));
    expect(now).toBeGreaterThan(before);
    await expect.poll(async () => Number(await typist.run('cat /tmp/n'))).toBeGreaterThan(now);
    expect((await stat(old)).mtimeMs).toBe(left.mtimeMs);
    const sum = await said('/tmp/r');
    expect(await said('$D')).toBe(sum);
    const moved = await imageOfClaim(sandbox, NS, 'new');
    expect(await sumOf(moved, 2 * MIB)).toBe(sum);
    // The guest sees all of the larger claim.
    expect(Number(await typist.run('cat /sys/block/$(basename $D)/size')) * 512).toBe(80 * MIB);
    await typist.run('touch /tmp/stop; sleep 1; sync');
    const last = await typist.run('sudo dd if=$D bs=512 skip=32768 count=1 2>/dev/null | head -c 8; echo');
    expect(Number(last)).toBeGreaterThanOrEqual(now);
    const bytes = await readFile(moved);
    expect(bytes.subarray(16 * MIB, 16 * MIB + 8).toString()).toBe(last);
    expect((await sandbox.ask('GET', `${CLAIMS}/old`)).body.status.phase).toBe('Bound');
  });
});
