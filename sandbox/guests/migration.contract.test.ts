import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createHypervisor } from './create-hypervisor';
import type { Guest, GuestSpec, Hypervisor } from './hypervisor';
import { recordedMachine } from './machine';
import { type GuestMove, MoveError, type MoveOptions, type MoveProgress, movesGuests } from './migration';
import { QemuGuest } from './qemu-guest';
import { runDirectoryFor } from './run-directory';
import { makeSpec, STEP_MS, Typist } from './testing';
import { bootDisk } from './testing-boot-disk';

const projectRoot = path.resolve(fileURLToPath(new URL('../..', import.meta.url)));
const cacheDirectory = path.join(projectRoot, '.cache/guest');
const run = promisify(execFile);
const setUp = await run(process.execPath, [path.join(projectRoot, 'tools/guest-packages.mjs')]).then(
  () => true,
  () => false,
);

const TIMEOUT = { timeout: 4 * STEP_MS };
const USER_DATA = '#cloud-config\npassword: fedora\nchpasswd: {expire: false}\n';
/** Counts ten times a second on the serial line and into a file on its disk. */
const COUNTER =
  'n=0; while [ ! -e stop ]; do n=$((n+1)); echo "count $n"; echo $n >> /home/fedora/counted; sleep 0.1; done';
/** 128 MiB of which a third is in use: some seconds. */
const SLOW = 8 * 2 ** 20;

/** Everything that a guest's serial line says, across its processes. */
class Follower {
  text = '';
  #stream;

  constructor(guest: Guest) {
    this.#stream = this.#follow(guest, false);
  }

  /** The guest has another process: its scroll-back goes on where the old line ended. */
  goOn(guest: Guest): void {
    this.#stream.destroy();
    this.#stream = this.#follow(guest, true);
  }

  get counts(): number[] {
    return [...this.text.matchAll(/count (\d+)\r/g)].map(([, count]) => Number(count));
  }

  #follow(guest: Guest, history: boolean) {
    const stream = guest.openSerial({ history });
    stream.on('error', () => {});
    // What is printed again as scroll-back has been seen: the scroll-back replaces it.
    let first = history;
    stream.on('data', (chunk: Buffer) => {
      if (first) this.text = '';
      first = false;
      this.text += chunk.toString();
    });
    return stream;
  }
}

