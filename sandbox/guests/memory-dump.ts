import { on } from 'node:events';
import type { QmpClient } from './qmp';

/**
 * Has QEMU write the guest's memory into `file`, as an ELF core; the guest stands still meanwhile.
 * @throws what QEMU says, or that the machine has gone.
 */
export async function dumpMemory(qmp: QmpClient, file: string): Promise<void> {
  const stop = new AbortController();
  const ended = (async () => {
    for await (const [{ event, data }] of on(qmp, 'event', { signal: stop.signal, close: ['close'] })) {
      if (event !== 'DUMP_COMPLETED') continue;
      if (data.error === undefined) return;
      throw new Error(String(data.error));
    }
    throw new Error('the machine has gone');
  })();
  // It is waited for below, unless QEMU refuses to begin.
  ended.catch(() => {});
  try {
    await qmp.execute('dump-guest-memory', { paging: false, protocol: `file:${file}`, detach: true });
    await ended;
  } finally {
    stop.abort();
  }
}
