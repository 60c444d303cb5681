import { describe, expect, it } from 'vitest';
import { formatAge, formatDuration, formatExactTime } from './time';

const M = 60_000;
const H = 60 * M;

describe('formatDuration', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [45_000, '45 s'],
    [2 * M + 10_000, '2 m 10 s'],
    [12 * M + 59_000, '12 m'],
    [3 * H + 5 * M, '3 h 5 m'],
    [2 * 24 * H, '2 d'],
    [200 * 24 * H + H, '200 d'],
  ])('writes %d ms as %s', (ms, words) => expect(formatDuration(ms)).toBe(words));
});

it('says nothing about an absent or unreadable time', () => {
  expect(formatAge(undefined, 0)).toBe('');
  expect(formatAge('yesterday', 0)).toBe('');
  expect(formatAge('1970-01-01T00:00:00Z', 45_000)).toBe('45 s');
});

it('names the zone of an exact time', () =>
  expect(formatExactTime('2026-11-22T11:17:48Z', 'en-GB', 'UTC')).toBe('22 Nov 2026, 11:17:48 UTC'));