describe.runIf(setUp)('a guest that moves', () => {
  let directory = '';
  let hypervisor: Hypervisor;
  let spec: GuestSpec;
  let guest: Guest;
  let moves = 0;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'portlight-moves-'));
    hypervisor = await createHypervisor({ directory, cacheDirectory, projectRoot, log: () => {} });
    spec = await makeSpec(hypervisor, 21, USER_DATA, { memoryMiB: 128, vcpus: 1 });
    spec.disks.push({
      name: 'drive',
      path: '',
      role: 'data',
      readOnly: true,
      device: 'cdrom',
      bus: 'sata',
    });
    spec.nics.push({ name: 'wire', mac: '02:00:00:00:02:01', address: '', segment: 'moves/wire' });
    guest = await hypervisor.start(spec);
  }, 4 * STEP_MS);

  afterAll(async () => {
    await hypervisor?.close();
    await rm(directory, { recursive: true, force: true });
  });

  const begin = async (change: Partial<MoveOptions> = {}, moving = guest) => {
    if (!movesGuests(hypervisor)) throw new Error('there is no QEMU');
    moves += 1;
    const incoming = await hypervisor.receive(moving, `move-${moves}`);
    const committed: Guest[] = [];
    const move = incoming.begin({
      bandwidth: 0,
      maxDowntimeMs: 900,
      autoConverge: false,
      postCopy: false,
      paused: () => false,
      commit: async (moved) => {
        committed.push(moved);
      },
      ...change,
    });
    return { incoming, move, committed };
  };
  const underWay = (move: GuestMove) =>
    vi.waitUntil(() => move.progress.transferredBytes > 2 ** 20, { timeout: STEP_MS, interval: 20 });
  const failure = (move: GuestMove) =>
    move.done.then(
      () => new Error('it moved'),
      (error: unknown) => error,
    );
  const openers = async (file: string) => {
    const pids = await run('pgrep', ['-f', `portlight-${spec.id}`]).then(
      ({ stdout }) => stdout.trim().split('\n'),
      () => [],
    );
    const open = await Promise.all(
      pids.map(async (pid) => {
        const { stdout } = await run('ls', ['-l', `/proc/${pid}/fd`]).catch(() => ({ stdout: '' }));
        return stdout.includes(file);
      }),
    );
    return open.filter(Boolean).length;
  };

  it('counts on without a gap through moves that succeed, fail and are canceled', TIMEOUT, async () => {
    const typist = new Typist(guest);
    await typist.login('fedora', 'fedora');
    await typist.run('cloud-init status --wait');
    const hot = {
      name: 'hot',
      path: path.join(directory, 'hot.img'),
      role: 'data',
      readOnly: false,
    } as const;
    await hypervisor.makeDataDisk(hot.path, 16 * 2 ** 20);
    await guest.plugDisk(hot);
    const scsi = { ...hot, name: 'scsi', path: path.join(directory, 'scsi.img'), bus: 'scsi' } as const;
    await hypervisor.makeDataDisk(scsi.path, 16 * 2 ** 20);
    await guest.plugDisk(scsi);
    const medium = await hypervisor.makeFilesDisk(spec.id, 'drive', 'MEDIUM', new Map());
    await guest.insertDisk({ name: 'drive', path: medium, role: 'data', readOnly: true });
    const label = 'sudo dd if=/dev/sr0 bs=1 skip=32808 count=6 2>/dev/null';
    // A drive whose medium has just changed refuses the first reads.
    await vi.waitUntil(async () => (await typist.run(label)) === 'MEDIUM', { timeout: STEP_MS });
    const before = await typist.run('cut -d" " -f1 /proc/uptime; cat /proc/sys/kernel/random/boot_id');
    const [uptime, boot] = before.split('\n');
    const follower = new Follower(guest);
    typist.type(`${COUNTER}\n`);
    const first = guest.pid;
    await vi.waitUntil(() => follower.counts.length > 5, { timeout: STEP_MS });

    const seen: MoveProgress[] = [];
    const slow = await begin({ bandwidth: SLOW });
    await vi.waitUntil(
      () => {
        const { progress } = slow.move;
        if (progress.transferredBytes !== (seen.at(-1)?.transferredBytes ?? 0)) seen.push(progress);
        return seen.length > 4;
      },
      { timeout: STEP_MS, interval: 50 },
    );
    expect(seen.map(({ transferredBytes }) => transferredBytes)).toEqual(
      seen.map(({ transferredBytes }) => transferredBytes).sort((a, b) => a - b),
    );
    expect(seen.at(-1)?.remainingBytes).toBeLessThan(seen[0]?.remainingBytes ?? 0);
    expect(seen.at(-1)?.totalBytes).toBeGreaterThanOrEqual(128 * 2 ** 20);
    await slow.move.cancel();
    const canceled = await failure(slow.move);
    expect([canceled instanceof MoveError && canceled.canceled, guest.pid]).toEqual([true, first]);

    const doomed = await begin({ bandwidth: SLOW });
    await underWay(doomed.move);
    const target = await recordedMachine(
      path.join(runDirectoryFor(directory), doomed.incoming.spec.machine ?? ''),
    );
    process.kill(target?.pid ?? 0, 'SIGKILL');
    expect(await failure(doomed.move)).toMatchObject({ name: 'MoveError', canceled: false });
    expect([guest.pid, doomed.committed]).toEqual([first, []]);

    const refused = await begin({
      commit: () => Promise.reject(new Error('the disk with the records is full')),
    });
    expect(await failure(refused.move)).toMatchObject({ message: 'the disk with the records is full' });
    expect(guest.pid).toBe(first);

    const pids = [first];
    for (const postCopy of [false, true]) {
      const { move, committed, incoming } = await begin(postCopy ? { postCopy, bandwidth: SLOW } : {});
      if (postCopy) {
        await underWay(move);
        if (move.canPostCopy) await move.startPostCopy();
        else await move.hold();
      }
      const moved = await move.done;
      expect([committed, moved.spec.machine]).toEqual([[moved], incoming.spec.machine]);
      guest = moved;
      follower.goOn(guest);
      pids.push(guest.pid);
      expect(await openers(spec.disks[0]?.path ?? '')).toBe(1);
    }
    expect(new Set(pids).size).toBe(3);

    const arrived = follower.counts.length;
    await vi.waitUntil(() => follower.counts.length > arrived + 5, { timeout: STEP_MS });
    const [dialog] = [new Typist(guest, { history: false })];
    dialog.type('\x03');
    await dialog.until(/\][$#] /);
    const after = await dialog.run('cut -d" " -f1 /proc/uptime; cat /proc/sys/kernel/random/boot_id');
    expect(after.split('\n')[1]).toBe(boot);
    expect(Number(after.split('\n')[0])).toBeGreaterThan(Number(uptime));
    const counted = follower.counts;
    expect(counted).toEqual(counted.map((_, index) => (counted[0] ?? 0) + index));
    const written = (await dialog.run('cat counted | tr "\\n" " "')).trim().split(/\s+/).map(Number);
    expect(written).toEqual(written.map((_, index) => index + 1));
    expect(written.length).toBeGreaterThanOrEqual(counted.at(-1) ?? 0);
    // The hot-plugged disk came along, and the agent, the screen and the network answer.
    await dialog.run('echo moved > m; sudo dd if=m of=/dev/vdc bs=512 conv=sync oflag=direct 2>/dev/null');
    expect((await readFile(hot.path)).subarray(0, 5).toString()).toBe('moved');
    await dialog.run('sudo dd if=m of=/dev/sda bs=512 conv=sync oflag=direct 2>/dev/null');
    expect((await readFile(scsi.path)).subarray(0, 5).toString()).toBe('moved');
    await vi.waitUntil(async () => (await dialog.run(label)) === 'MEDIUM', { timeout: STEP_MS });
    await vi.waitUntil(() => guest.agentConnected, { timeout: STEP_MS });
    expect((await guest.agentFacts()).hostname).toBe('guest-21');
    expect((await guest.screenshot()).length).toBeGreaterThan(1000);
  });

  it('keeps its place on a network of its own', TIMEOUT, async () => {
    const other = await makeSpec(hypervisor, 22, USER_DATA, { memoryMiB: 128, vcpus: 1 });
    other.nics.push({ name: 'wire', mac: '02:00:00:00:02:02', address: '', segment: 'moves/wire' });
    const peer = await hypervisor.start(other);
    const there = new Typist(peer);
    await there.login('fedora', 'fedora');
    const here = new Typist(guest, { history: false });
    for (const [typist, number] of [
      [here, 1],
      [there, 2],
    ] as const) {
      await typist.run(`sudo ip addr add 10.9.0.${number}/24 dev eth1; sudo ip link set eth1 up`);
    }
    await vi.waitUntil(async () => / 0% packet loss/.test(await there.run('sudo ping -c 1 -W 2 10.9.0.1')), {
      timeout: STEP_MS,
    });
    const { move } = await begin();
    guest = await move.done;
    // The first may be lost: the switch learns anew where the card is.
    await vi.waitUntil(async () => / 0% packet loss/.test(await there.run('sudo ping -c 3 -W 2 10.9.0.1')), {
      timeout: STEP_MS,
    });
    await peer.kill();
  });

  it('boots what its disk holds where it has arrived', TIMEOUT, async () => {
    const file = path.join(directory, 'boots.img');
    await writeFile(file, bootDisk());
    const own = await makeSpec(hypervisor, 23, USER_DATA, { memoryMiB: 128, vcpus: 1 });
    const first = await hypervisor.start({
      ...own,
      boot: { kind: 'disk', firmware: 'bios', secureBoot: false },
      disks: [{ name: 'root', path: file, role: 'data', readOnly: false, bootOrder: 1 }],
    });
    await new Typist(first).until(/own words by BIOS, boots of this disk: 0/);
    const { move } = await begin({}, first);
    const moved = await move.done;
    await moved.reset();
    await new Typist(moved, { history: false }).until(/own words by BIOS, boots of this disk: 1/);
    await moved.kill();
  });

  it('stays as it stood when it was paused', TIMEOUT, async () => {
    await guest.pause();
    const { move } = await begin({ paused: () => true });
    guest = await move.done;
    const follower = new Follower(guest);
    const typist = new Typist(guest, { history: false });
    typist.type('echo awa""ke\n');
    if (!(guest instanceof QemuGuest)) throw new Error('there is no QEMU');
    expect(await guest.machine.qmp.execute('query-status')).toMatchObject({ running: false });
    expect(follower.text).toBe('');
    await guest.resume();
    await typist.until(/awake\r/);
  });

  it('is found once when the sandbox is killed in the middle', TIMEOUT, async () => {
    const state = await mkdtemp(path.join(tmpdir(), 'portlight-cut-'));
    const fixture = path.join(projectRoot, 'sandbox/guests/move-guest.fixture.ts');
    const tool = path.join(projectRoot, 'tools/run.mjs');
    const sandbox = spawn(process.execPath, [tool, fixture, state, cacheDirectory, projectRoot], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const line = await new Promise<string>((resolve) =>
      createInterface(sandbox.stdout).once('line', resolve),
    );
    const found: { spec: GuestSpec; pid: number; target: string } = JSON.parse(line);
    sandbox.kill('SIGKILL');
    const targetDirectory = path.join(runDirectoryFor(state), found.target);
    expect(await recordedMachine(targetDirectory)).toMatchObject({ complete: false });
    const next = await createHypervisor({ directory: state, cacheDirectory, projectRoot, log: () => {} });
    try {
      const adopted = await next.adopt(found.spec);
      expect(adopted?.pid).toBe(found.pid);
      expect(await recordedMachine(targetDirectory)).toBeUndefined();
      if (!adopted) return;
      const typist = new Typist(adopted);
      await typist.login('fedora', 'fedora');
      expect(await typist.run('hostname')).toBe('guest-9');
    } finally {
      await next.close();
      await rm(state, { recursive: true, force: true });
    }
  });
});
