import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from '../testing';

const METRICS = '/apis/metrics.k8s.io/v1beta1';
const LAUNCHERS = '?labelSelector=kubevirt.io%3Dvirt-launcher';
let sandbox: TestSandbox;

interface Metrics {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  usage?: Record<string, string>;
  containers?: { name: string; usage: Record<string, string> }[];
}

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createVm(testVm('busy', 'Always'), 'dev');
  await sandbox.createVm(testVm('calm', 'Always'), 'production');
  await sandbox.createVm(testVm('off', 'Halted'), 'dev');
  await sandbox.untilStatus('dev', 'busy', 'Running');
  await sandbox.untilStatus('production', 'calm', 'Running');
});
afterAll(() => sandbox.close());

async function statusAs(user: string, where: string): Promise<number> {
  const dispatcher = new Agent({ connect: { ca: sandbox.ca } });
  const headers = { authorization: `Bearer ${sandbox.tokens[user]}` };
  const response = await fetch(sandbox.url + where, { dispatcher, headers });
  await response.text();
  await dispatcher.destroy();
  return response.status;
}

describe('metrics.k8s.io', () => {
  it('tells the usage of launcher pods, in the namespace or everywhere, and of nothing without a guest', async () => {
    const all = (await sandbox.ask('GET', `${METRICS}/pods${LAUNCHERS}`)).body;
    expect(all).toMatchObject({ kind: 'PodMetricsList', apiVersion: 'metrics.k8s.io/v1beta1', metadata: {} });
    const names = all.items.map(({ metadata }: Metrics) => metadata.labels?.['vm.kubevirt.io/name']);
    expect(names.sort()).toEqual(['busy', 'calm']);
    const here = (await sandbox.ask('GET', `${METRICS}/namespaces/dev/pods`)).body.items;
    expect(here).toHaveLength(1);
    expect(here[0]).toMatchObject({
      metadata: { namespace: 'dev', labels: { app: 'busy' } },
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      window: '15s',
      containers: [
        {
          name: 'compute',
          usage: { cpu: expect.stringMatching(/^\d+n$/), memory: expect.stringMatching(/^\d+Ki$/) },
        },
      ],
    });
    const everything = (await sandbox.ask('GET', `${METRICS}/pods`)).body.items;
    expect(everything).toHaveLength(2);
  });

  it('gives one pod by name, and says in its own words that there is none', async () => {
    const [pod] = (await sandbox.ask('GET', `${METRICS}/namespaces/dev/pods`)).body.items;
    const one = await sandbox.ask('GET', `${METRICS}/namespaces/dev/pods/${pod.metadata.name}`);
    expect(one.body).toMatchObject({ kind: 'PodMetrics', metadata: { name: pod.metadata.name } });
    const none = await sandbox.ask('GET', `${METRICS}/namespaces/dev/pods/nobody`);
    expect(none.status).toBe(404);
    expect(none.body.message).toBe('podmetrics.metrics.k8s.io "dev/nobody" not found');
  });

  it('adds up each node’s guests', async () => {
    const pods: Metrics[] = (await sandbox.ask('GET', `${METRICS}/pods`)).body.items;
    const placed = (await sandbox.ask('GET', `/api/v1/pods${LAUNCHERS}`)).body.items;
    const nodes: Metrics[] = (await sandbox.ask('GET', `${METRICS}/nodes`)).body.items;
    expect(nodes.map(({ metadata }) => metadata.name)).toEqual(['node-1', 'node-2', 'node-3']);
    for (const { metadata, usage } of nodes) {
      const own = placed.filter((pod: { spec: { nodeName: string } }) => pod.spec.nodeName === metadata.name);
      const sum = own
        .map((pod: Metrics) => pods.find((one) => one.metadata.name === pod.metadata.name))
        .map((pod: Metrics | undefined) =>
          Number.parseInt(pod?.containers?.[0]?.usage.memory ?? 'missing', 10),
        )
        .reduce((total: number, kibi: number) => total + kibi, 0);
      // Each is rounded to KiB by itself. The model may have moved on by one window.
      expect(Number.parseInt(usage?.memory ?? '', 10)).toBeGreaterThanOrEqual(sum * 0.98 - 2);
      expect(Number.parseInt(usage?.memory ?? '', 10)).toBeLessThanOrEqual(sum * 1.02 + 2);
    }
  });

  it('computes nothing for a paused machine', async () => {
    await sandbox.actOnInstance('production', 'calm', 'pause');
    await sandbox.until(
      () => sandbox.ask('GET', `${METRICS}/namespaces/production/pods`),
      ({ body }) => body.items[0]?.containers[0].usage.cpu === '0n',
      'the paused machine takes no processor',
    );
    await sandbox.actOnInstance('production', 'calm', 'unpause');
  });

  it('lets those who may view a namespace see its pods, and nobody else, and nodes only the administrator', async () => {
    for (const user of ['dana', 'vic']) {
      expect(await statusAs(user, `${METRICS}/namespaces/dev/pods`)).toBe(200);
      expect(await statusAs(user, `${METRICS}/namespaces/production/pods`)).toBe(403);
      expect(await statusAs(user, `${METRICS}/pods`)).toBe(403);
      expect(await statusAs(user, `${METRICS}/nodes`)).toBe(403);
    }
  });

  it('can be read, and neither watched nor written', async () => {
    const { resources } = (await sandbox.ask('GET', METRICS)).body;
    expect(resources).toEqual([
      { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs: ['get', 'list'] },
      { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
    ]);
    expect((await sandbox.ask('GET', `${METRICS}/nodes?watch=true`)).status).toBe(405);
    expect((await sandbox.ask('DELETE', `${METRICS}/nodes/node-1`)).status).toBe(405);
  });

  it('is gone with its APIService, and back with it', async () => {
    const services = '/apis/apiregistration.k8s.io/v1/apiservices';
    const { body: service } = await sandbox.ask('GET', `${services}/v1beta1.metrics.k8s.io`);
    expect(service.spec).toMatchObject({
      group: 'metrics.k8s.io',
      groupPriorityMinimum: 100,
      service: { namespace: 'kube-system', name: 'metrics-server' },
    });
    await sandbox.ask('DELETE', `${services}/v1beta1.metrics.k8s.io`);
    expect((await sandbox.ask('GET', `${METRICS}/pods`)).status).toBe(404);
    const { groups } = (await sandbox.ask('GET', '/apis')).body;
    expect(groups.map(({ name }: { name: string }) => name)).not.toContain('metrics.k8s.io');
    const { name, labels } = service.metadata;
    await sandbox.ask('POST', services, { ...service, metadata: { name, labels } });
    expect((await sandbox.ask('GET', `${METRICS}/pods`)).status).toBe(200);
  });

  it('is missing where only KubeVirt was installed', async () => {
    const bare = await TestSandbox.start({ kubevirtOnly: true });
    expect((await bare.ask('GET', `${METRICS}/pods`)).status).toBe(404);
    await bare.close();
  });
});
