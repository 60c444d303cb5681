import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import type { ApiCall } from '@/lib/kinds/action';
import { bulkAction } from '@/lib/kinds/vm/bulk';
import { vmRow } from '@/lib/kinds/vm/parts';
import type { VmRow } from '@/lib/kinds/vm/row';
import { sampleVm, sampleVmi } from '@/lib/kinds/vm/sample';
import { type Text, text } from '@/lib/text';
import { afterReload, type BulkItem, countItems } from './bulk-item';
import { BulkRun, type BulkRunOptions } from './bulk-run';

const halted = (name: string) =>
  vmRow(sampleVm({ runStrategy: 'Halted' }, { printableStatus: 'Stopped' }, name));
const running = (name: string) => vmRow(sampleVm({}, { printableStatus: 'Running' }, name), sampleVmi());
const named = (count: number) => Array.from({ length: count }, (_, index) => `vm-${index + 1}`);
const status = (code: number, message = 'no', retryAfterSeconds?: number, reason = '') =>
  new ApiError(code, reason, message, { method: 'PUT', path: '' }, [], retryAfterSeconds);

/** A cluster whose rows and answers the test sets. */
function fakeCluster(rows: VmRow[]) {
  const known = new Map(rows.map((row) => [`${row.namespace}/${row.name}`, row]));
  const listeners = new Map<(rows: ReadonlyMap<string, VmRow>) => void, string[]>();
  const report = () => {
    for (const [listener, names] of listeners) {
      listener(
        new Map(names.flatMap((name) => [known.get(name)].flatMap((row) => (row ? [[name, row]] : [])))),
      );
    }
  };
  const cluster = {
    calls: [] as string[],
    atOnce: 0,
    most: 0,
    followed: [] as number[],
    listeners,
    denied: new Map<string, Text>(),
    /** What the API does with a call; the name of the VM stands in its path. */
    answer: (_name: string): unknown => undefined,
    show: (...now: VmRow[]) => {
      for (const row of now) known.set(`${row.namespace}/${row.name}`, row);
      report();
    },
    remove: (name: string) => {
      known.delete(`shop/${name}`);
      report();
    },
    effects: {
      call: async ({ path }: ApiCall) => {
        const name = /virtualmachines\/([^/]+)/.exec(path)?.[1] ?? '';
        cluster.calls.push(name);
        cluster.atOnce += 1;
        cluster.most = Math.max(cluster.most, cluster.atOnce);
        try {
          await cluster.answer(name);
        } finally {
          cluster.atOnce -= 1;
        }
      },
      denial: async (namespace: string) => cluster.denied.get(namespace),
      prepare: async () => ({}),
      follow: (names: string[], listener: (rows: ReadonlyMap<string, VmRow>) => void) => {
        listeners.set(listener, names);
        cluster.followed.push(names.length);
        queueMicrotask(report);
        return () => listeners.delete(listener);
      },
    },
  };
  return cluster;
}

