import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCluster } from '../api/store';
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
    expect(complaints).toHaveBeenCalledTimes(3);
    complaints.mockRestore();
  });

  it('tries again without a complaint where a namespace is being emptied', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => {});
    const cluster = createCluster({ directory: undefined });
    cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'dev' } });
    const configMap = (name: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'dev' },
    });
    const held = configMap('held');
    cluster.create('configmaps', {
      ...held,
      metadata: { ...held.metadata, finalizers: ['example.com/hold'] },
    });
    cluster.delete('namespaces', undefined, 'dev');
    const work = vi.fn(() => void cluster.create('configmaps', configMap('late')));
    const queue = new WorkQueue('test', work);
    queue.add('a');
    await vi.advanceTimersByTimeAsync(1 + 200);
    expect(work).toHaveBeenCalledTimes(2);
    expect(complaints).not.toHaveBeenCalled();
    queue.close();
    cluster.close();
    complaints.mockRestore();
  });
});
