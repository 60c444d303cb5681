import { describe, expect, it } from 'vitest';
import { contentPx, MAX_SCROLL_PX, nextWindow, rowOffset, rowRange, scrollTarget } from './row-range';

const ROW = 44;
const VIEW = 880;

describe('rowRange', () => {
  it('draws what is in sight and a little more, never beyond the list', () => {
    const top = rowRange(0, VIEW, 1_000, ROW);
    expect(top).toMatchObject({ first: 0, firstSeen: 0, endSeen: 20, shift: 0 });
    expect(top.end).toBeGreaterThan(20);
    const end = rowRange(1_000 * ROW - VIEW, VIEW, 1_000, ROW);
    expect(end).toMatchObject({ firstSeen: 980, endSeen: 1_000, end: 1_000 });
    expect(rowRange(0, VIEW, 3, ROW)).toMatchObject({ first: 0, end: 3 });
    expect(rowRange(500, VIEW, 0, ROW)).toMatchObject({ first: 0, end: 0, endSeen: 0 });
  });

  it('stays the same over a few rows, so that not every pixel draws anew', () => {
    const a = rowRange(ROW * 100, VIEW, 1_000, ROW);
    const b = rowRange(ROW * 101, VIEW, 1_000, ROW);
    expect([b.first, b.end]).toEqual([a.first, a.end]);
  });

  it('always covers what is in sight', () => {
    for (let scroll = 0; scroll < 20_000; scroll += 7) {
      const { first, end, firstSeen, endSeen } = rowRange(scroll, VIEW, 400, ROW);
      expect(first).toBeLessThanOrEqual(firstSeen);
      expect(end).toBeGreaterThanOrEqual(endSeen);
    }
  });

  it('reaches every row of a list that no browser can scroll', () => {
    const count = 5_000_000;
    expect(contentPx(count, ROW)).toBe(MAX_SCROLL_PX);
    const end = rowRange(MAX_SCROLL_PX - VIEW, VIEW, count, ROW);
    expect(end).toMatchObject({ end: count, endSeen: count });
    // The last row ends where the scrolled content does.
    expect(count * ROW + end.shift).toBeCloseTo(MAX_SCROLL_PX, 3);
    for (const index of [0, 1, 777_777, count - 1]) {
      const scroll = scrollTarget(index, 6_000_000, VIEW, count, ROW) ?? 6_000_000;
      const { firstSeen, endSeen } = rowRange(scroll, VIEW, count, ROW);
      expect(firstSeen).toBeLessThanOrEqual(index);
      expect(endSeen).toBeGreaterThan(index);
    }
  });
});

describe('scrollTarget', () => {
  it('moves no further than needed', () => {
    expect(scrollTarget(10, 0, VIEW, 1_000, ROW)).toBeUndefined();
    expect(scrollTarget(20, 0, VIEW, 1_000, ROW)).toBe(ROW);
    expect(scrollTarget(3, 400, VIEW, 1_000, ROW)).toBe(3 * ROW);
    expect(rowOffset(1e9, VIEW, 1_000, ROW)).toBe(1_000 * ROW - VIEW);
  });
});

describe('nextWindow', () => {
  const seen = (index: number, count = 100_000) => rowRange(index * ROW, VIEW, count, ROW);

  it('stays while there is enough on either side', () => {
    const window = nextWindow({ from: 0, count: 0 }, seen(500), 100_000);
    expect(window).toEqual({ from: 440, count: 140 });
    expect(nextWindow(window, seen(530), 100_000)).toBe(window);
    expect(nextWindow(window, seen(545), 100_000)).toEqual({ from: 485, count: 140 });
    expect(nextWindow(window, seen(450), 100_000)).toEqual({ from: 390, count: 140 });
  });

  it('asks for nothing before the first and needs nothing after the last row', () => {
    const window = nextWindow({ from: 0, count: 50 }, seen(0), 100_000);
    expect(window).toEqual({ from: 0, count: 50 });
    expect(nextWindow({ from: 50, count: 50 }, rowRange(70 * ROW, VIEW, 90, ROW), 90)).toEqual({
      from: 50,
      count: 50,
    });
  });

  it('never asks for more than the server gives', () => {
    const range = rowRange(0, 60_000, 100_000, ROW);
    expect(nextWindow({ from: 9, count: 9 }, range, 100_000).count).toBe(500);
  });
});
