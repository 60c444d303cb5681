import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHypervisor } from './create-hypervisor';
import type { Guest, GuestExit, GuestSpec, Hypervisor } from './hypervisor';
import { isMachine } from './machine';
import { makeSpec, STEP_MS, Typist } from './testing';

const projectRoot = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const cacheDirectory = path.join(projectRoot, '.cache/guest');
const run = promisify(execFile);

// The same step as `npm start` takes. Where it cannot get QEMU and the packages, there is nothing to test.
const setUp = await run(process.execPath, [path.join(projectRoot, 'tools/guest-packages.mjs')]).then(
  () => true,
  (error: { stderr?: string }) => {
    console.warn(`Guests are not tested: ${error.stderr}`);
    return false;
  },
);

const USER_DATA = `#cloud-config
password: fedora
chpasswd: { expire: false }
ssh_authorized_keys: [ssh-ed25519 AAAAkey someone]
write_files:
  - {path: /etc/portlight-test, content: written, permissions: '0640'}
runcmd:
  - echo ran-$((40 + 2)) > /run/runcmd-was-here
`;
const TIMEOUT = { timeout: 4 * STEP_MS };

/** sha256 of every file of every template. */
async function templateSums(): Promise<Record<string, string>> {
  const directory = path.join(cacheDirectory, 'templates');
  const sums: Record<string, string> = {};
  for (const name of (await readdir(directory, { recursive: true })).filter((file) =>
    /^256m-1c[^.]*\/\w+/.test(file),
  )) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path.join(directory, name))) hash.update(chunk);
    sums[name] = hash.digest('hex');
  }
  return sums;
}

/** Whether a PNG shows writing: thousands of bytes that are neither black nor a row's filter (0 to 4). */
function showsSomething(png: Buffer): boolean {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  return inflateSync(Buffer.concat(parts)).filter((byte) => byte > 4).length > 5000;
}

const exitOf = (guest: Guest) => new Promise<GuestExit>((resolve) => guest.on('exit', resolve));