function startRun(
  id: string,
  rows: VmRow[],
  cluster: ReturnType<typeof fakeCluster>,
  more: Partial<BulkRunOptions> = {},
) {
  const action = bulkAction(id);
  if (!action) throw new Error(id);
  const items = rows.map(({ namespace, name, uid }): BulkItem => ({ namespace, name, uid, state: 'queued' }));
  const run = new BulkRun({
    cluster: 'c',
    action,
    input: {},
    items,
    effects: cluster.effects,
    onChange: () => undefined,
    ...more,
  });
  run.start();
  return run;
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const counts = (run: BulkRun) => countItems(run.items);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('BulkRun', () => {
  it('works on eight at once, and the next begins when the effect of one is seen', async () => {
    const rows = named(20).map(halted);
    const cluster = fakeCluster(rows);
    const run = startRun('start', rows, cluster);
    await settle();
    expect(cluster.calls).toEqual(named(8));
    expect(counts(run)).toEqual({ waiting: 8, queued: 12 });
    cluster.show(running('vm-3'));
    await settle();
    expect(cluster.calls).toEqual([...named(8), 'vm-9']);
    expect(counts(run)).toEqual({ done: 1, waiting: 8, queued: 11 });
    for (const name of named(20)) {
      cluster.show(running(name));
      await settle();
    }
    await settle();
    expect(counts(run)).toEqual({ done: 20 });
    expect(run.isOpen).toBe(false);
    expect(cluster.listeners.size).toBe(0);
    expect(cluster.followed).toEqual([20]);
  });

  it('goes on with others while a guest takes long, and still sees it end', async () => {
    const rows = named(10).map(halted);
    const cluster = fakeCluster(rows);
    const run = startRun('start', rows, cluster);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(cluster.calls).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(180_000);
    expect(counts(run)).toEqual({ overdue: 10 });
    expect(run.isOpen).toBe(true);
    cluster.show(...named(10).map(running));
    expect(counts(run)).toEqual({ done: 10 });
  });

  it('skips what can no longer be done by the time of its turn, and whose namespace is closed', async () => {
    const rows = [halted('vm-1'), halted('vm-2'), { ...halted('vm-3'), namespace: 'closed' }, halted('vm-4')];
    const cluster = fakeCluster([running('vm-1'), ...rows.slice(1, 3)]);
    const why = text('bulk.reason.gone');
    cluster.denied.set('closed', why);
    const run = startRun('start', rows, cluster);
    await settle();
    expect(run.items.map(({ state, reason }) => [state, reason?.key])).toEqual([
      ['skipped', 'vm.reason.running'],
      ['waiting', undefined],
      ['skipped', 'bulk.reason.gone'],
      ['skipped', 'bulk.reason.gone'],
    ]);
    expect(cluster.calls).toEqual(['vm-2']);
  });

  it("keeps the server's words of each failure, and does the failed once more when asked", async () => {
    const rows = named(3).map(halted);
    const cluster = fakeCluster(rows);
    cluster.answer = (name) => {
      if (name === 'vm-2') throw status(409, 'the object has been modified');
    };
    const run = startRun('start', rows, cluster);
    await settle();
    cluster.show(running('vm-1'), running('vm-3'));
    await settle();
    expect(counts(run)).toEqual({ done: 2, failed: 1 });
    expect(run.items[1]?.words).toBe('the object has been modified');
    expect(run.isOpen).toBe(false);
    cluster.answer = () => undefined;
    run.repeat(['failed']);
    await settle();
    expect(cluster.calls).toEqual(['vm-1', 'vm-2', 'vm-3', 'vm-2']);
    cluster.show(running('vm-2'));
    expect(counts(run)).toEqual({ done: 3 });
    expect(run.items[1]?.words).toBeUndefined();
  });

  it('lets what has begun end when it is stopped, and starts nothing more', async () => {
    const rows = named(20).map(halted);
    const cluster = fakeCluster(rows);
    const run = startRun('start', rows, cluster);
    await settle();
    run.stop();
    expect(counts(run)).toEqual({ waiting: 8, notStarted: 12 });
    expect(run.isOpen).toBe(true);
    cluster.show(...named(8).map(running));
    await settle();
    expect(counts(run)).toEqual({ done: 8, notStarted: 12 });
    expect(run.isOpen).toBe(false);
    run.repeat(['notStarted']);
    await settle();
    expect(cluster.calls).toHaveLength(16);
  });

  it('sends again after the time that a busy server names, and gives up when stopped meanwhile', async () => {
    const rows = named(2).map(halted);
    const cluster = fakeCluster(rows);
    let busy = true;
    cluster.answer = () => {
      if (busy) throw status(429, 'slow down', 7);
    };
    const run = startRun('start', rows, cluster, { parallel: 1 });
    await settle();
    await vi.advanceTimersByTimeAsync(6_900);
    expect(cluster.calls).toEqual(['vm-1']);
    busy = false;
    await vi.advanceTimersByTimeAsync(100);
    expect(cluster.calls).toEqual(['vm-1', 'vm-1']);
    expect(counts(run)).toEqual({ waiting: 1, queued: 1 });
    busy = true;
    cluster.show(running('vm-1'));
    await settle();
    expect(cluster.calls).toEqual(['vm-1', 'vm-1', 'vm-2']);
    run.stop();
    await settle();
    expect(counts(run)).toEqual({ done: 1, notStarted: 1 });
  });

  it('ends when the session does, and when nothing answers, with the rest not started', async () => {
    const rows = named(20).map(halted);
    const over = fakeCluster(rows);
    over.answer = () => {
      throw status(401, 'over', undefined, 'SignInNeeded');
    };
    const first = startRun('start', rows, over, { parallel: 2 });
    await settle();
    expect(counts(first)).toEqual({ notStarted: 20 });
    expect(first.items[9]?.reason?.key).toBe('bulk.reason.signedOut');
    const silent = fakeCluster(rows);
    silent.answer = () => {
      throw status(0);
    };
    const second = startRun('start', rows, silent, { parallel: 1 });
    await settle();
    // The page may be about to go.
    expect(counts(second)).toEqual({ calling: 1, queued: 19 });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(counts(second)).toEqual({ failed: 3, notStarted: 17 });
    expect(second.items[9]?.reason?.key).toBe('bulk.reason.unreachable');
  });

  it('does it with a thousand, never following more than a few hundred nor calling more than eight at once', async () => {
    const rows = named(1000).map(halted);
    const cluster = fakeCluster(rows);
    cluster.answer = async (name) => {
      await Promise.resolve();
      queueMicrotask(() => cluster.show(running(name)));
    };
    const run = startRun('start', rows, cluster);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(counts(run)).toEqual({ done: 1000 });
    expect(cluster.most).toBe(8);
    expect(Math.max(...cluster.followed)).toBeLessThanOrEqual(200);
    expect(cluster.followed.length).toBeLessThan(20);
  });

  it('ends those of which nothing was ever seen, so that hundreds of them do not keep others from beginning', async () => {
    const rows = named(400).map(halted);
    const cluster = fakeCluster(rows);
    const run = startRun('start', rows, cluster);
    await vi.advanceTimersByTimeAsync(1_200_000);
    expect(cluster.calls).toHaveLength(400);
    expect(counts(run)).toEqual({ overdue: 400 });
    run.stop();
    await settle();
    expect(run.isOpen).toBe(false);
  });

  it('goes on after a reload with what had begun, and leaves the rest to its user', async () => {
    const rows = named(4).map(halted);
    const before = rows[0]?.facts;
    if (!before) throw new Error('no row');
    const place = { namespace: 'shop' };
    const items = afterReload([
      { ...place, name: 'vm-1', uid: 'vm-vm-1', state: 'waiting', before, startedAt: Date.now() },
      { ...place, name: 'vm-2', uid: 'vm-vm-2', state: 'calling', before, startedAt: Date.now() },
      { ...place, name: 'vm-3', uid: 'vm-vm-3', state: 'calling', before, startedAt: Date.now() },
      { ...place, name: 'vm-4', uid: 'vm-vm-4', state: 'queued' },
    ]);
    const cluster = fakeCluster(rows);
    const run = startRun('start', rows, cluster, { items });
    await settle();
    expect(cluster.calls).toEqual([]);
    cluster.show(running('vm-1'), running('vm-2'));
    await vi.advanceTimersByTimeAsync(15_000);
    expect(run.items.map(({ state }) => state)).toEqual(['done', 'done', 'lost', 'notStarted']);
    run.repeat(['lost', 'notStarted']);
    await settle();
    expect(cluster.calls).toEqual(['vm-3', 'vm-4']);
  });

  it('sees that what was deleted is gone', async () => {
    const rows = named(2).map(halted);
    const cluster = fakeCluster(rows);
    const run = startRun('delete', rows, cluster);
    await settle();
    cluster.remove('vm-1');
    cluster.show({ ...halted('vm-2'), uid: 'another', facts: { ...halted('vm-2').facts, uid: 'another' } });
    expect(counts(run)).toEqual({ done: 2 });
  });
});
