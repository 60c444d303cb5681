import { setTimeout as delay } from 'node:timers/promises';
import { type Json, list, number, record } from './answers';
import type { DiskStats, MemoryStats, MigrationStats, VcpuStats } from './guest-stats';
import type { GuestDisk } from './hypervisor';
import { type ThreadUsage, threadUsage } from './process-usage';
import type { QmpClient } from './qmp';

/** Whoever asks for figures waits no longer for one answer: a machine that is being saved answers late. */
const ANSWER_MS = 3000;
const BALLOON = '/machine/peripheral/balloon';
/** The guest's driver answers within milliseconds unless the guest is starved or stands still. */
const BALLOON_MS = 1000;
const BALLOON_LOOK_MS = 20;
/** Never reached: QEMU asks the guest once when polling begins, and it ends as soon as the answer is there. */
const NO_SECOND_POLL_SECONDS = 3600;
/** How QEMU says that the guest left a figure out: the largest 64-bit number. */
const LEFT_OUT = 2 ** 63;
const NANOS_PER_SECOND = 1e9;
const BITS_PER_MEGABIT = 1e6;

/** What QEMU says of the vCPUs, by their threads. `usage` reads one thread of the process. */
export function vcpuStats(
  answer: unknown,
  usage: (thread: number) => ThreadUsage | undefined,
  most: number,
): VcpuStats[] {
  const present = list(answer).map((cpu): VcpuStats => {
    const taken = usage(number(cpu['thread-id']));
    return {
      id: number(cpu['cpu-index']),
      state: 'running',
      seconds: taken?.runSeconds ?? 0,
      delaySeconds: taken?.delaySeconds ?? 0,
      waitSeconds: taken?.waitSeconds ?? 0,
    };
  });
  const ids = new Set(present.map(({ id }) => id));
  const offline = [...Array(most).keys()]
    .filter((id) => !ids.has(id))
    .map((id): VcpuStats => ({ id, state: 'offline', seconds: 0, delaySeconds: 0, waitSeconds: 0 }));
  return [...present, ...offline].sort((one, other) => one.id - other.id);
}

/**
 * The counters of query-blockstats for the disks of a spec, which query-block ties together by the image's path. A
 * drive without a medium has none.
 */
export function diskStats(blocks: unknown, counters: unknown, disks: readonly GuestDisk[]): DiskStats[] {
  const files = new Map<string, string>();
  for (const { qdev, device, inserted } of list(blocks)) {
    const { file, image } = record(inserted);
    for (const name of [file, record(image).filename]) {
      if (typeof name === 'string') files.set(name, place(qdev, device));
    }
  }
  const byPlace = new Map(
    list(counters).map(({ qdev, device, stats }) => [place(qdev, device), record(stats)]),
  );
  return disks.flatMap(({ name, path }) => {
    const stats = path === '' ? undefined : byPlace.get(files.get(path) ?? '');
    return stats ? [{ name, ...blockCounters(stats) }] : [];
  });
}

/** The guest's own figures as the balloon device passes them on; undefined when the guest has never sent any. */
export function balloonStats(answer: unknown): MemoryStats['guest'] | undefined {
  const { stats, 'last-update': lastUpdate } = record(answer);
  if (number(lastUpdate) === 0) return undefined;
  const told = record(stats);
  const names = {
    availableBytes: 'stat-total-memory',
    unusedBytes: 'stat-free-memory',
    usableBytes: 'stat-available-memory',
    cachedBytes: 'stat-disk-caches',
    swapInBytes: 'stat-swap-in',
    swapOutBytes: 'stat-swap-out',
    majorFaults: 'stat-major-faults',
    minorFaults: 'stat-minor-faults',
  };
  const known = Object.entries(names).flatMap(([name, word]) => {
    const value = told[word];
    return typeof value === 'number' && value >= 0 && value < LEFT_OUT ? [[name, value] as const] : [];
  });
  return Object.fromEntries(known);
}

