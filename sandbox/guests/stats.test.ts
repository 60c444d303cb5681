import { describe, expect, it } from 'vitest';
import type { GuestDisk } from './hypervisor';
import { threadUsage } from './process-usage';
import { withCables } from './stats';
import { fileSystemStats, loadStats, nicStats } from './stats-agent';
import { balloonStats, diskStats, migrationStats, vcpuStats } from './stats-qemu';

const disk = (name: string, path: string): GuestDisk => ({ name, path, role: 'data', readOnly: false });

describe('the counters of vCPUs', () => {
  it('are those of their threads; what could still be plugged in is offline', () => {
    const answer = [
      { 'cpu-index': 1, 'thread-id': 11 },
      { 'cpu-index': 0, 'thread-id': 10 },
    ];
    const usage = (thread: number) => ({ runSeconds: thread, delaySeconds: 0.5, waitSeconds: 0.25 });
    expect(vcpuStats(answer, usage, 3)).toEqual([
      { id: 0, state: 'running', seconds: 10, delaySeconds: 0.5, waitSeconds: 0.25 },
      { id: 1, state: 'running', seconds: 11, delaySeconds: 0.5, waitSeconds: 0.25 },
      { id: 2, state: 'offline', seconds: 0, delaySeconds: 0, waitSeconds: 0 },
    ]);
  });

  it('grow while a thread works', () => {
    const before = threadUsage(process.pid, process.pid);
    const end = performance.now() + 100;
    let turns = 0;
    while (performance.now() < end || turns === 0) turns += 1;
    expect(threadUsage(process.pid, process.pid)?.runSeconds).toBeGreaterThan(before?.runSeconds ?? 1e9);
    expect(threadUsage(process.pid, 2 ** 22 + 1)).toBeUndefined();
  });
});

describe('the counters of disks', () => {
  const blocks = [
    { qdev: '/machine/peripheral/a/virtio-backend', device: '', inserted: { file: '/d/root.img' } },
    {
      qdev: '/machine/peripheral/b',
      device: '',
      inserted: { file: 'json:{}', image: { filename: '/d/o.qcow2' } },
    },
    { qdev: '/machine/peripheral/empty', device: '' },
  ];
  const counters = [
    { qdev: '/machine/peripheral/b', device: '', stats: { rd_bytes: 7, rd_operations: 1 } },
    {
      qdev: '/machine/peripheral/a/virtio-backend',
      device: '',
      stats: {
        wr_bytes: 4096,
        wr_operations: 2,
        wr_total_time_ns: 5e8,
        flush_operations: 3,
        flush_total_time_ns: 1e9,
      },
    },
  ];

  it('are found by the image, whatever it is plugged into, and missing for an empty drive', () => {
    const disks = [disk('root', '/d/root.img'), disk('overlay', '/d/o.qcow2'), disk('drive', '')];
    const found = diskStats(blocks, counters, disks);
    expect(found.map(({ name }) => name)).toEqual(['root', 'overlay']);
    expect(found[0]).toMatchObject({ writeBytes: 4096, writeOperations: 2, writeSeconds: 0.5 });
    expect(found[0]).toMatchObject({ flushOperations: 3, flushSeconds: 1, readBytes: 0 });
    expect(found[1]).toMatchObject({ readBytes: 7, readOperations: 1 });
  });
});

describe('what the balloon driver says', () => {
  it('leaves out what the guest did not tell', () => {
    const stats = { 'stat-total-memory': 200, 'stat-free-memory': 50, 'stat-swap-in': 18446744073709552000 };
    expect(balloonStats({ stats, 'last-update': 1 })).toEqual({ availableBytes: 200, unusedBytes: 50 });
    expect(balloonStats({ stats, 'last-update': 0 })).toBeUndefined();
  });
});

describe('a migration', () => {
  const ram = {
    total: 100,
    transferred: 60,
    remaining: 40,
    mbps: 80,
    'dirty-pages-rate': 2,
    'page-size': 4096,
  };

  it('has counters while memory moves, and no others', () => {
    expect(migrationStats({ status: 'active', ram })).toEqual({
      totalBytes: 100,
      processedBytes: 60,
      remainingBytes: 40,
      dirtyBytesPerSecond: 8192,
      transferBytesPerSecond: 10_000_000,
    });
    // A copy of a template came by an incoming migration, which is over.
    expect(migrationStats({ status: 'completed' })).toBeUndefined();
    expect(migrationStats({})).toBeUndefined();
  });
});

describe('what the agent says', () => {
  it('counts for the card that has the address, not for the bridge over it', () => {
    const answer = [
      { name: 'lo', 'hardware-address': '00:00:00:00:00:00', statistics: { 'rx-bytes': 1 } },
      {
        name: 'eth0',
        'hardware-address': '02:AA:00:00:00:01',
        statistics: { 'rx-bytes': 10, 'tx-packets': 3 },
      },
      { name: 'br0', 'hardware-address': '02:aa:00:00:00:01', statistics: { 'rx-bytes': 99 } },
    ];
    const nics = [{ name: 'default', mac: '02:aa:00:00:00:01', address: '10.0.0.1' }];
    expect(nicStats(answer, nics)).toEqual([
      expect.objectContaining({ name: 'default', receivedBytes: 10, sentPackets: 3, sendDrops: 0 }),
    ]);
  });

  it('has file systems whose size is known, and loads that are figures', () => {
    const answer = [
      { name: 'vda', mountpoint: '/home', type: 'ext4', 'used-bytes': 5, 'total-bytes': 50, disk: [] },
      { name: 'tmpfs', mountpoint: '/run', type: 'tmpfs', disk: [] },
    ];
    expect(fileSystemStats(answer)).toEqual([
      { diskName: 'vda', mountPoint: '/home', type: 'ext4', usedBytes: 5, totalBytes: 50 },
    ]);
    expect(loadStats('0.08 0.03 0.01 1/60 400\n')).toEqual({ one: 0.08, five: 0.03, fifteen: 0.01 });
    expect(loadStats('')).toBeUndefined();
  });
});

describe('the cards of a guest', () => {
  it('are counted by their switch where no agent does, and by nobody on the user network', async () => {
    const nic = (name: string, segment?: string) => ({
      ...{ name, mac: '02:00:00:00:00:01', address: '' },
      ...(segment === undefined ? {} : { segment }),
    });
    const known = nicStats(
      [{ 'hardware-address': '02:00:00:00:00:01', statistics: { 'rx-bytes': 5 } }],
      [nic('told', 'lan')],
    );
    const counters = { receivedFrames: 2, receivedBytes: 120, sentFrames: 3, sentBytes: 180, dropped: 1 };
    const cards = [nic('default'), nic('told', 'lan'), nic('silent', 'lan')];
    expect(await withCables(known, cards, async () => counters)).toEqual([
      expect.objectContaining({ name: 'told', receivedBytes: 5 }),
      expect.objectContaining({ name: 'silent', receivedPackets: 2, sentBytes: 180, sendDrops: 1 }),
    ]);
  });
});
