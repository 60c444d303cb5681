import { VM_SORT_COLUMNS } from '@/lib/kinds/vm/query';
import type { VmRow } from '@/lib/kinds/vm/row';

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
  };
}

export const SORT_COLUMNS = VM_SORT_COLUMNS;
