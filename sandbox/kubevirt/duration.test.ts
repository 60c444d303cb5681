import { expect, it } from 'vitest';
import { durationMs } from './duration';

it.each([
  ['5m0s', 300_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['250ms', 250],
  ['0s', 0],
  ['5', undefined],
  ['', undefined],
  ['5 m', undefined],
])('%s', (text, expected) => {
  expect(durationMs(text)).toBe(expected);
});
