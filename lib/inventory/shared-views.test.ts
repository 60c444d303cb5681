import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { InventoryService } from './inventory-service';
import type { LiveSource } from './live-source';
import type { Subscription } from './protocol';
import type { Lease } from './shared-pool';
import { FakeApi, FakeClock, object, settle, virtualMachine } from './testing/fake-api';
import { type Asker, type GetOptions, READER_KEY, type Standing } from './transport';

const CLUSTER = { name: 'lab' };
const READER = { cluster: CLUSTER, key: READER_KEY };
const viewer = (key: string): Asker => ({ cluster: CLUSTER, key, reader: READER });
const PART: Record<string, string> = {
  virtualmachines: 'vms',
  virtualmachineinstances: 'vmis',
  pods: 'usage',
};

/** A cluster in which each key has rights of its own: `vms`, `vmis/dev`, … */
class PeoplesApi extends FakeApi {
  readonly rights: Record<string, Set<string>> = {};
  readonly askedBy: string[] = [];

  may(key: string, { resource, namespace }: Pick<AccessCheck, 'resource' | 'namespace'>): boolean {
    const part = PART[resource] ?? resource;
    const rights = this.rights[key];
    return !!rights?.has(part) || (!!namespace && !!rights?.has(`${part}/${namespace}`));
  }

  override async get(asker: Asker, path: string, options: GetOptions) {
    this.askedBy.push(`${asker.key} ${path.split('?')[0]}`);
    const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    const resource = path.split('?')[0]?.split('/').at(-1) ?? '';
    if (!this.may(asker.key, { resource, namespace })) {
      const message = `${asker.key} cannot list ${resource} in ${namespace ?? 'all namespaces'}`;
      this.answers.push({ status: 403, body: { kind: 'Status', code: 403, reason: 'Forbidden', message } });
    } else if (namespace && !options.streaming) {
      const items = (this.lists[resource] ?? []).filter(({ metadata }) => metadata.namespace === namespace);
      this.answers.push({ status: 200, body: { metadata: { resourceVersion: '1' }, items } });
    }
    return super.get(asker, path, options);
  }
}

const vmi = (namespace: string): K8sObject => {
  const plain = object(`vm-${namespace}`, '2', {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    spec: { domain: { devices: {} } },
    status: { phase: 'Running', nodeName: `node-of-${namespace}` },
  });
  return { ...plain, metadata: { ...plain.metadata, namespace, uid: `vmi-${namespace}` } };
};

let api: PeoplesApi;
let clock: FakeClock;
let inventory: InventoryService;
let standings: Standing[];
let open: Lease<LiveSource>[];

beforeEach(() => {
  api = new PeoplesApi();
  clock = new FakeClock();
  standings = [];
  open = [];
  api.rights[READER_KEY] = new Set(['vms', 'vmis', 'usage']);
  api.lists.virtualmachines = ['dev', 'prod', 'test'].map((namespace) =>
    virtualMachine(`vm-${namespace}`, '1', 'Running', namespace),
  );
  api.lists.virtualmachineinstances = ['dev', 'prod', 'test'].map(vmi);
  inventory = new InventoryService({
    transport: api,
    clock,
    guard: {
      hold: (standing) => {
        standings.push(standing);
        return () => {};
      },
    },
    may: async ({ key }, check) => ({ allowed: api.may(key, check) }),
  });
});
afterEach(() => {
  for (const { release } of open) release();
  inventory.close();
});

async function show(key: string, subscription: Partial<Extract<Subscription, { kind: 'vms' }>> = {}) {
  const lease = inventory.open(viewer(key), {
    kind: 'vms',
    query: DEFAULT_VM_QUERY,
    window: { from: 0, count: 100 },
    ...subscription,
  });
  open.push(lease);
  await settle();
  await clock.advance(1);
  const rows = () => (lease.value.read().vms?.all() ?? []).map(({ row }) => row);
  return {
    rows,
    names: () => rows().map(({ namespace }) => namespace),
    feed: () => lease.value.read().feed,
    source: lease.value,
  };
}

const lists = () => api.askedBy.filter((each) => each.endsWith('/virtualmachines'));

