import { describe, expect, test } from 'vitest';
import {
  isInCidr,
  readAddress,
  readCidr,
  readDate,
  readDuration,
  readNumber,
  readRange,
  readSize,
  readTime,
  readUsage,
} from './values';

const DAY_MS = 86_400_000;

describe('sizes', () => {
  test.each([
    ['8Gi', 8 * 2 ** 30],
    ['8gib', 8 * 2 ** 30],
    ['1.5Ti', 1.5 * 2 ** 40],
    ['500M', 5e8],
    ['512B', 512],
    ['8', 8 * 2 ** 30],
    ['Gi', undefined],
    ['8 apples', undefined],
    ['-8Gi', undefined],
  ])('%s', (text, bytes) => expect(readSize(text)).toBe(bytes));
});

test.each([
  ['7d', 7 * DAY_MS],
  ['1h30m', 5_400_000],
  ['2w', 14 * DAY_MS],
  ['6mo', 180 * DAY_MS],
  ['1y', 365 * DAY_MS],
  ['7', undefined],
  ['d', undefined],
  ['7dd', undefined],
])('reads the duration %s', (text, ms) => expect(readDuration(text)).toBe(ms));

test('reads days and months in UTC, and no days that there are not', () => {
  expect(readDate('2026-11-22')).toEqual({ from: Date.UTC(2026, 10, 22), to: Date.UTC(2026, 10, 23) - 1 });
  expect(readDate('2026-12')).toEqual({ from: Date.UTC(2026, 11), to: Date.UTC(2027, 0) - 1 });
  const noon = Date.UTC(2026, 10, 22, 12);
  expect(readDate('2026-11-22T12:00:00Z')).toEqual({ from: noon, to: noon });
  for (const wrong of ['2026-13-01', '2026-11-31', '2026-02-30', '2026', '7d'])
    expect(readDate(wrong)).toBeUndefined();
});

test('reads times as Date.parse does', () => {
  for (const time of [
    '2026-11-22T10:09:08Z',
    '2024-02-29T23:59:59Z',
    '2026-11-22T10:09:08.5Z',
    '2026-11-22T10:09:08+01:00',
  ])
    expect(readTime(time)).toBe(Date.parse(time));
});

test('reads ranges with one end open', () => {
  expect(readRange('2..4', readNumber)).toEqual({ from: 2, to: 4 });
  expect(readRange('..4', readNumber)).toEqual({ from: 0, to: 4 });
  expect(readRange('2..', readNumber)).toEqual({ from: 2, to: Number.POSITIVE_INFINITY });
  for (const wrong of ['..', '2', 'a..b']) expect(readRange(wrong, readNumber)).toBeUndefined();
});

test('tells a share from an amount', () => {
  expect(readUsage('50%', readNumber)).toEqual({ amount: 0.5, isShare: true });
  expect(readUsage('0.5', readNumber)).toEqual({ amount: 0.5, isShare: false });
  expect(readUsage('much', readNumber)).toBeUndefined();
});

describe('addresses', () => {
  test('IPv4 has two groups and IPv6 eight', () => {
    expect(readAddress('10.0.1.2')).toEqual([0x0a00, 0x0102]);
    expect(readAddress('fe80::1')).toEqual([0xfe80, 0, 0, 0, 0, 0, 0, 1]);
    expect(readAddress('::ffff:10.0.0.1')).toEqual([0, 0, 0, 0, 0, 0xffff, 0x0a00, 1]);
    for (const wrong of [
      '10.0.0',
      '10.0.0.256',
      '10.0.0.1.2',
      '10..0.1',
      '10.0.0.1x',
      '1:2:3',
      'g::1',
      '1::2::3',
      '1:2:3:4:5:6:7:8:9',
    ])
      expect(readAddress(wrong)).toBeUndefined();
  });

  test('lie in networks, to the bit', () => {
    const isIn = (address: string, network: string): boolean => {
      const cidr = readCidr(network);
      return cidr !== undefined && isInCidr(address, cidr);
    };
    expect(isIn('10.0.255.1', '10.0.0.0/16')).toBe(true);
    expect(isIn('10.1.0.1', '10.0.0.0/16')).toBe(false);
    expect(isIn('10.0.0.127', '10.0.0.0/25')).toBe(true);
    expect(isIn('10.0.0.128', '10.0.0.0/25')).toBe(false);
    expect(isIn('192.168.1.1', '0.0.0.0/0')).toBe(true);
    expect(isIn('fd00:1::5', 'fd00::/8')).toBe(true);
    expect(isIn('fe80::5', 'fd00::/8')).toBe(false);
    expect(isIn('fd00::5', '10.0.0.0/8')).toBe(false);
    for (const wrong of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/8/8', 'x/8'])
      expect(readCidr(wrong)).toBeUndefined();
  });
});
