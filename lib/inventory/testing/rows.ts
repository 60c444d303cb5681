import { naturalKey } from '@/lib/kinds/vm/natural-key';
import { VM_SORT_COLUMNS } from '@/lib/kinds/vm/query';
import type { VmRecord, VmRow } from '@/lib/kinds/vm/row';

/** Random numbers that are the same in every run. */
export function randomly(seed: number): () => number {
  let state = seed * 2_654_435_761 + 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function makeRow(name: string, random: () => number): VmRow {
  const pick = <T>(values: readonly [T, ...T[]]): T =>
    values[Math.floor(random() * values.length)] ?? values[0];
  const printableStatus = pick(['Running', 'Stopped', 'ErrorUnschedulable', 'Paused']);
  return {
    uid: `uid-${name}`,
    namespace: pick(['a', 'b', 'c']),
    name,
    facts: {
      uid: `uid-${name}`,
      printableStatus,
      runStrategy: 'Always',
      deleting: false,
      requests: [],
      restartRequired: false,
    },
    reason: '',
    node: pick(['', 'node-1', 'node-2']),
    ips: random() < 0.5 ? [] : [`10.0.0.${Math.floor(random() * 250)}`],
    vcpus: pick([1, 2, 4]),
    memoryBytes: pick([1, 2]) * 2 ** 30,
    createdAt: new Date(1.7e12 + Math.floor(random() * 1e9)).toISOString(),
    os: '',
    macs: [],
    startedAt: '',
    hostname: '',
    description: '',
    instancetype: pick(['', 'u1.small', 'u1.medium']),
    preference: '',
    disks: 1,
    diskBytes: pick([1, 5]) * 2 ** 30,
    volumes: [],
    networks: ['pod'],
    labels: { tier: pick(['web', 'db']) },
    folder: pick(['', 'web', 'web/front']),
    tags: [],
    application: '',
    owner: '',
    conditions: [],
  };
}

export function recordOf(row: VmRow): VmRecord {
  const words = [row.name, row.namespace, row.facts.printableStatus, row.node, ...row.ips]
    .join('\n')
    .toLowerCase();
  return { row, key: `${naturalKey(row.name)}\0${row.namespace}`, words };
}

export function makeRecord(name: string, random: () => number): VmRecord {
  return recordOf(makeRow(name, random));
}

export const SORT_COLUMNS = VM_SORT_COLUMNS;