describe.runIf(setUp)('guests', () => {
  let directory = '';
  let hypervisor: Hypervisor;
  let specs: GuestSpec[] = [];
  let guests: Guest[] = [];
  let sums: Record<string, string> = {};

  const open = () => createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
  const guest = (index: number): Guest => {
    const found = guests[index];
    if (!found) throw new Error(`guest ${index} did not start`);
    return found;
  };

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'portlight-guests-'));
    hypervisor = await open();
    specs = await Promise.all([1, 2].map((number) => makeSpec(hypervisor, number + 10, USER_DATA)));
    guests = await Promise.all(specs.map((spec) => hypervisor.start(spec)));
    sums = await templateSums();
  }, 4 * STEP_MS);

  afterAll(async () => {
    await hypervisor?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('let their users log in with the password of cloud-init, each on its own machine', TIMEOUT, async () => {
    const answers = await Promise.all(
      guests.map(async (one) => {
        const typist = new Typist(one);
        await typist.login('fedora', 'fedora');
        await typist.run('cloud-init status --wait');
        const machine = await typist.run(
          'hostname; nproc; cat /etc/machine-id; cat /proc/sys/kernel/random/uuid',
        );
        const done = await typist.run(
          'cloud-init status; cat /run/runcmd-was-here; sudo cat /etc/portlight-test; echo; cat ~/.ssh/authorized_keys; sudo id -u; df /home | tail -1 | cut -d" " -f1',
        );
        const uuid = await typist.run('sudo cat /sys/class/dmi/id/product_uuid');
        const memory = Number(await typist.run("free -m | awk '/Mem:/ { print $2 }'"));
        await vi.waitUntil(async () => /inet 10\./.test(await typist.run('ip addr show eth0')), {
          timeout: STEP_MS,
        });
        return { machine: machine.split('\n'), done: done.split('\n'), uuid, memory };
      }),
    );
    for (const [index, { machine, done, uuid, memory }] of answers.entries()) {
      expect(machine.slice(0, 2)).toEqual([`guest-${index + 11}`, '1']);
      expect(done).toEqual([
        'status: done',
        'ran-42',
        'written',
        'ssh-ed25519 AAAAkey someone',
        '0',
        '/dev/vda',
      ]);
      expect(uuid).toBe(specs[index]?.firmwareUuid);
      expect(memory).toBeGreaterThan(180);
      expect(memory).toBeLessThanOrEqual(256);
    }
    expect(answers[0]?.machine[2]).not.toBe(answers[1]?.machine[2]);
    expect(answers[0]?.machine[3]).not.toBe(answers[1]?.machine[3]);
  });

  it('get and lose disks while they run', TIMEOUT, async () => {
    const typist = new Typist(guest(0), { history: false });
    const disk = await hypervisor.makeDataDisk(path.join(directory, 'hot.img'), 64 * 2 ** 20);
    const label = new Map([['password', Buffer.from('from a secret')]]);
    const secret = await hypervisor.makeFilesDisk(guest(0).spec.id, 'secret', 'cfgdata', label);
    await guest(0).plugDisk({ name: 'hot', path: disk, role: 'data', readOnly: false, serial: 'hot' });
    await guest(0).plugDisk({ name: 'secret', path: secret, role: 'data', readOnly: true });
    expect(
      guest(0)
        .spec.disks.map(({ name }) => name)
        .slice(-2),
    ).toEqual(['hot', 'secret']);
    const devices = 'for d in /sys/block/vd*; do echo "$(cat $d/serial)=$(cat $d/size)"; done';
    const seen = await typist.run(`sleep 2; ${devices}`);
    expect(seen).toContain('hot=131072');
    expect(await typist.run('sudo sh -c "strings /dev/vdd 2>/dev/null || cat /dev/vdd"')).toContain(
      'from a secret',
    );
    await guest(0).unplugDisk('hot');
    await guest(0).unplugDisk('secret');
    expect(await typist.run(devices)).not.toContain('hot=');
    expect(guest(0).spec.disks.length).toBe(2);
  });

  it('freeze their file systems, and thaw them', TIMEOUT, async () => {
    await guest(1).freeze();
    // What the agent said before stands: while frozen it answers next to nothing.
    expect((await guest(1).agentFacts()).hostname).toBe(guest(1).spec.name);
    await guest(1).thaw();
    expect((await guest(1).agentFacts()).hostname).toBe(guest(1).spec.name);
  });

  it('take keys and passwords through their agent', TIMEOUT, async () => {
    await guest(1).authorizeKeys('fedora', ['ssh-ed25519 AAAAnew somebody']);
    await guest(1).setPassword('fedora', 'changed');
    const typist = new Typist(guest(1), { history: false });
    typist.type('exit\n');
    await typist.login('fedora', 'changed');
    expect(await typist.run('cat ~/.ssh/authorized_keys')).toContain('AAAAnew');
    await expect(guest(1).setPassword('nobody-here', 'x')).rejects.toThrow('guest agent');
    await guest(1).setPassword('fedora', 'fedora');
  });

  it('answer on their ports, and refuse where nobody listens', TIMEOUT, async () => {
    const typist = new Typist(guest(1), { history: false });
    await typist.run('(nc -ll -p 8080 -e /bin/cat >/dev/null 2>&1 &)');
    await typist.run('until netstat -lnt | grep -q 8080; do usleep 10000; done');
    const heard = async (stream: Duplex, said: Buffer) => {
      const answer = once(stream, 'data');
      stream.write(said);
      const [chunk] = (await answer) as [Buffer];
      stream.destroy();
      return chunk;
    };
    const [one, other] = await Promise.all([guest(1).openPort('tcp', 8080), guest(1).openPort('tcp', 8080)]);
    expect(String(await heard(one, Buffer.from('hello')))).toBe('hello');
    expect(String(await heard(other, Buffer.from('you')))).toBe('you');
    await expect(guest(1).openPort('tcp', 8081)).rejects.toThrow('connection refused');
    // Nothing in this Linux serves UDP: its kernel counts what comes in vain.
    const unserved = async () =>
      Number(await typist.run("grep '^Udp: [0-9]' /proc/net/snmp | cut -d' ' -f3"));
    const before = await unserved();
    const datagrams = await guest(1).openPort('udp', 5300);
    datagrams.write('anybody?');
    await vi.waitUntil(async () => (await unserved()) > before, { timeout: STEP_MS });
    datagrams.destroy();
  });

  it('tell about themselves through the agent', TIMEOUT, async () => {
    await vi.waitUntil(() => guest(0).agentConnected, { timeout: STEP_MS });
    const facts = await guest(0).agentFacts();
    expect(facts).toMatchObject({ hostname: 'guest-11', timezone: 'UTC, 0', os: { id: 'portlight' } });
    expect(facts.users.map((user) => user.userName)).toEqual(['fedora']);
    expect(facts.filesystems).toMatchObject([
      { diskName: 'vda', mountPoint: '/home', fileSystemType: 'ext4', disk: [{ busType: 'virtio' }] },
    ]);
    expect(facts.interfaces).toEqual([
      { interfaceName: 'eth0', mac: '02:00:00:00:01:11', ipAddresses: ['10.244.1.11'] },
    ]);
  });

  it('show a screen, and speak RFB to several viewers', TIMEOUT, async () => {
    const png = await guest(0).screenshot();
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1024, 768]);
    expect(showsSomething(png)).toBe(true);
    const viewers = await Promise.all([guest(0).openVnc(), guest(0).openVnc()]);
    for (const viewer of viewers) {
      const greeting = await new Promise((resolve) => viewer.once('data', (chunk) => resolve(String(chunk))));
      expect(greeting).toBe('RFB 003.008\n');
      viewer.destroy();
    }
  });

  it('stand still while paused, and go on after', TIMEOUT, async () => {
    const typist = new Typist(guest(0), { history: false });
    expect(await typist.run('echo awake')).toBe('awake');
    await guest(0).pause();
    const before = await guest(0).screenshot();
    typist.type('echo typed-while-$((1+1))\n');
    expect((await guest(0).screenshot()).equals(before)).toBe(true);
    await guest(0).resume();
    await typist.until(/typed-while-2\r\n/);
  });

  it('give their memory away as a core, and go on after', TIMEOUT, async () => {
    const typist = new Typist(guest(0), { history: false });
    await typist.run('export NEEDLE=in-the-$((40 + 2))nd-haystack');
    const core = path.join(directory, 'memory.core');
    await guest(0).dumpMemory(core);
    const bytes = await readFile(core);
    expect(bytes.subarray(1, 4).toString()).toBe('ELF');
    // ET_CORE
    expect(bytes.readUInt16LE(16)).toBe(4);
    expect(bytes.length).toBeGreaterThanOrEqual(256 * 1024 * 1024);
    expect(bytes.includes('in-the-42nd-haystack')).toBe(true);
    expect(await typist.run('echo awake')).toBe('awake');
    await rm(core);
  });

  it('boot again after a reset, keep /home and open their gate again', TIMEOUT, async () => {
    const before = new Typist(guest(0), { history: false });
    await before.run('echo kept > ~/kept; sync');
    const reset = vi.fn();
    guest(0).on('reset', reset);
    await guest(0).reset();
    await before.login('fedora', 'fedora');
    expect(await before.run('cat ~/kept; cat /run/runcmd-was-here')).toContain('kept');
    expect(reset).toHaveBeenCalledOnce();
  });

  it('reboot when the agent is asked to', TIMEOUT, async () => {
    const typist = new Typist(guest(1), { history: false });
    await vi.waitUntil(() => guest(1).agentConnected, { timeout: STEP_MS });
    await guest(1).softReboot();
    await typist.until(/portlight: waiting for instance data/);
    await typist.login('fedora', 'fedora');
    expect(guest(1).pid).toBeDefined();
  });

  it('crash when their process is killed by somebody else', TIMEOUT, async () => {
    const ended = exitOf(guest(1));
    process.kill(guest(1).pid ?? 0, 'SIGKILL');
    expect(await ended).toMatchObject({ reason: 'crash' });
    expect(guest(1).pid).toBeUndefined();
  });

  it('shut down when the power button is pressed', TIMEOUT, async () => {
    const ended = exitOf(guest(0));
    expect(await guest(0).shutdown(60)).toMatchObject({ reason: 'shutdown' });
    expect(await ended).toMatchObject({ reason: 'shutdown' });
  });

  it('leave their template as it was', TIMEOUT, async () => {
    expect(Object.keys(sums).length).toBeGreaterThan(2);
    expect(await templateSums()).toEqual(sums);
  });

  it('outlive a sandbox that is killed, and are taken over by the next', TIMEOUT, async () => {
    const state = await mkdtemp(path.join(tmpdir(), 'portlight-adopt-'));
    const fixture = path.join(projectRoot, 'sandbox/guests/start-guest.fixture.ts');
    const tool = path.join(projectRoot, 'tools/run.mjs');
    const sandbox = spawn(process.execPath, [tool, fixture, state, cacheDirectory, projectRoot], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      createInterface(sandbox.stdout).once('line', resolve),
    );
    const { spec, pid, copy }: { spec: GuestSpec; pid: number; copy: string } = JSON.parse(line);
    sandbox.kill('SIGKILL');
    const next = await createHypervisor({ directory: state, cacheDirectory, projectRoot, log: () => {} });
    try {
      expect(await isMachine(pid, spec.id)).toBe(true);
      const adopted = await next.adopt(spec);
      expect(adopted?.pid).toBe(pid);
      if (!adopted) return;
      // The copies that the killed sandbox had begun: one is the disk by now, the other was given up.
      expect(adopted.spec.disks[0]?.path).toBe(copy);
      await adopted.copyDisk('containerdisk', `${copy}.again`);
      const typist = new Typist(adopted);
      await typist.login('fedora', 'fedora');
      expect(await typist.run('hostname')).toBe('guest-9');
      const ended = exitOf(adopted);
      await next.close();
      expect(await ended).toMatchObject({ reason: 'killed' });
      expect(await isMachine(pid, spec.id)).toBe(false);
    } finally {
      await next.close();
      await rm(state, { recursive: true, force: true });
    }
  });
});
