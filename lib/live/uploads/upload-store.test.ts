import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { JsonObject } from '@/lib/k8s/json';
import { type UploadState, UploadStore } from './upload-store';

const TARGET = { cluster: 'c', namespace: 'shop', name: 'image' };
const FILE = new Blob(['12345678']);
const volumeIn = (phase: string): JsonObject => ({
  spec: { source: { upload: {} } },
  status: { phase, progress: '50.00%' },
});

function storeWith(phases: string[], send: (onProgress: (bytes: number) => void) => Promise<void>) {
  const created: JsonObject[] = [];
  const seen: string[] = [];
  const store = new UploadStore({
    create: async (_, volume) => {
      created.push(volume);
    },
    read: async () => volumeIn(phases.shift() ?? 'Succeeded'),
    send: (_, __, onProgress) => send(onProgress),
    wait: async () => undefined,
  });
  store.subscribe(() => seen.push(stepOf(store.stateOf(TARGET))));
  return { store, created, seen };
}
const stepOf = (state: UploadState | undefined) =>
  state?.step === 'sending' ? `sending ${state.sentBytes}/${state.totalBytes}` : (state?.step ?? 'none');

describe('an upload', () => {
  it('makes the volume, waits until CDI takes bytes, sends, and waits for the disk', async () => {
    const { store, created, seen } = storeWith(
      ['Pending', 'UploadScheduled', 'UploadReady', 'UploadReady', 'Succeeded'],
      async (onProgress) => {
        onProgress(4);
        onProgress(8);
      },
    );
    await store.start(TARGET, { metadata: { name: 'image' } }, FILE);
    expect(created).toEqual([{ metadata: { name: 'image' } }]);
    expect(seen).toEqual([
      ...['preparing', 'preparing', 'preparing', 'sending 0/8', 'sending 4/8', 'sending 8/8'],
      ...['processing', 'processing', 'done'],
    ]);
    expect(store.isBusy).toBe(false);
  });

  it('says what broke, and goes on with the same volume when the file is chosen again', async () => {
    let tries = 0;
    const { store, created } = storeWith(['UploadReady', 'UploadReady', 'Succeeded'], async () => {
      tries += 1;
      if (tries === 1)
        throw new ApiError(0, 'Unreachable', 'The connection broke.', { method: 'POST', path: '' });
    });
    await store.start(TARGET, { metadata: { name: 'image' } }, FILE);
    expect(store.stateOf(TARGET)).toMatchObject({
      step: 'failed',
      error: { message: 'The connection broke.' },
    });
    await store.again(TARGET, FILE);
    expect(store.stateOf(TARGET)).toEqual({ step: 'done' });
    expect(created).toEqual([{ metadata: { name: 'image' } }, { metadata: { name: 'image' } }]);
  });

  it('leaves a volume alone that is filled already', async () => {
    const { store } = storeWith(['Succeeded'], async () => {
      throw new Error('sent');
    });
    await store.start(TARGET, {}, FILE);
    expect(store.stateOf(TARGET)).toMatchObject({ step: 'failed', error: { code: 409 } });
  });

  it('stops when it is told to, and hears nothing of what was on its way', async () => {
    let finish: () => void = () => undefined;
    const { store } = storeWith(['UploadReady'], () => new Promise((resolve) => (finish = resolve)));
    const running = store.start(TARGET, {}, FILE);
    await expect.poll(() => stepOf(store.stateOf(TARGET))).toBe('sending 0/8');
    expect(store.isBusy).toBe(true);
    store.stop(TARGET);
    finish();
    await running;
    expect(store.stateOf(TARGET)).toMatchObject({ step: 'failed', error: { reason: 'Stopped' } });
  });
});
