import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestSandbox, testVm } from '../testing';
import { runDirectoryFor } from './run-directory';

/** A boot takes a minute or two under emulation, several on a busy machine. */
const BOOT_MS = 600_000;
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJustForThisTestAndNothingElse00000000000 someone@example';
/** Said on the serial line, each with what the guest found. */
const PROOFS = {
  status: 'cloud-init status --wait | tail -n 1',
  file: 'cat /etc/written-by-cloud-init',
  release: '. /etc/os-release; echo $ID $VERSION_ID',
  init: 'cat /proc/1/comm',
  key: 'cat /home/debian/.ssh/authorized_keys',
  user: 'id -nG carol',
  address: 'ip -4 -o addr show scope global | tr -s " " | cut -d " " -f 4',
  sshd: 'systemctl is-active ssh',
  agent: 'systemctl is-active qemu-guest-agent',
  size: 'df -BG --output=size / | tail -n 1',
};

const USER_DATA = `#cloud-config
password: secret
chpasswd: { expire: false }
ssh_authorized_keys:
- ${KEY}
users:
- default
- name: carol
  groups: [sudo]
  lock_passwd: true
write_files:
- path: /etc/written-by-cloud-init
  content: by the real one
- path: /usr/local/bin/proofs
  permissions: "0755"
  content: |
    #!/bin/sh
${Object.entries(PROOFS)
  .map(([name, command]) => `    echo "PROOF ${name}: $(${command})" > /dev/ttyS0`)
  .join('\n')}
    echo PROOFS-END > /dev/ttyS0
runcmd:
- systemd-run --no-block /usr/local/bin/proofs
`;

const NETWORK_DATA = `version: 2
ethernets:
  card:
    match: { macaddress: "02:00:00:00:0f:01" }
    addresses: [10.77.0.5/24]
    dhcp4: true
`;

let sandbox: TestSandbox;

beforeAll(async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['tools/full-guest.mjs']);
  const fullGuest = stdout.trim().split('\n').at(-1) ?? '';
  sandbox = await TestSandbox.start({ guests: true, fullGuest });
});
afterAll(() => sandbox?.close());

it('boots Debian with systemd, whose cloud-init, sshd and agent do what they were told', async () => {
  const vm = testVm('full', 'Always', (spec) => {
    spec.domain.resources.requests.memory = '768Mi';
    spec.domain.devices.disks.push({ name: 'seed', disk: { bus: 'virtio' } });
    spec.domain.devices.interfaces = [{ name: 'default', masquerade: {}, macAddress: '02:00:00:00:0f:01' }];
    spec.volumes = [
      { name: 'root', containerDisk: { image: 'quay.io/containerdisks/debian:12' } },
      { name: 'seed', cloudInitNoCloud: { userData: USER_DATA, networkData: NETWORK_DATA } },
    ];
  });
  await sandbox.createVm(vm, 'default');
  await sandbox.untilStatus('default', 'full', 'Running');
  const { uid } = (await sandbox.vmi('default', 'full')).body.metadata;
  const proofs = await printed(path.join(runDirectoryFor(sandbox.directory), uid, 'serial.log'));
  expect(proofs).toMatchObject({
    status: 'status: done',
    file: 'by the real one',
    release: 'debian 12',
    init: 'systemd',
    key: expect.stringContaining(KEY),
    user: expect.stringContaining('sudo'),
    address: expect.stringContaining('10.77.0.5/24'),
    sshd: 'active',
    agent: 'active',
  });
  const deadline = Date.now() + BOOT_MS;
  let status = (await sandbox.vmi('default', 'full')).body.status;
  while (status.guestOSInfo?.id !== 'debian' && Date.now() < deadline) {
    await delay(500);
    status = (await sandbox.vmi('default', 'full')).body.status;
  }
  expect(status.guestOSInfo).toMatchObject({ id: 'debian', prettyName: expect.stringMatching(/^Debian/) });
});

/** What the guest has printed behind PROOF, by name, once it is through. */
async function printed(log: string): Promise<Record<string, string>> {
  const deadline = Date.now() + BOOT_MS;
  for (;;) {
    const text = await readFile(log, 'latin1').catch(() => '');
    if (/^PROOFS-END/m.test(text)) {
      return Object.fromEntries(
        [...text.matchAll(/PROOF (\w+): (.*?)\r?\n/g)].map(([, name = '', said = '']) => [name, said.trim()]),
      );
    }
    if (Date.now() > deadline) throw new Error(`The guest did not say it all: ${text.slice(-1500)}`);
    await delay(500);
  }
}
