import { describe, expect, it } from 'vitest';
import { makeRow, randomly } from '@/lib/inventory/testing/rows';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import {
  countSelected,
  headState,
  isSelected,
  keyTarget,
  NOTHING_SELECTED,
  rangeOf,
  selectAll,
  withNewer,
  withRows,
} from './selection';

const random = randomly(1);
const [a, b, c] = [makeRow('a', random), makeRow('b', random), makeRow('c', random)];

describe('a selection', () => {
  it('takes rows in and lets them go, each once', () => {
    const two = withRows(NOTHING_SELECTED, [a, b, a], true);
    expect(countSelected(two, 9)).toBe(2);
    expect(withRows(two, [a], true)).toBe(two);
    const one = withRows(two, [a, c], false);
    expect(isSelected(one, a.uid)).toBe(false);
    expect(isSelected(one, b.uid)).toBe(true);
    expect(headState(one, 9)).toBe('some');
  });

  it('is everything that matches, loaded or not, but for what is let go', () => {
    const all = selectAll(DEFAULT_VM_QUERY);
    expect(isSelected(all, 'never-seen')).toBe(true);
    expect(headState(all, 100_000)).toBe('all');
    const fewer = withRows(all, [a, b], false);
    expect(countSelected(fewer, 100_000)).toBe(99_998);
    expect(isSelected(fewer, a.uid)).toBe(false);
    expect(headState(fewer, 100_000)).toBe('some');
    expect(headState(withRows(fewer, [a, b], true), 100_000)).toBe('all');
  });

  it('is none of an empty list', () => {
    expect(headState(selectAll(DEFAULT_VM_QUERY), 0)).toBe('none');
    expect(headState(NOTHING_SELECTED, 0)).toBe('none');
  });

  it('keeps what is newest of its rows, and itself when nothing is new', () => {
    const some = withRows(NOTHING_SELECTED, [a, b], true);
    expect(withNewer(some, [a, c])).toBe(some);
    const newer = { ...a, node: 'elsewhere' };
    expect(withNewer(some, [newer])).toEqual({ kind: 'some', rows: [newer, b] });
  });

  it('knows the range between two rows in either direction', () => {
    expect(rangeOf(3, 7)).toEqual({ from: 3, count: 5 });
    expect(rangeOf(7, 3)).toEqual({ from: 3, count: 5 });
    expect(rangeOf(4, 4)).toEqual({ from: 4, count: 1 });
  });
});

describe('keyTarget', () => {
  it('moves by rows and pages and stays within the list', () => {
    expect(keyTarget('ArrowDown', 4, 6, 10)).toBe(5);
    expect(keyTarget('ArrowDown', 5, 6, 10)).toBe(5);
    expect(keyTarget('ArrowUp', 0, 6, 10)).toBe(0);
    expect(keyTarget('PageDown', 1, 100, 10)).toBe(11);
    expect(keyTarget('PageUp', 4, 100, 10)).toBe(0);
    expect(keyTarget('End', 4, 100, 10)).toBe(99);
    expect(keyTarget('Home', 4, 100, 10)).toBe(0);
  });

  it('leaves other keys alone', () => {
    expect(keyTarget('a', 4, 100, 10)).toBeUndefined();
  });
});
