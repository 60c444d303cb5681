import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkQueue } from './work-queue';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('WorkQueue', () => {
  it('makes one piece of work of many events, at the earliest time asked for', async () => {
    const work = vi.fn();
    const queue = new WorkQueue('test', work, 100);
    queue.add('a');
    queue.add('a', 500);
    queue.add('a', 20);
    queue.add('b');
    await vi.advanceTimersByTimeAsync(20);
    expect(work.mock.calls).toEqual([['a']]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(work.mock.calls).toEqual([['a'], ['b']]);
  });

  it('never works on one key twice at a time, and looks again at what changed meanwhile', async () => {
    let finish = () => {};
    const work = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    const queue = new WorkQueue('test', work);
    queue.add('a');
    await vi.advanceTimersByTimeAsync(1);
    queue.add('a');
    queue.add('a');
    await vi.advanceTimersByTimeAsync(100);
    expect(work).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(100);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('tries again with growing pauses, and not after its end', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    const work = vi.fn(() => Promise.reject(new Error('not yet')));
    const queue = new WorkQueue('test', work);
    queue.add('a');
    await vi.advanceTimersByTimeAsync(1 + 200 + 400);
    expect(work).toHaveBeenCalledTimes(3);
    queue.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(work).toHaveBeenCalledTimes(3);
    complaints.mockRestore();
  });
});
