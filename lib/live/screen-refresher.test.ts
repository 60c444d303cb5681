import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import { ScreenRefresher } from './screen-refresher';

let taken: { key: string; resolve: (picture: Blob) => void; reject: (cause: unknown) => void }[];
let dropped: string[];
let screens: ScreenRefresher;

beforeEach(() => {
  vi.useFakeTimers();
  taken = [];
  dropped = [];
  let made = 0;
  screens = new ScreenRefresher({
    take: (key) => new Promise((resolve, reject) => taken.push({ key, resolve, reject })),
    makeUrl: () => `blob:${++made}`,
    dropUrl: (url) => dropped.push(url),
    everyMs: 5_000,
  });
});
afterEach(() => {
  screens.close();
  vi.useRealTimers();
});

const keys = () => taken.map(({ key }) => key);
const answer = async (index: number) => {
  taken[index]?.resolve(new Blob(['x']));
  await vi.advanceTimersByTimeAsync(0);
};

describe('ScreenRefresher', () => {
  it('takes few pictures at once, and each of those that are seen in its turn', async () => {
    for (const key of ['a', 'b', 'c', 'd']) screens.watch(key, () => undefined);
    expect(keys()).toEqual(['a', 'b', 'c']);
    await answer(1);
    expect(keys()).toEqual(['a', 'b', 'c', 'd']);
    for (const index of [0, 2, 3]) await answer(index);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(taken).toHaveLength(4);
    await vi.advanceTimersByTimeAsync(1);
    expect(keys().slice(4)).toEqual(['a', 'b', 'c']);
  });

  it('replaces a picture by the next, and frees the old one', async () => {
    const told = vi.fn();
    screens.watch('a', told);
    await answer(0);
    expect(screens.get('a').url).toBe('blob:1');
    await vi.advanceTimersByTimeAsync(5_000);
    await answer(1);
    expect(screens.get('a').url).toBe('blob:2');
    expect(dropped).toEqual(['blob:1']);
    expect(told).toHaveBeenCalledTimes(2);
    screens.close();
    expect(dropped).toEqual(['blob:1', 'blob:2']);
  });

  it('asks rarer where a picture takes long, and much rarer where there is none', async () => {
    screens.watch('slow', () => undefined);
    await vi.advanceTimersByTimeAsync(2_000);
    await answer(0);
    await vi.advanceTimersByTimeAsync(19_999);
    expect(taken).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(taken).toHaveLength(2);
    taken[1]?.reject(
      new ApiError(500, 'InternalError', 'No graphics devices are present.', { method: 'GET', path: '/' }),
    );
    await vi.advanceTimersByTimeAsync(29_999);
    expect(taken).toHaveLength(2);
    // The last picture stays beside the reason.
    expect(screens.get('slow')).toMatchObject({
      url: 'blob:1',
      error: { message: 'No graphics devices are present.' },
    });
    await vi.advanceTimersByTimeAsync(1);
    expect(taken).toHaveLength(3);
  });

  it('leaves alone what nobody sees, and everything while the page is hidden', async () => {
    const stop = screens.watch('a', () => undefined);
    await answer(0);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(taken).toHaveLength(1);
    screens.watch('a', () => undefined);
    expect(taken).toHaveLength(2);
    await answer(1);
    screens.pause(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(taken).toHaveLength(2);
    screens.pause(false);
    expect(taken).toHaveLength(3);
  });

  it('takes a shorter time for its own at once', async () => {
    screens.watch('a', () => undefined);
    await answer(0);
    screens.setEvery(2_000);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(taken).toHaveLength(2);
  });
});
