import { beforeEach, describe, expect, it } from 'vitest';
import { FakeApi, FakeClock, settle } from './testing/fake-api';
import { UsagePoller } from './usage-poller';

const asker = { cluster: { name: 'kind' }, key: 'k' };
let api: FakeApi;
let clock: FakeClock;
let poller: UsagePoller;

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  poller = new UsagePoller({ asker }, api, clock);
});

function metrics(name: string, cpu: string, memory: string, labels: Record<string, string> = {}) {
  return {
    metadata: { name: `virt-launcher-${name}-abcde`, namespace: 'demo', labels },
    containers: [{ name: 'compute', usage: { cpu, memory } }],
  };
}

const list = (...items: object[]) => ({ status: 200, body: { kind: 'PodMetricsList', metadata: {}, items } });
const refusal = (code: number) => ({ status: code, body: { kind: 'Status', code, message: 'no' } });

describe('the usage of VMs', () => {
  it('is asked for at once and then every 30 s, and told by namespace and name', async () => {
    let changes = 0;
    poller.onChange(() => (changes += 1));
    api.answers.push(
      list(
        metrics('web', '250000000n', '1024Ki', { 'vm.kubevirt.io/name': 'web' }),
        metrics('old', '1', '2Mi', { 'kubevirt.io/domain': 'old-one' }),
        metrics('bare', '500m', '1Gi'),
      ),
      list(metrics('web', '500m', '2Mi')),
    );
    poller.start();
    await settle();
    expect(api.asked).toEqual([
      '/apis/metrics.k8s.io/v1beta1/pods?labelSelector=kubevirt.io%3Dvirt-launcher',
    ]);
    expect(Object.fromEntries(poller.usage)).toEqual({
      'demo/web': { cpuCores: 0.25, memoryBytes: 2 ** 20 },
      'demo/old-one': { cpuCores: 1, memoryBytes: 2 ** 21 },
      'demo/bare': { cpuCores: 0.5, memoryBytes: 2 ** 30 },
    });
    expect(poller.state).toEqual({ state: 'measured' });
    await clock.advance(29_999);
    expect(api.asked).toHaveLength(1);
    await clock.advance(1);
    expect(Object.fromEntries(poller.usage)).toEqual({ 'demo/web': { cpuCores: 0.5, memoryBytes: 2 ** 21 } });
    expect(changes).toBe(2);
  });

  it('counts a VM that migrates once, by the launcher that works', async () => {
    const labels = { 'vm.kubevirt.io/name': 'web' };
    api.answers.push(list(metrics('web', '2', '1Gi', labels), metrics('web', '10m', '64Mi', labels)));
    poller.start();
    await settle();
    expect(poller.usage.get('demo/web')).toEqual({ cpuCores: 2, memoryBytes: 2 ** 30 });
  });

  it.each([
    [404, 'absent'],
    [403, 'refused'],
    [401, 'refused'],
  ])('is nothing after %i, and asked for seldom', async (code, state) => {
    api.answers.push(list(metrics('web', '1', '1Gi')), refusal(code));
    poller.start();
    await settle();
    await clock.advance(30_000);
    expect(poller.state).toMatchObject({ state, error: { code } });
    expect(poller.usage.size).toBe(0);
    const asked = api.asked.length;
    await clock.advance(119_000);
    expect(api.asked).toHaveLength(asked);
    api.answers.push(list(metrics('web', '1', '1Gi')));
    await clock.advance(1_000);
    expect(poller.usage.size).toBe(1);
  });

  it('stays for a moment when nothing answers, and is dropped when it is too old', async () => {
    api.answers.push(list(metrics('web', '1', '1Gi')), refusal(503), new Error('refused'), refusal(503));
    poller.start();
    await settle();
    await clock.advance(60_000);
    expect(poller.state).toMatchObject({ state: 'failing' });
    expect(poller.usage.size).toBe(1);
    await clock.advance(30_000);
    expect(poller.usage.size).toBe(0);
  });

  it('is of one namespace where only that may be seen, and ends when nobody looks', async () => {
    poller = new UsagePoller({ asker, namespace: 'dev' }, api, clock);
    api.lists.pods = [];
    poller.start();
    await settle();
    expect(api.asked[0]).toContain('/namespaces/dev/pods');
    poller.stop();
    await clock.advance(300_000);
    expect(api.asked).toHaveLength(1);
  });
});
