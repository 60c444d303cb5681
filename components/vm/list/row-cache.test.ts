import { beforeEach, describe, expect, it } from 'vitest';
import { makeRow, randomly } from '@/lib/inventory/testing/rows';
import type { VmRow } from '@/lib/kinds/vm/row';
import { RowCache } from './row-cache';

const random = randomly(3);
const rows = Array.from({ length: 8_000 }, (_, index) => makeRow(`vm-${index}`, random));
const part = (from: number, to: number): VmRow[] => rows.slice(from, to);

let cache: RowCache;
beforeEach(() => {
  cache = new RowCache();
});
const names = (from: number, count: number) =>
  Array.from({ length: count }, (_, offset) => {
    const place = cache.get(from + offset);
    return place && `${place.gone ? '-' : ''}${place.row.name.slice(3)}`;
  });

describe('RowCache', () => {
  it('keeps what was seen before the window moved', () => {
    cache.take(0, part(0, 3), 100, false);
    cache.take(50, part(50, 53), 100, false);
    expect(names(0, 3)).toEqual(['0', '1', '2']);
    expect(names(50, 4)).toEqual(['50', '51', '52', undefined]);
    expect(cache.indexOf('uid-vm-51')).toBe(51);
    expect(cache.slice(1, 60)).toHaveLength(5);
  });

  it('has a row in one place only', () => {
    cache.take(0, part(0, 3), 100, false);
    cache.take(50, part(2, 4), 100, false);
    expect(names(0, 3)).toEqual(['0', '1', undefined]);
    expect(cache.indexOf('uid-vm-2')).toBe(50);
  });

  it('forgets what lies behind the end', () => {
    cache.take(0, part(0, 5), 5, false);
    const fewer = part(0, 2);
    cache.take(0, fewer, 2, false);
    expect(names(0, 5)).toEqual(['0', '1', undefined, undefined, undefined]);
    expect(cache.indexOf('uid-vm-4')).toBeUndefined();
  });

  it('keeps the place of what went while places are held, and gives it up after', () => {
    cache.take(0, part(0, 4), 4, true);
    const left = [rows[0], rows[2], rows[3]].filter((row) => row !== undefined);
    cache.take(0, left, 3, true);
    expect(names(0, 4)).toEqual(['0', '-1', '2', '3']);
    const fewer = [rows[0], rows[3]].filter((row) => row !== undefined);
    cache.take(0, fewer, 2, true);
    expect(names(0, 4)).toEqual(['0', '-1', '-2', '3']);
    expect(cache.slice(0, 4)).toHaveLength(2);
    // The very same rows, no longer held.
    cache.take(0, fewer, 2, false);
    expect(names(0, 4)).toEqual(['0', '3', undefined, undefined]);
  });

  it('shows what went at the end, too', () => {
    cache.take(0, part(0, 3), 3, true);
    cache.take(0, part(0, 2), 2, true);
    expect(names(0, 3)).toEqual(['0', '1', '-2']);
  });

  it('takes another order as it is', () => {
    cache.take(0, part(0, 4), 4, true);
    cache.take(
      0,
      [rows[3], rows[1]].filter((row) => row !== undefined),
      2,
      true,
    );
    expect(names(0, 4)).toEqual(['3', '1', undefined, undefined]);
  });

  it('does not grow with every row that was ever seen', () => {
    for (let from = 0; from < 8_000; from += 100) cache.take(from, part(from, from + 100), 8_000, false);
    expect(cache.get(0)).toBeUndefined();
    expect(cache.slice(0, 8_000).length).toBeLessThanOrEqual(3_100);
    expect(cache.slice(7_900, 100)).toHaveLength(100);
  });
});
