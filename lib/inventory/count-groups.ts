import { type VmDimension, type VmGroup, valuesOf } from '@/lib/kinds/vm/dimensions';
import { isAlive } from '@/lib/kinds/vm/facts';
import type { VmRecord, VmRow } from '@/lib/kinds/vm/row';
import { type Tone, vmStatus } from '@/lib/kinds/vm/status';
import type { VmGroups } from './protocol';

/** Counts records by each of the dimensions, in one pass; of each the `limit` values with most VMs are kept. */
export function countGroups(
  records: Iterable<VmRecord>,
  by: readonly VmDimension[],
  limit: number,
): VmGroups {
  const all = emptyGroup('');
  const found = by.map((dimension) => ({ dimension, groups: new Map<string, VmGroup>() }));
  for (const { row } of records) {
    const { tone } = vmStatus(row.facts, row.reason);
    add(all, row, tone);
    for (const { dimension, groups } of found) {
      for (const value of valuesOf(row, dimension)) {
        let group = groups.get(value);
        if (!group) {
          group = emptyGroup(value);
          groups.set(value, group);
        }
        add(group, row, tone);
      }
    }
  }
  const groups: VmGroups['groups'] = {};
  for (const { dimension, groups: counted } of found) {
    const sorted = [...counted.values()].sort(
      (a, b) => b.total - a.total || (a.value < b.value ? -1 : Number(a.value > b.value)),
    );
    groups[dimension] = { groups: sorted.slice(0, limit), more: Math.max(0, sorted.length - limit) };
  }
  return { all, groups };
}

function emptyGroup(value: string): VmGroup {
  return { value, total: 0, tones: {}, running: 0, vcpus: 0, memoryBytes: 0, diskBytes: 0 };
}

function add(group: VmGroup, row: VmRow, tone: Tone): void {
  group.total += 1;
  group.tones[tone] = (group.tones[tone] ?? 0) + 1;
  if (isAlive(row.facts)) group.running += 1;
  group.vcpus += row.vcpus;
  group.memoryBytes += row.memoryBytes;
  group.diskBytes += row.diskBytes;
  if (!row.usage) return;
  group.usage ??= { cpuCores: 0, memoryBytes: 0 };
  group.usage.cpuCores += row.usage.cpuCores;
  group.usage.memoryBytes += row.usage.memoryBytes;
}
