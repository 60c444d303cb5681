import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AccessAnswer, AccessCheck } from '@/lib/k8s/access';
import { AccessStore } from './access-store';

const CLUSTER = 'c';
const check = (verb: string, namespace = 'shop'): AccessCheck => ({
  verb,
  group: 'kubevirt.io',
  resource: 'virtualmachines',
  namespace,
});

let rights: Record<string, AccessAnswer>;
let asked: { cluster: string; verbs: string[]; fresh: boolean }[];
let isVisible: boolean;
let store: AccessStore;

beforeEach(() => {
  vi.useFakeTimers();
  rights = {};
  asked = [];
  isVisible = true;
  store = new AccessStore({
    ask: async (cluster, checks, fresh) => {
      asked.push({ cluster, verbs: checks.map(({ verb }) => verb), fresh });
      return checks.map(({ verb }) => rights[verb] ?? { allowed: true });
    },
    isVisible: () => isVisible,
  });
});
afterEach(() => {
  store.close();
  vi.useRealTimers();
});

const flushed = () => vi.advanceTimersByTimeAsync(0);

describe('asking what one may do', () => {
  it('puts the checks of one tick into one request, each once', async () => {
    rights.delete = { allowed: false };
    const answers = await Promise.all([
      store.may(CLUSTER, check('start')),
      store.may(CLUSTER, check('delete')),
      store.may(CLUSTER, check('start')),
    ]);
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, false, true]);
    expect(asked).toEqual([{ cluster: CLUSTER, verbs: ['start', 'delete'], fresh: false }]);
  });

  it('keeps namespaces apart, and splits what is too much for one request', async () => {
    await Promise.all(
      Array.from({ length: 501 }, (_, place) => store.may(CLUSTER, check('get', `n${place}`))),
    );
    expect(asked.map(({ verbs }) => verbs.length)).toEqual([500, 1]);
  });

  it('asks again after 30 s, less by what the server remembered it', async () => {
    await store.may(CLUSTER, check('start'));
    await vi.advanceTimersByTimeAsync(29_000);
    await store.may(CLUSTER, check('start'));
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    rights.start = { allowed: true, ageMs: 25_000 };
    await store.may(CLUSTER, check('start'));
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(5_000);
    await store.may(CLUSTER, check('start'));
    expect(asked).toHaveLength(3);
  });

  it('leaves it to RBAC when there is no verdict, and keeps none', async () => {
    rights.start = { allowed: false, unknown: true, reason: 'etcd is away' };
    expect(await store.may(CLUSTER, check('start'))).toMatchObject({ allowed: true, unknown: true });
    rights.start = { allowed: false };
    expect(await store.may(CLUSTER, check('start'))).toEqual({ allowed: false });
  });
});

describe('what somebody looks at', () => {
  it('shows revoked rights within 30 s, and tells only of changes', async () => {
    const told = vi.fn();
    store.subscribe(told);
    const stop = store.watch(CLUSTER, [check('start'), check('stop')]);
    await flushed();
    expect(told).toHaveBeenCalledTimes(2);
    rights.stop = { allowed: false };
    await vi.advanceTimersByTimeAsync(30_000);
    expect(store.known(CLUSTER, check('stop'))).toEqual({ allowed: false });
    expect(told).toHaveBeenCalledTimes(3);
    expect(asked.map(({ verbs }) => verbs)).toEqual([
      ['start', 'stop'],
      ['start', 'stop'],
    ]);
    stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toHaveLength(2);
  });

  it('is not asked for while the page is hidden, and at once when it is seen again', async () => {
    store.watch(CLUSTER, [check('start')]);
    await flushed();
    isVisible = false;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked).toHaveLength(1);
    isVisible = true;
    store.refresh();
    await flushed();
    expect(asked).toHaveLength(2);
  });

  it('is asked for past every memory after the cluster has refused something', async () => {
    store.watch(CLUSTER, [check('start')]);
    await flushed();
    rights.start = { allowed: false };
    store.expire(CLUSTER);
    expect(store.known(CLUSTER, check('start'))).toEqual({ allowed: true });
    await flushed();
    expect(store.known(CLUSTER, check('start'))).toEqual({ allowed: false });
    expect(asked.map(({ fresh }) => fresh)).toEqual([false, true]);
  });

  it('never shows one person the rights of another', async () => {
    store.watch(CLUSTER, [check('start')]);
    await flushed();
    let answer: (answers: AccessAnswer[]) => void = () => undefined;
    const slow = new AccessStore({ ask: () => new Promise((resolve) => (answer = resolve)) });
    slow.watch(CLUSTER, [check('start')]);
    await flushed();
    const first = answer;
    slow.drop(CLUSTER);
    await flushed();
    first([{ allowed: true }]);
    await flushed();
    expect(slow.known(CLUSTER, check('start'))).toBeUndefined();
    answer([{ allowed: false }]);
    await flushed();
    expect(slow.known(CLUSTER, check('start'))).toEqual({ allowed: false });
    slow.close();

    store.drop(CLUSTER);
    expect(store.known(CLUSTER, check('start'))).toBeUndefined();
  });
});
