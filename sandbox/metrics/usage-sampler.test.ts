import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterApi } from '../api/objects';
import type { Guest } from '../guests/hypervisor';
import { UsageSampler } from './usage-sampler';

const LOOK_MS = 20;
const WAIT_MS = 5000;
let sampler: UsageSampler | undefined;
afterEach(() => sampler?.close());

/** Guests by uid, as processes of this machine. */
function sample(pids: Map<string, number>): UsageSampler {
  const instances = () => [...pids.keys()].map((uid) => ({ metadata: { uid } }));
  // The sampler lists instances and asks for the process of each, nothing else.
  const cluster = { list: instances } as unknown as ClusterApi;
  const guestOf = (vmi: { metadata: { uid: string } }) =>
    ({ pid: pids.get(vmi.metadata.uid) }) as unknown as Guest;
  sampler = new UsageSampler(cluster, { guestOf }, LOOK_MS);
  return sampler;
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('Waited in vain');
    await delay(LOOK_MS);
  }
}

describe('the sampler of guests', () => {
  it('measures a process between two looks, and forgets it when it is gone', async () => {
    const pids = new Map([['a', process.pid]]);
    const measuring = sample(pids);
    expect(measuring.of('a')).toBeUndefined();
    await until(() => measuring.of('a') !== undefined);
    expect(measuring.of('a')?.windowMs).toBeGreaterThan(0);
    expect(measuring.of('a')?.memoryBytes).toBeGreaterThan(10 * 2 ** 20);
    // Something to do: the share of a core can be seen.
    await until(() => {
      const end = performance.now() + LOOK_MS;
      let turns = 0;
      while (performance.now() < end) turns += 1;
      return turns > 0 && (measuring.of('a')?.cpuCores ?? 0) > 0.1;
    });
    pids.delete('a');
    await until(() => measuring.of('a') === undefined);
  });

  it('begins anew when the guest is another process, and knows nothing of machines without one', async () => {
    const pids = new Map([
      ['a', process.pid],
      ['state', 2 ** 22 + 1],
    ]);
    const measuring = sample(pids);
    await until(() => measuring.of('a') !== undefined);
    expect(measuring.of('state')).toBeUndefined();
    pids.set('a', process.ppid);
    await until(() => (measuring.of('a')?.cpuCores ?? 1) < 0.5);
    // Never the difference of two processes' lifetimes.
    expect(measuring.of('a')?.cpuCores).toBeGreaterThanOrEqual(0);
  });
});
