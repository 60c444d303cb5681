import { expect, test } from 'vitest';
import { patiently } from './patience';

const LIMITS = { stuckMs: 100, endlessMs: 400 };
const counted = (say: (count: number) => string | undefined) => {
  let count = 0;
  return async () => {
    count += 1;
    return say(count);
  };
};

test('waits longer than it has patience for what moves', async () => {
  const begun = performance.now();
  const look = counted((count) => (count > 30 ? undefined : String(count)));
  expect(await patiently(10, look, LIMITS)).toBeUndefined();
  expect(performance.now() - begun).toBeGreaterThan(LIMITS.stuckMs);
});

test('gives up what stands still, and what moves for ever', async () => {
  const still = counted((count) => (count > 3 ? 'here' : String(count)));
  expect(await patiently(10, still, LIMITS)).toBe('here');
  expect(await patiently(10, counted(String), LIMITS)).toMatch(/^[0-9]+$/);
});
