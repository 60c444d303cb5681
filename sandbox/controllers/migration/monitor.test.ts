import { expect, it } from 'vitest';
import { DEFAULT_MIGRATIONS } from './configuration';
import { judgeProgress, type Watched } from './monitor';

const watched: Watched = { mode: 'PreCopy', elapsedMs: 10_000, stuckMs: 0, acceptableSeconds: 150 };
const helped = { ...DEFAULT_MIGRATIONS, allowWorkloadDisruption: true };

it('lets a migration go on that is within its time and gets on', () => {
  expect(judgeProgress(watched, DEFAULT_MIGRATIONS)).toBeUndefined();
  expect(
    judgeProgress({ ...watched, elapsedMs: 1e9, acceptableSeconds: 0 }, DEFAULT_MIGRATIONS),
  ).toBeUndefined();
});

it('ends one that is stuck, and one that takes too long', () => {
  const stuck = judgeProgress({ ...watched, stuckMs: 151_900 }, DEFAULT_MIGRATIONS);
  expect(stuck).toEqual({ abort: 'Live migration stuck for 151 seconds and has been aborted' });
  const late = judgeProgress({ ...watched, elapsedMs: 150_001 }, DEFAULT_MIGRATIONS);
  expect(late).toEqual({ abort: 'Live migration is not completed after 150 seconds and has been aborted' });
});

it('helps where that is allowed, and gives a paused guest twice the time', () => {
  const late = { ...watched, elapsedMs: 150_001 };
  expect(judgeProgress(late, helped)).toEqual({ assist: 'Paused' });
  expect(judgeProgress(late, { ...helped, allowPostCopy: true })).toEqual({ assist: 'PostCopy' });
  const paused: Watched = { ...late, mode: 'Paused' };
  expect(judgeProgress(paused, helped)).toBeUndefined();
  expect(judgeProgress({ ...paused, elapsedMs: 300_001 }, helped)).toEqual({
    abort: 'Live migration is not completed after 300 seconds and has been aborted',
  });
});

it('never ends what has switched to post-copy: the guest would be lost', () => {
  const follows: Watched = { ...watched, mode: 'PostCopy', elapsedMs: 1e9, stuckMs: 1e9 };
  expect(judgeProgress(follows, { ...helped, allowPostCopy: true })).toBeUndefined();
});
