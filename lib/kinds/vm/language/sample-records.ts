import { naturalKey } from '../natural-key';
import type { VmRecord, VmRow } from '../row';

/** A repeatable stream of figures between 0 and 1 (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of several. */
export function pick<T>(random: () => number, all: readonly [T, ...T[]]): T {
  return all[Math.floor(random() * all.length)] ?? all[0];
}

/** When the sample machines are looked at. */
export const SAMPLE_NOW = Date.UTC(2026, 10, 22, 12);

/** A record with nothing special about it, for tests of the query language. */
export function sampleRecord(row: Partial<VmRow> = {}, annotation = ''): VmRecord {
  const whole: VmRow = {
    uid: '00000000-0000-4000-8000-000000000001',
    namespace: 'dev',
    name: 'web-1',
    facts: {
      uid: '00000000-0000-4000-8000-000000000001',
      printableStatus: 'Running',
      runStrategy: 'Always',
      deleting: false,
      requests: [],
      restartRequired: false,
    },
    reason: '',
    node: 'worker-1',
    ips: ['10.0.0.1'],
    vcpus: 2,
    memoryBytes: 4 * 2 ** 30,
    createdAt: '2026-11-20T12:00:00Z',
    startedAt: '2026-11-21T12:00:00Z',
    os: 'Fedora Linux 42 (Cloud Edition)',
    instancetype: 'u1.medium',
    preference: 'fedora',
    disks: 1,
    diskBytes: 30 * 2 ** 30,
    volumes: ['web-1-root'],
    networks: ['pod'],
    macs: ['02:00:5e:10:00:01'],
    hostname: 'web-1',
    description: '',
    labels: {},
    folder: '',
    tags: [],
    application: '',
    owner: '',
    migratable: true,
    conditions: ['Ready', 'LiveMigratable'],
    ...row,
  };
  const labels = Object.entries(whole.labels).map(([key, value]) => `${key}=${value}`);
  const words = [
    whole.name,
    whole.namespace,
    whole.hostname,
    whole.description,
    ...whole.ips,
    ...whole.macs,
    whole.os,
    whole.node,
    ...labels,
    annotation,
  ];
  return {
    row: whole,
    key: `${naturalKey(whole.name)}\0${whole.namespace}`,
    words: words.join('\n').toLowerCase(),
  };
}

/** Many records, different in everything that a query can ask. */
export function sampleRecords(count: number, random: () => number): VmRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const namespace = `team-${Math.floor(random() * 40)}`;
    const name = `${pick(random, ['web', 'db', 'cache', 'build'])}-${index}`;
    const status = pick(random, [
      'Running',
      'Running',
      'Running',
      'Stopped',
      'Paused',
      'Migrating',
      'ErrImagePull',
    ]);
    const isUp = status === 'Running' || status === 'Paused' || status === 'Migrating';
    const uid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const isBroken = random() < 0.05;
    return sampleRecord(
      {
        uid,
        namespace,
        name,
        hostname: name,
        facts: {
          uid,
          printableStatus: status,
          runStrategy: pick(random, ['Always', 'Halted', 'Manual']),
          deleting: false,
          requests: random() < 0.02 && status === 'Stopped' ? ['Start'] : [],
          restartRequired: false,
          ...(isUp ? { vmi: sampleVmi(uid, random() < 0.5) } : {}),
        },
        reason: isBroken ? 'no node has room' : '',
        node: isUp ? `worker-${Math.floor(random() * 50)}` : '',
        ips: isUp ? [`10.${Math.floor(random() * 4)}.${Math.floor(random() * 256)}.${index % 256}`] : [],
        vcpus: pick(random, [1, 2, 4, 8, 16]),
        memoryBytes: pick(random, [1, 2, 4, 8, 16, 64]) * 2 ** 30,
        createdAt: time(SAMPLE_NOW - random() * 90 * 24 * 3600_000),
        startedAt: isUp ? time(SAMPLE_NOW - random() * 20 * 24 * 3600_000) : '',
        os: pick(random, ['Fedora Linux 42', 'Microsoft Windows Server 2022', 'Ubuntu 24.04 LTS', '']),
        disks: pick(random, [1, 2, 3]),
        networks: pick(random, [['pod'], ['infra/vlan12'], ['pod', 'infra/vlan13']]),
        macs: [`02:00:00:${hex(index >> 16)}:${hex(index >> 8)}:${hex(index)}`],
        labels: { tier: pick(random, ['web', 'db', 'cache']), app: pick(random, ['shop', 'crm', 'mail']) },
        folder: pick(random, ['', 'prod', 'prod/web', 'production', 'test']),
        tags: pick(random, [[], ['backup'], ['backup', 'gold']]),
        application: pick(random, ['shop', 'crm', 'mail']),
        owner: pick(random, ['', 'VirtualMachinePool/web-pool']),
        migratable: pick(random, [true, false, undefined]),
        ...(isUp ? { usage: { cpuCores: random() * 2, memoryBytes: random() * 2 ** 31 } } : {}),
      },
      `contact=team-${index % 100}@example.com`,
    );
  });
}

function sampleVmi(uid: string, agentConnected: boolean): NonNullable<VmRow['facts']['vmi']> {
  return {
    uid,
    phase: 'Running',
    deleting: false,
    paused: false,
    ready: true,
    agentConnected,
    acpi: true,
    graphics: true,
    serial: true,
  };
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function hex(value: number): string {
  return (value & 255).toString(16).padStart(2, '0');
}
