import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { K8sObject } from '@/lib/k8s/object';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { InventoryService } from './inventory-service';
import type { LiveSource } from './live-source';
import type { Lease } from './shared-pool';
import { FakeApi, FakeClock, object, settle, virtualMachine } from './testing/fake-api';
import type { Asker, GetOptions, Standing } from './transport';

/** A cluster that refuses whatever is not allowed, by namespace (`*` is all of them) or by plural. */
class GuardedApi extends FakeApi {
  readonly allowed = new Set<string>();

  override async get(asker: Asker, path: string, options: GetOptions) {
    const [, namespace] = /\/namespaces\/([^/]+)\/virtualmachine/.exec(path) ?? [];
    const plural = path.split('?')[0]?.split('/').at(-1) ?? '';
    const right = plural.startsWith('virtualmachine') ? (namespace ?? '*') : plural;
    if (!this.allowed.has(right) && !this.allowed.has('*')) {
      this.answers.push({
        status: 403,
        body: { kind: 'Status', code: 403, reason: 'Forbidden', message: right },
      });
    } else if (namespace && !options.streaming) {
      const items = (this.lists[plural] ?? []).filter(({ metadata }) => metadata.namespace === namespace);
      this.answers.push({ status: 200, body: { metadata: { resourceVersion: '1' }, items } });
    }
    return super.get(asker, path, options);
  }
}

const named = (name: string): K8sObject => object(name, '1');
const asker = { cluster: { name: 'lab' }, key: 'vic' };

let api: GuardedApi;
let clock: FakeClock;
let inventory: InventoryService;
let standings: Standing[];
let view: Lease<LiveSource> | undefined;

beforeEach(() => {
  api = new GuardedApi();
  clock = new FakeClock();
  standings = [];
  inventory = new InventoryService({
    transport: api,
    clock,
    guard: {
      hold: (standing) => {
        standings.push(standing);
        return () => {};
      },
    },
    may: async (_, { namespace = '' }) => ({ allowed: api.allowed.has(namespace) }),
  });
  api.lists.virtualmachines = ['dev', 'lab', 'prod'].map((namespace) =>
    virtualMachine(`vm-${namespace}`, '1', 'Running', namespace),
  );
  api.lists.namespaces = ['dev', 'lab', 'prod'].map(named);
  api.lists.projects = ['lab'].map(named);
});
afterEach(() => {
  view?.release();
  inventory.close();
});

async function show(known?: string[], namespaces: string[] = []) {
  const query = { ...DEFAULT_VM_QUERY, namespaces };
  view = inventory.open(asker, { kind: 'vms', query, ...(known ? { known } : {}) });
  await settle();
}

function shown() {
  const { vms, feed } = view?.value.read() ?? { feed: undefined };
  return { rows: (vms?.all() ?? []).map(({ row }) => row.namespace), feed };
}

const live = (namespaces: string[], denied: string[] = []) => ({
  state: 'live',
  only: { namespaces, denied },
});

async function revoke(namespace: string) {
  api.allowed.delete(namespace);
  for (const { checks, denied } of standings) {
    const check = checks.find((each) => each.namespace === namespace);
    if (check) denied(check);
  }
  await settle();
}

describe('for who may not list the VMs of all namespaces', () => {
  it('shows those of the namespaces that may be listed, as reviews say', async () => {
    api.allowed.add('namespaces').add('dev').add('lab');
    await show();
    expect(shown()).toEqual({ rows: ['dev', 'lab'], feed: live(['dev', 'lab']) });
    expect(api.asked.some((path) => path.includes('/namespaces/prod/'))).toBe(false);
  });

  it('shows those of the projects that OpenShift names', async () => {
    api.allowed.add('projects').add('lab');
    await show();
    expect(shown()).toEqual({ rows: ['lab'], feed: live(['lab']) });
  });

  it('looks into the namespaces that the browser remembers, and says which of them are closed', async () => {
    api.allowed.add('dev');
    await show(['dev', 'prod']);
    expect(shown()).toEqual({ rows: ['dev'], feed: live(['dev'], ['prod']) });
  });

  it('says that the list is refused where nobody names a namespace', async () => {
    await show();
    expect(shown()).toMatchObject({ rows: [], feed: { state: 'refused', error: { message: '*' } } });
  });

  it('loses the rows of one namespace only, and gets them back', async () => {
    api.allowed.add('dev').add('lab');
    await show(['dev', 'lab']);
    await revoke('dev');
    expect(shown()).toEqual({ rows: ['lab'], feed: live(['lab'], ['dev']) });
    api.allowed.add('dev');
    await clock.advance(30_000);
    expect(shown()).toEqual({ rows: ['dev', 'lab'], feed: live(['dev', 'lab']) });
    await revoke('dev');
    await revoke('lab');
    expect(shown()).toMatchObject({ rows: [], feed: { state: 'refused' } });
  });

  it('finds a namespace that is opened later, and all of them when they are', async () => {
    api.allowed.add('namespaces').add('dev');
    await show();
    api.allowed.add('prod');
    await clock.advance(20_000);
    expect(shown()).toEqual({ rows: ['dev', 'prod'], feed: live(['dev', 'prod']) });
    api.allowed.add('*');
    await clock.advance(30_000);
    expect(shown()).toEqual({ rows: ['dev', 'lab', 'prod'], feed: { state: 'live' } });
  });

  it('keeps to the namespaces that the query names', async () => {
    api.allowed.add('dev').add('lab');
    await show(['lab'], ['dev', 'prod']);
    expect(shown()).toEqual({ rows: ['dev'], feed: live(['dev'], ['prod']) });
  });
});
