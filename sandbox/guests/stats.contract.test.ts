import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHypervisor } from './create-hypervisor';
import type { GuestStats } from './guest-stats';
import type { Guest, Hypervisor } from './hypervisor';
import { makeSpec, STEP_MS, Typist } from './testing';

const projectRoot = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const cacheDirectory = path.join(projectRoot, '.cache/guest');
const MIB = 2 ** 20;
const WRITTEN = 8 * MIB;
const setUp = await promisify(execFile)(process.execPath, [
  path.join(projectRoot, 'tools/guest-packages.mjs'),
]).then(
  () => true,
  (error: { stderr?: string }) => {
    console.warn(`Guests are not tested: ${error.stderr}`);
    return false;
  },
);
const USER_DATA = `#cloud-config
password: fedora
chpasswd: { expire: false }
`;

describe.runIf(setUp)('the figures of a guest', { timeout: 4 * STEP_MS }, () => {
  let directory = '';
  let hypervisor: Hypervisor;
  let guest: Guest;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'portlight-stats-'));
    hypervisor = await createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
    const spec = await makeSpec(hypervisor, 8, USER_DATA);
    const data = await hypervisor.makeDataDisk(path.join(directory, 'data.img'), 64 * MIB);
    spec.disks.push({ name: 'data', path: data, role: 'data', readOnly: false });
    guest = await hypervisor.start(spec);
  }, 4 * STEP_MS);

  afterAll(async () => {
    await hypervisor?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const read = async (): Promise<GuestStats> => {
    const stats = await guest.stats();
    if (!stats) throw new Error('the guest has no figures');
    return stats;
  };
  /** The agent is asked at most every ten seconds. */
  const until = async (isRight: (stats: GuestStats) => boolean): Promise<GuestStats> => {
    const deadline = Date.now() + STEP_MS;
    for (;;) {
      const stats = await read();
      if (isRight(stats)) return stats;
      if (Date.now() > deadline) throw new Error(`the figures stay ${JSON.stringify(stats)}`);
      await delay(500);
    }
  };
  const diskOf = ({ disks }: GuestStats, wanted: string) => disks.find(({ name }) => name === wanted);

  it('grow by what it does, and by nothing else', async () => {
    const terminal = new Typist(guest);
    await terminal.login('fedora', 'fedora');
    const before = await until(({ nics, fileSystems }) => nics.length > 0 && fileSystems !== undefined);

    await terminal.run('i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done');
    const busy = await read();
    const ran = (stats: GuestStats) => stats.vcpus[0]?.seconds ?? 0;
    expect(before.vcpus).toHaveLength(1);
    expect(ran(busy)).toBeGreaterThan(ran(before) + 0.1);
    const whole = ({ cpu }: GuestStats) => cpu.userSeconds + cpu.systemSeconds;
    expect(whole(busy)).toBeGreaterThan(whole(before) + 0.1);
    // The process does nothing that its threads don't; the two are counted by different clocks.
    expect(ran(busy)).toBeLessThan(whole(busy) + 0.5);

    await terminal.run(`sudo dd if=/dev/zero of=/dev/vdc bs=1M count=${WRITTEN / MIB} conv=fsync`);
    const written = await read();
    expect(diskOf(written, 'data')?.writeBytes).toBe((diskOf(busy, 'data')?.writeBytes ?? 0) + WRITTEN);
    expect(diskOf(written, 'data')?.flushOperations).toBeGreaterThan(
      diskOf(busy, 'data')?.flushOperations ?? 1e9,
    );
    expect(diskOf(written, 'data')?.writeSeconds).toBeGreaterThan(0);
    expect(diskOf(written, 'containerdisk')?.writeBytes).toBeLessThan(WRITTEN);
    expect(written.disks.map(({ name }) => name)).toEqual(['containerdisk', 'cloudinitdisk', 'data']);

    expect(await terminal.run('sudo ping -c 3 -s 1000 10.244.1.1')).toContain('3 packets received');
    const [idle] = before.nics;
    const pinged = await until(({ nics }) => (nics[0]?.sentBytes ?? 0) >= (idle?.sentBytes ?? 1e9) + 3000);
    expect(pinged.nics[0]).toMatchObject({ name: 'default', receiveErrors: 0 });
    expect(pinged.nics[0]?.receivedBytes).toBeGreaterThanOrEqual((idle?.receivedBytes ?? 1e9) + 3000);
    expect(pinged.fileSystems).toContainEqual(expect.objectContaining({ mountPoint: '/home', type: 'ext4' }));
    expect(pinged.load?.one).toBeGreaterThan(0);
  });

  it('are of the guest’s memory, without the balloon ever being driven', async () => {
    const terminal = new Typist(guest, { history: false });
    const { memory } = await read();
    expect(memory).toMatchObject({ domainBytes: 256 * MIB, balloonBytes: 256 * MIB });
    const resident = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${guest.pid}/status`, 'utf8'))?.[1];
    expect(memory.residentBytes / (Number(resident) * 1024)).toBeCloseTo(1, 0);
    const told = await terminal.run("awk '/MemTotal|MemAvailable/ {print $2}' /proc/meminfo");
    const [total = 0, available = 0] = told.split('\n').map((kib) => Number(kib) * 1024);
    expect(memory.guest?.availableBytes).toBe(total);
    expect(memory.guest?.usableBytes ?? 0).toBeGreaterThan(available - 16 * MIB);
    expect(memory.guest?.usableBytes ?? 0).toBeLessThan(available + 16 * MIB);

    // /dev/shm is memory that cannot be dropped.
    await terminal.run(
      'sudo mount -t tmpfs none /mnt && sudo dd if=/dev/zero of=/mnt/ballast bs=1M count=48',
    );
    const used = ({ guest: said }: GuestStats['memory']) =>
      (said?.availableBytes ?? 0) - (said?.usableBytes ?? 0);
    // What the guest has said is dated by the second: of two looks within one the later may get the earlier's words.
    const fuller = await until((stats) => used(stats.memory) > used(memory) + 40 * MIB);
    expect(fuller.memory.balloonBytes).toBe(256 * MIB);
  });

  it('stand still with a paused guest, and are there all the same', async () => {
    await guest.pause();
    const paused = await read();
    await delay(300);
    const later = await read();
    expect(later.vcpus[0]?.seconds).toBeCloseTo(paused.vcpus[0]?.seconds ?? 0, 1);
    expect(later.memory.guest?.availableBytes).toBe(paused.memory.guest?.availableBytes);
    await guest.resume();
  });

  it('are gone with it', async () => {
    await guest.kill();
    expect(await guest.stats()).toBeUndefined();
  });
});
