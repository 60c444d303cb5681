import { describe, expect, it } from 'vitest';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import type { VmRecord } from '@/lib/kinds/vm/row';
import { countGroups } from './count-groups';
import type { LiveSource } from './live-source';
import { SortedRows } from './sorted-rows';
import { FakeClock } from './testing/fake-api';
import { makeRecord, makeRow, randomly, recordOf } from './testing/rows';
import { CountsSource, GroupsSource } from './vm-views';

const record = (name: string, printableStatus = 'Running'): VmRecord => {
  const made = makeRow(name, randomly(1));
  return recordOf({ ...made, facts: { ...made.facts, printableStatus } });
};
const vms = new SortedRows(DEFAULT_VM_QUERY);
const source: LiveSource = {
  onChange: () => () => undefined,
  read: () => ({ loaded: true, feed: { state: 'live' }, vms }),
};

describe('CountsSource', () => {
  it('counts tones, again only when rows change and not more often than people can read', async () => {
    const clock = new FakeClock();
    const statuses = ['Running', 'Running', 'Stopped', 'ErrorUnschedulable', 'Starting'];
    vms.reset(statuses.map((status, index) => record(`vm-${index}`, status)));
    const counts = new CountsSource(new GroupsSource(source, [], 0, clock));
    const first = counts.read().counts;
    expect(first).toEqual({ danger: 1, warning: 0, progress: 1, paused: 0, success: 2, off: 1 });
    expect(counts.read().counts).toBe(first);
    vms.reset([]);
    expect(counts.read().counts).toBe(first);
    await clock.advance(500);
    expect(counts.read().counts).toEqual({
      danger: 0,
      warning: 0,
      progress: 0,
      paused: 0,
      success: 0,
      off: 0,
    });
  });
});

describe('GroupsSource', () => {
  it('counts an answer once for all who ask for the same of it', async () => {
    const clock = new FakeClock();
    const one = new GroupsSource(source, ['namespace'], 10, clock);
    const other = new GroupsSource(source, ['namespace'], 10, clock);
    vms.reset([record('a'), record('b')]);
    const { groups } = one.read();
    expect(other.read().groups).toBe(groups);
    vms.reset([record('a')]);
    expect(new GroupsSource(source, ['namespace'], 10, clock).read().groups).toBe(groups);
    await clock.advance(500);
    expect(one.read().groups?.all.total).toBe(1);
    expect(other.read().groups).toBe(one.read().groups);
  });
});

describe('countGroups', () => {
  const random = randomly(7);
  const records = Array.from({ length: 500 }, (_, index) => makeRecord(`vm-${index}`, random));

  it('adds up to all of them in each dimension that has one value', () => {
    const { all, groups } = countGroups(records, ['namespace', 'status', 'folder', 'label:tier'], 100);
    expect(all.total).toBe(500);
    for (const dimension of ['namespace', 'status', 'folder', 'label:tier'] as const) {
      const found = groups[dimension]?.groups ?? [];
      expect(found.reduce((sum, { total }) => sum + total, 0)).toBe(500);
      expect(found.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0)).toBe(all.memoryBytes);
    }
  });

  it('keeps the largest, and says how many values it left out', () => {
    const { groups } = countGroups(records, ['namespace'], 2);
    const whole = countGroups(records, ['namespace'], 100).groups.namespace?.groups ?? [];
    expect(groups.namespace).toEqual({ groups: whole.slice(0, 2), more: whole.length - 2 });
    const totals = whole.map(({ total }) => total);
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
  });
});
