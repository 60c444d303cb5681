import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeIso } from './guests/iso9660';
import type { Typist } from './guests/testing';
import { TestSandbox, testVm } from './testing';
import { addLogin, GUEST_TEST, hasGuests, typistAt, untilAnswer } from './testing-guests';
import { imageOfClaim } from './testing-images';

const NS = 'devices';
const CLAIMS = `/api/v1/namespaces/${NS}/persistentvolumeclaims`;
const VM = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines/grower`;

interface Named {
  name: string;
}

describe.runIf(hasGuests)('what a running guest gets through the API', () => {
  let sandbox: TestSandbox;
  let typist: Typist;

  const claim = async (name: string) => {
    await sandbox.ask('POST', CLAIMS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: {
        accessModes: ['ReadWriteMany'],
        volumeMode: 'Block',
        resources: { requests: { storage: '16Mi' } },
      },
    });
    await untilAnswer(
      () => sandbox.ask('GET', `${CLAIMS}/${name}`),
      ({ body }) => body.status?.phase === 'Bound',
      `${name} is bound`,
    );
    return imageOfClaim(sandbox, NS, name);
  };
  /** Changes the VM's template as `kubectl edit` would. */
  // biome-ignore lint/suspicious/noExplicitAny: edited field by field.
  const edit = async (change: (spec: any) => void) => {
    const { body } = await sandbox.ask('GET', VM);
    change(body.spec.template.spec);
    const answer = await sandbox.ask('PUT', VM, body);
    expect(answer.status, answer.text).toBe(200);
  };
  const inGuest = (command: string, pattern: RegExp) =>
    expect
      .poll(() => typist.run(command), { timeout: GUEST_TEST.timeout / 2, interval: 300 })
      .toMatch(pattern);
  const label = 'sudo dd if=/dev/sr0 bs=1 skip=32808 count=8 2>&1 | head -1';

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ guests: true });
    await sandbox.createNamespace(NS);
    await sandbox.ask('POST', `/apis/k8s.cni.cncf.io/v1/namespaces/${NS}/network-attachment-definitions`, {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name: 'lab' },
      spec: { config: '{"cniVersion":"0.3.1","type":"bridge","name":"lab","bridge":"lab"}' },
    });
    const vm = testVm('grower', 'Always', (spec) => {
      const { domain, volumes } = spec;
      addLogin(domain.devices.disks, volumes);
      domain.devices.disks.push({ name: 'drive', cdrom: { bus: 'sata' } });
      Object.assign(domain, { cpu: { sockets: 1 }, memory: { guest: '1Gi' }, resources: {} });
    });
    const made = await sandbox.createVm(vm, NS);
    expect(made.status, made.text).toBe(201);
    await untilAnswer(
      () => sandbox.vmi(NS, 'grower'),
      ({ body }) => body.status?.phase === 'Running',
      'the guest runs',
    );
    typist = typistAt(sandbox, NS, 'grower');
    await typist.login('fedora', 'fedora');
  }, GUEST_TEST.timeout);

  afterAll(() => sandbox?.close());

  it('a disk on the bus and with the serial that it was given', GUEST_TEST, async () => {
    const file = await claim('hot');
    await edit((spec) => {
      spec.domain.devices.disks.push({ name: 'hot', disk: { bus: 'scsi' }, serial: 'HOT-1' });
      spec.volumes.push({ name: 'hot', persistentVolumeClaim: { claimName: 'hot', hotpluggable: true } });
    });
    await inGuest('cat /run/udev/data/b8:* 2>/dev/null', /QEMU_HARDDISK_HOT-1/);
    await typist.run('echo through-the-bus | sudo dd of=/dev/sda bs=512 conv=sync,fsync 2>/dev/null');
    expect((await readFile(file)).toString('latin1', 0, 15)).toBe('through-the-bus');
    await untilAnswer(
      () => sandbox.vmi(NS, 'grower'),
      ({ body }) =>
        body.status.volumeStatus.some(
          (volume: Named & { phase: string; target: string }) =>
            volume.name === 'hot' && volume.phase === 'Ready' && volume.target === 'sdb',
        ),
      'the volume is ready',
    );
    await edit((spec) => {
      spec.domain.devices.disks = spec.domain.devices.disks.filter(({ name }: Named) => name !== 'hot');
      spec.volumes = spec.volumes.filter(({ name }: Named) => name !== 'hot');
    });
    await inGuest('ls /sys/block | grep -c sda', /^0$/);
  });

  it('a CD in its drive, and has it taken out', GUEST_TEST, async () => {
    expect(await typist.run(label)).toContain('No medium found');
    await writeFile(await claim('cd'), writeIso('MYLABEL', new Map([['a', Buffer.from('b')]])));
    await edit((spec) =>
      spec.volumes.push({ name: 'drive', persistentVolumeClaim: { claimName: 'cd', hotpluggable: true } }),
    );
    await inGuest(label, /MYLABEL/);
    await edit((spec) => {
      spec.volumes = spec.volumes.filter(({ name }: Named) => name !== 'drive');
    });
    await inGuest(label, /No medium found/);
  });

  it('its cable pulled, and put in again', GUEST_TEST, async () => {
    const carrier = 'cat /sys/class/net/eth0/carrier';
    const told = (state: string) =>
      untilAnswer(
        () => sandbox.vmi(NS, 'grower'),
        ({ body }) => body.status.interfaces[0].linkState === state,
        `the link is ${state}`,
      );
    await edit((spec) => Object.assign(spec.domain.devices.interfaces[0], { state: 'down' }));
    await inGuest(carrier, /^0$/);
    await told('down');
    await edit((spec) => Object.assign(spec.domain.devices.interfaces[0], { state: 'up' }));
    await inGuest(carrier, /^1$/);
    await told('up');
  });

  it('CPUs, memory and a card by one migration', GUEST_TEST, async () => {
    expect(await typist.run('nproc')).toBe('1');
    await edit((spec) => {
      spec.domain.cpu.sockets = 2;
      spec.domain.memory.guest = '1536Mi';
      spec.domain.devices.interfaces.push({ name: 'lab', bridge: {}, macAddress: '02:00:00:0c:a4:d0' });
      spec.networks.push({ name: 'lab', multus: { networkName: 'lab' } });
    });
    await untilAnswer(
      () => sandbox.vmi(NS, 'grower'),
      ({ body }) =>
        body.status.currentCPUTopology.sockets === 2 && body.status.memory.guestCurrent === '1536Mi',
      'a migration has brought the size',
    );
    // Consoles end with the process that the guest has left.
    typist = typistAt(sandbox, NS, 'grower');
    typist.type('\n');
    await inGuest('nproc', /^2$/);
    await inGuest("free -m | awk '/Mem:/ { print ($2 > 1300) }'", /^1$/);
    await inGuest('cat /sys/class/net/*/address', /02:00:00:0c:a4:d0/);
    await edit((spec) => Object.assign(spec.domain.devices.interfaces[1], { state: 'absent' }));
    await inGuest('cat /sys/class/net/*/address | grep -c a4:d0', /^0$/);
    await untilAnswer(
      () => sandbox.vmi(NS, 'grower'),
      ({ body }) => !body.status.interfaces.some(({ name }: Named) => name === 'lab'),
      'the card is told no more',
    );
  });
});
