import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Clock } from './clock';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('what falls due during a step forward happens at once and in order', () => {
  const clock = new Clock();
  const seen: string[] = [];
  clock.after(60_000, () => seen.push('minute'));
  clock.after(1_000, () => seen.push('second'));
  clock.after(3_600_000, () => seen.push('hour'));
  const before = clock.millis();
  clock.advance(120_000);
  vi.advanceTimersByTime(1);
  expect(seen).toEqual(['second', 'minute']);
  expect(clock.millis() - before).toBe(120_001);
  vi.advanceTimersByTime(3_600_000 - 120_000);
  expect(seen).toEqual(['second', 'minute', 'hour']);
});

test('a cancelled appointment stays away, a repeated one comes once for each step', () => {
  const clock = new Clock();
  let beats = 0;
  const heart = clock.every(1_000, () => {
    beats += 1;
  });
  clock.after(500, () => expect.unreachable()).cancel();
  vi.advanceTimersByTime(2_000);
  expect(beats).toBe(2);
  clock.advance(60_000);
  vi.advanceTimersByTime(1);
  expect(beats).toBe(3);
  heart.cancel();
  vi.advanceTimersByTime(10_000);
  expect(beats).toBe(3);
});

test('an appointment beyond the longest timer is kept', () => {
  const clock = new Clock();
  let due = false;
  clock.after(2 ** 31 + 5_000, () => {
    due = true;
  });
  vi.advanceTimersByTime(2 ** 31);
  expect(due).toBe(false);
  vi.advanceTimersByTime(6_000);
  expect(due).toBe(true);
});

test('the past is written as the past, and the clock goes on', () => {
  const clock = new Clock();
  const at = clock.ago(5_000, (then) => [then, clock.millis()]);
  expect(at).toEqual([clock.millis() - 5_000, clock.millis() - 5_000]);
  expect(() => clock.advance(-1)).toThrow(RangeError);
});