/** query-migrate while memory moves out of this machine; undefined before and after. */
export function migrationStats(answer: unknown): MigrationStats | undefined {
  const { status, ram } = record(answer);
  if (!['active', 'postcopy-active', 'pre-switchover', 'device'].includes(String(status))) return undefined;
  const counters = record(ram);
  if (Object.keys(counters).length === 0) return undefined;
  return {
    totalBytes: number(counters.total),
    processedBytes: number(counters.transferred),
    remainingBytes: number(counters.remaining),
    dirtyBytesPerSecond: number(counters['dirty-pages-rate']) * number(counters['page-size']),
    transferBytesPerSecond: (number(counters.mbps) * BITS_PER_MEGABIT) / 8,
  };
}

/** What QEMU and /proc know of a running machine. @throws when QEMU does not answer. */
export async function machineStats(
  qmp: QmpClient,
  pid: number,
  spec: { disks: readonly GuestDisk[]; vcpus: number; maxVcpus?: number },
  residentBytes: number,
) {
  const ask = (command: string) => qmp.execute(command, {}, ANSWER_MS);
  const [cpus, blocks, counters, size, balloon, migration, told] = await Promise.all([
    ask('query-cpus-fast'),
    ask('query-block'),
    ask('query-blockstats'),
    ask('query-memory-size-summary'),
    // A machine of another make may have no balloon.
    ask('query-balloon').catch(() => undefined),
    ask('query-migrate'),
    askBalloon(qmp).catch(() => undefined),
  ]);
  const { 'base-memory': base, 'plugged-memory': plugged } = record(size);
  const domainBytes = number(base) + number(plugged);
  const actual = record(balloon).actual;
  const guest = balloonStats(told);
  const memory: MemoryStats = {
    domainBytes,
    balloonBytes: typeof actual === 'number' ? actual : domainBytes,
    residentBytes,
    ...(guest ? { guest } : {}),
  };
  const moving = migrationStats(migration);
  return {
    vcpus: vcpuStats(cpus, (thread) => threadUsage(pid, thread), spec.maxVcpus ?? spec.vcpus),
    memory,
    disks: diskStats(blocks, counters, spec.disks),
    ...(moving ? { migration: moving } : {}),
  };
}

/**
 * Has the guest's balloon driver report once. Setting the interval from nothing makes QEMU ask at once; back at nothing
 * no timer wakes an idle guest. The balloon itself is never driven: see qemu-command.ts.
 */
async function askBalloon(qmp: QmpClient): Promise<unknown> {
  const get = () => qmp.execute('qom-get', { path: BALLOON, property: 'guest-stats' }, ANSWER_MS);
  const poll = (value: number) =>
    qmp.execute('qom-set', { path: BALLOON, property: 'guest-stats-polling-interval', value }, ANSWER_MS);
  // A machine that stands still cannot answer: what it said last holds.
  if (record(await qmp.execute('query-status', {}, ANSWER_MS)).running !== true) return get();
  const asked = Math.floor(Date.now() / 1000);
  await poll(0);
  await poll(NO_SECOND_POLL_SECONDS);
  try {
    const deadline = Date.now() + BALLOON_MS;
    for (;;) {
      const answer = await get();
      if (number(record(answer)['last-update']) >= asked || Date.now() > deadline) return answer;
      await delay(BALLOON_LOOK_MS);
    }
  } finally {
    await poll(0);
  }
}

function blockCounters(stats: Json): Omit<DiskStats, 'name'> {
  const seconds = (word: string) => number(stats[word]) / NANOS_PER_SECOND;
  return {
    readOperations: number(stats.rd_operations),
    readBytes: number(stats.rd_bytes),
    readSeconds: seconds('rd_total_time_ns'),
    writeOperations: number(stats.wr_operations),
    writeBytes: number(stats.wr_bytes),
    writeSeconds: seconds('wr_total_time_ns'),
    flushOperations: number(stats.flush_operations),
    flushSeconds: seconds('flush_total_time_ns'),
  };
}

/** Where a disk is plugged in: its device's path, which tells drives apart that share an image. */
function place(qdev: unknown, device: unknown): string {
  return typeof qdev === 'string' ? qdev : String(device);
}
