import { describe, expect, it } from 'vitest';
import { formatBytes, formatPercent, parseQuantity } from './units';

describe('parseQuantity', () => {
  it.each([
    ['1536Mi', 1536 * 2 ** 20],
    ['2Gi', 2 * 2 ** 30],
    ['1.5G', 1.5e9],
    ['250m', 0.25],
    ['2', 2],
    ['.5', 0.5],
    ['1e3', 1000],
    ['12E', 12e18],
    ['-1k', -1000],
    [4, 4],
  ])('reads %s', (quantity, value) => expect(parseQuantity(quantity)).toBeCloseTo(value as number, 9));

  it.each(['', 'Mi', '1 Gi', '1KiB', 'ten', undefined])('knows that %s is none', (quantity) =>
    expect(parseQuantity(quantity)).toBeUndefined(),
  );
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [512 * 2 ** 20, '512 MiB'],
    [1.5 * 2 ** 30, '1.5 GiB'],
    [1000 * 2 ** 20, '0.977 GiB'],
    [1024 ** 4, '1 TiB'],
    [19.46 * 2 ** 30, '19.5 GiB'],
  ])('writes %d as %s', (bytes, words) => expect(formatBytes(bytes)).toBe(words));
});

it('writes shares as whole per cent', () => expect(formatPercent(0.426)).toBe('43 %'));
