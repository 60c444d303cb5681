import { expect, it } from 'vitest';
import { goDuration, goDurationText } from './go-duration';

it.each([
  [0, '0ms'],
  [532, '532ms'],
  [1500, '1.5s'],
  [123_250, '2m3.25s'],
  [3_723_000, '1h2m3s'],
])('%i ms are %s, and back', (milliseconds, text) => {
  expect(goDurationText(milliseconds)).toBe(text);
  expect(goDuration(text)).toBe(milliseconds);
});