describe('lists that a reader keeps for all', () => {
  it('show everybody what they may list themselves', async () => {
    api.rights.admin = new Set(['vms', 'vmis', 'usage']);
    api.rights.dana = new Set(['vms/dev', 'vmis/dev', 'vms/test']);
    const admin = await show('admin');
    const dana = await show('dana');
    expect(admin.names()).toEqual(['dev', 'prod', 'test']);
    expect(admin.feed()).toEqual({ state: 'live' });
    expect(dana.rows().map(({ namespace, node }) => [namespace, node])).toEqual([
      ['dev', 'node-of-dev'],
      // VMIs may not be listed there.
      ['test', ''],
    ]);
    expect(dana.feed()).toEqual({ state: 'live', only: { namespaces: ['dev', 'test'], denied: [] } });
  });

  it('are asked for once, however many look', async () => {
    for (let number = 0; number < 20; number += 1) {
      api.rights[`admin-${number}`] = new Set(['vms', 'vmis']);
      api.rights[`dana-${number}`] = new Set(['vms/dev', 'vmis/dev']);
      await show(`admin-${number}`);
      await show(`dana-${number}`);
    }
    // A list and a watch of each; whoever was refused was asked for the API's words.
    expect(api.askedBy.filter((each) => each.startsWith(READER_KEY))).toHaveLength(5);
    expect(api.watches).toHaveLength(2);
    // One sorted answer for each scope.
    expect(inventory.stats()).toEqual({ watches: 2, queries: 2 });
  });

  it('take rows away and give them back with the rights, in the API’s words', async () => {
    api.rights.vic = new Set(['vms/dev', 'vmis/dev']);
    const vic = await show('vic');
    const news: string[] = [];
    vic.source.onChange(() => news.push(vic.feed().state));
    api.rights.vic = new Set();
    await clock.advance(25_000);
    expect(vic.names()).toEqual([]);
    expect(vic.feed()).toMatchObject({
      state: 'refused',
      error: { code: 403, message: 'vic cannot list virtualmachines in all namespaces' },
    });
    expect(news).toContain('refused');
    api.rights.vic = new Set(['vms/dev', 'vms/prod']);
    await clock.advance(25_000);
    expect(vic.rows().map(({ namespace, node }) => [namespace, node])).toEqual([
      ['dev', ''],
      ['prod', ''],
    ]);
  });

  it('tell nothing of what happens elsewhere', async () => {
    api.rights.vic = new Set(['vms/dev']);
    const vic = await show('vic');
    let news = 0;
    vic.source.onChange(() => (news += 1));
    const before = vic.source.read().vms?.version;
    await api.watch('virtualmachines').send({
      type: 'MODIFIED',
      object: virtualMachine('vm-prod', '20', 'Stopped', 'prod'),
    });
    // Its own VM's VMI, which it may not list.
    const moved = vmi('dev');
    await api.watch('virtualmachineinstances').send({
      type: 'MODIFIED',
      object: { ...moved, metadata: { ...moved.metadata, resourceVersion: '21' }, status: { nodeName: 'b' } },
    });
    expect([news, vic.source.read().vms?.version]).toEqual([0, before]);
    await api.watch('virtualmachines').send({
      type: 'MODIFIED',
      object: virtualMachine('vm-dev', '22', 'Stopped', 'dev'),
    });
    expect(vic.rows()[0]?.facts.printableStatus).toBe('Stopped');
    await api.watch('virtualmachines').send({
      type: 'DELETED',
      object: virtualMachine('vm-dev', '23', 'Stopped', 'dev'),
    });
    expect(vic.names()).toEqual([]);
  });

  it('show a namespace whose first VM has just come', async () => {
    api.rights.vic = new Set(['vms/new', 'vms/dev']);
    const vic = await show('vic');
    expect(vic.names()).toEqual(['dev']);
    await api.watch('virtualmachines').send({
      type: 'ADDED',
      object: virtualMachine('vm-new', '20', 'Stopped', 'new'),
    });
    await clock.advance(1_000);
    expect(vic.names()).toEqual(['dev', 'new']);
  });

  it('say of a namespace that was asked for why it cannot be seen', async () => {
    api.rights.vic = new Set(['vms/dev']);
    const vic = await show('vic', { query: { ...DEFAULT_VM_QUERY, namespaces: ['prod'] } });
    expect(vic.feed()).toMatchObject({
      state: 'refused',
      error: { message: 'vic cannot list virtualmachines in prod' },
    });
    const both = await show('vic', { query: { ...DEFAULT_VM_QUERY, namespaces: ['dev', 'prod'] } });
    expect(both.names()).toEqual(['dev']);
    expect(both.feed()).toEqual({ state: 'live', only: { namespaces: ['dev'], denied: ['prod'] } });
  });

  it('stay as last known when the session is over', async () => {
    api.rights.vic = new Set(['vms/dev']);
    const vic = await show('vic');
    const error = new ApiError(401, 'SignInNeeded', 'Over.', { method: 'GET', path: '/' });
    standings.find(({ who }) => who.key === 'vic')?.over(error);
    expect(vic.feed()).toMatchObject({ state: 'refused', error: { code: 401 } });
    // Nothing of the reader's is held on anybody's behalf.
    expect(standings.map(({ who }) => who.key)).toEqual(['vic']);
  });

  it('are read with everybody’s own credentials where the reader is refused', async () => {
    api.rights[READER_KEY] = new Set();
    api.rights.admin = new Set(['vms', 'vmis']);
    const admin = await show('admin');
    expect(admin.names()).toEqual(['dev', 'prod', 'test']);
    expect(lists()).toContain('admin /apis/kubevirt.io/v1/virtualmachines');
    const nobody = await show('nobody');
    await clock.advance(1_000);
    expect(nobody.feed()).toMatchObject({
      state: 'refused',
      error: { message: 'nobody cannot list virtualmachines in all namespaces' },
    });
    // The reader's role comes: one list for all again.
    api.rights[READER_KEY] = new Set(['vms', 'vmis']);
    await clock.advance(31_000);
    expect(admin.names()).toEqual(['dev', 'prod', 'test']);
    await clock.advance(120_000);
    expect(inventory.stats().watches).toBe(2);
  });
});
