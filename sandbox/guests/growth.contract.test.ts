import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHypervisor } from './create-hypervisor';
import type { Guest, Hypervisor } from './hypervisor';
import { movesGuests } from './migration';
import { makeSpec, STEP_MS, Typist } from './testing';

const projectRoot = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const cacheDirectory = path.join(projectRoot, '.cache/guest');
const setUp = await promisify(execFile)(process.execPath, [
  path.join(projectRoot, 'tools/guest-packages.mjs'),
]).then(
  () => true,
  () => false,
);
const USER_DATA = '#cloud-config\npassword: fedora\nchpasswd: { expire: false }\n';
const TIMEOUT = { timeout: 4 * STEP_MS };

describe.runIf(setUp)('a guest that was started with room to grow', () => {
  let directory = '';
  let hypervisor: Hypervisor;
  let guest: Guest;
  let typist: Typist;

  const megabytes = async () => Number(await typist.run("free -m | awk '/Mem:/ { print $2 }'"));
  const online = () => typist.run('cat /sys/devices/system/cpu/online; nproc');

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'portlight-growth-'));
    hypervisor = await createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
    const spec = await makeSpec(hypervisor, 31, USER_DATA, { memoryMiB: 1024, vcpus: 1 });
    guest = await hypervisor.start({ ...spec, maxMemoryMiB: 4096, maxVcpus: 4 });
    typist = new Typist(guest);
    await typist.login('fedora', 'fedora');
    await vi.waitUntil(() => guest.agentConnected, { timeout: STEP_MS });
  }, 4 * STEP_MS);

  afterAll(async () => {
    await hypervisor?.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('gets CPUs, which its agent brings online', TIMEOUT, async () => {
    expect(await online()).toBe('0\n1');
    await guest.setVcpus(2);
    expect(await online()).toBe('0-1\n2');
    await expect(guest.setVcpus(5)).rejects.toThrow('was not started for 5 CPUs');
    await expect(guest.setVcpus(1)).rejects.toThrow('keeps its 2 CPUs');
    expect(guest.spec.vcpus).toBe(2);
  });

  it('gets memory, and gives it back', TIMEOUT, async () => {
    const before = await megabytes();
    expect(before).toBeGreaterThan(900);
    await guest.setMemory(1500);
    expect((await megabytes()) - before).toBeGreaterThan(400);
    await guest.setMemory(2048);
    expect((await megabytes()) - before).toBeGreaterThan(950);
    await typist.run(
      'dd if=/dev/zero of=/tmp/much bs=1M count=1200 2>/dev/null; ls -l /tmp/much; rm /tmp/much',
    );
    await guest.setMemory(1024);
    expect(await megabytes()).toBe(before);
    await expect(guest.setMemory(8192)).rejects.toThrow('was not started for 8192 MiB');
    await expect(guest.setMemory(512)).rejects.toThrow('memory that it started with');
  });

  it('keeps what it got when it moves, and after a reset', TIMEOUT, async () => {
    await guest.setMemory(1536);
    const before = await megabytes();
    if (!movesGuests(hypervisor)) throw new Error('QEMU moves guests');
    const incoming = await hypervisor.receive(guest, 'grown');
    const options = {
      bandwidth: 0,
      autoConverge: false,
      postCopy: false,
      maxDowntimeMs: 300,
      paused: () => false,
    };
    guest = await incoming.begin({ ...options, commit: async () => {} }).done;
    typist = new Typist(guest, { history: false });
    expect([await online(), await megabytes()]).toEqual(['0-1\n2', before]);
    await guest.setVcpus(3);
    expect(await online()).toBe('0-2\n3');
    await guest.reset();
    await typist.login('fedora', 'fedora');
    expect(await online()).toBe('0-2\n3');
    await vi.waitUntil(async () => (await megabytes()) >= before - 16, { timeout: STEP_MS });
  });
});
