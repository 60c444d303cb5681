import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { K8sObject } from '@/lib/k8s/object';
import { DEFAULT_VM_QUERY } from '@/lib/kinds/vm/query';
import { InventoryService } from './inventory-service';
import { FakeApi, FakeClock, settle, virtualMachine } from './testing/fake-api';

const asker = { cluster: { name: 'kind' }, key: 'k' };
let api: FakeApi;
let clock: FakeClock;
let inventory: InventoryService;

beforeEach(() => {
  api = new FakeApi();
  clock = new FakeClock();
  inventory = new InventoryService({ transport: api, clock });
  api.lists.virtualmachines = [
    virtualMachine('a', '1', 'Running'),
    virtualMachine('b', '1', 'Running'),
    virtualMachine('c', '1', 'Stopped'),
  ];
});
afterEach(() => inventory.close());

/** Launchers' metrics, which have neither uid nor version. */
function measure(usage: Record<string, [cpu: string, memory: string]>): void {
  const pods = Object.entries(usage).map(([name, [cpu, memory]]) => ({
    metadata: { name: `virt-launcher-${name}-abcde`, namespace: 'demo' },
    containers: [{ name: 'compute', usage: { cpu, memory } }],
  }));
  api.lists.pods = pods as unknown as K8sObject[];
}

describe('rows and what their VMs use', () => {
  it('carry usage, sort by it and add it up, and lose it when it is measured no more', async () => {
    measure({ a: ['100m', '1Gi'], b: ['2', '512Mi'] });
    const sort = { column: 'cpuUsage', descending: true } as const;
    const list = inventory.open(asker, { kind: 'vms', query: { ...DEFAULT_VM_QUERY, sort } });
    const counts = inventory.open(asker, { kind: 'vm-groups', query: DEFAULT_VM_QUERY, by: ['namespace'] });
    await settle();
    const rows = () =>
      list.value
        .read()
        .vms?.slice(0, 10)
        .map(({ row }) => [row.name, row.usage?.cpuCores]);
    expect(rows()).toEqual([
      ['b', 2],
      ['a', 0.1],
      ['c', undefined],
    ]);
    expect(counts.value.read().groups?.all.usage).toEqual({ cpuCores: 2.1, memoryBytes: 1.5 * 2 ** 30 });
    // Two lists, one poll.
    expect(api.asked.filter((path) => path.includes('metrics.k8s.io'))).toHaveLength(1);

    measure({ a: ['3', '1Gi'] });
    await clock.advance(30_000);
    expect(rows()).toEqual([
      ['a', 3],
      ['b', undefined],
      ['c', undefined],
    ]);
    list.release();
    counts.release();
  });

  it('stay without it where the cluster measures nothing', async () => {
    const list = inventory.open(asker, { kind: 'vms', query: DEFAULT_VM_QUERY });
    await settle();
    expect(list.value.read().vms?.slice(0, 1)[0]?.row).not.toHaveProperty('usage');
    list.release();
  });
});
