import { expect, it } from 'vitest';
import { DEFAULT_MIGRATIONS } from './configuration';
import { planTransfer } from './transfer';

const GIB = 2 ** 30;

it('takes longer the more memory there is', () => {
  const small = planTransfer(GIB, 0, DEFAULT_MIGRATIONS);
  const large = planTransfer(16 * GIB, 0, DEFAULT_MIGRATIONS);
  expect(large.durationMs).toBeGreaterThan(small.durationMs);
  expect(small.failure).toBeUndefined();
});

it('is given up when the bandwidth does not suffice', () => {
  const slow = planTransfer(2 * GIB, 1024, DEFAULT_MIGRATIONS);
  expect(slow.failure).toBe('Live migration is not completed after 300 seconds and has been aborted');
  expect(slow.durationMs).toBe(300_000);
});

it('is helped along where that is allowed', () => {
  const options = { ...DEFAULT_MIGRATIONS, completionTimeoutPerGiB: 1, allowWorkloadDisruption: true };
  expect(planTransfer(GIB, 1024, options).assistance).toEqual({ afterMs: 1000, mode: 'Paused' });
  const postCopy = planTransfer(GIB, 1024, { ...options, allowPostCopy: true });
  expect(postCopy.assistance?.mode).toBe('PostCopy');
  expect(postCopy.failure).toBeUndefined();
});
