import { describe, expect, it } from 'vitest';
import type { VmRow } from '@/lib/kinds/vm/row';
import type { LiveSource } from './live-source';
import { makeRow, randomly } from './testing/rows';
import { CountsSource, FirstRowsSource } from './vm-views';

const row = (name: string, printableStatus = 'Running'): VmRow => {
  const made = makeRow(name, randomly(1));
  return { ...made, facts: { ...made.facts, printableStatus } };
};
let vms: VmRow[] = [];
const source: LiveSource = {
  onChange: () => () => undefined,
  read: () => ({ loaded: true, feed: { state: 'live' }, vms }),
};

describe('FirstRowsSource', () => {
  it('shows the first rows and counts all, and stays the same while they do', () => {
    const [a, b, c] = [row('a'), row('b'), row('c')];
    vms = [a, b, c];
    const first = new FirstRowsSource(source, 2);
    const before = first.read();
    expect(before).toMatchObject({ total: 3, vms: [a, b] });
    vms = [a, b, row('d'), row('e')];
    expect(first.read().total).toBe(4);
    expect(first.read().vms).toBe(before.vms);
    vms = [b, c];
    expect(first.read().vms).toEqual([b, c]);
  });
});

describe('CountsSource', () => {
  it('counts tones, again only when rows change', () => {
    vms = [row('a'), row('b'), row('c', 'Stopped'), row('d', 'ErrorUnschedulable'), row('e', 'Starting')];
    const counts = new CountsSource(source);
    const first = counts.read().counts;
    expect(first).toEqual({ danger: 1, warning: 0, progress: 1, paused: 0, success: 2, off: 1 });
    expect(counts.read().counts).toBe(first);
    expect(counts.read().vms).toBeUndefined();
    vms = [];
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
