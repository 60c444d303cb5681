import { describe, expect, it } from 'vitest';
import type { Node } from '@/lib/kinds/pod';
import type { VmGroup } from '@/lib/kinds/vm/dimensions';
import { clusterAmounts, cpuRatio, nodeLoads, storageLeft } from './capacity';

const GIB = 2 ** 30;

function node(
  name: string,
  { cpu = '8', memory = '16Gi', ready = 'True', unschedulable = false } = {},
): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
    spec: { unschedulable },
    status: {
      allocatable: { cpu, memory },
      conditions: [{ type: 'Ready', status: ready as 'True' | 'False' }],
    },
  };
}

function group(value: string, vcpus: number, memoryGi: number, more: Partial<VmGroup> = {}): VmGroup {
  const common = { value, total: 2, tones: {}, running: 2, diskBytes: 0 };
  return { ...common, vcpus, memoryBytes: memoryGi * GIB, ...more };
}

describe('the load of nodes', () => {
  it('is what VMs ask for and what is measured, of what there is', () => {
    const metrics = new Map([['a', { metadata: { name: 'a' }, usage: { cpu: '1500m', memory: '4Gi' } }]]);
    const [load] = nodeLoads([node('a')], [group('a', 20, 8)], metrics, 10);
    expect(load).toMatchObject({
      name: 'a',
      vms: 2,
      cpu: { used: 1.5, requested: 2, allocatable: 8 },
      memory: { used: 4 * GIB, requested: 8 * GIB, allocatable: 16 * GIB },
    });
  });

  it('is what the VMs use where nodes are not measured, and unknown where nothing is', () => {
    const usage = { cpuCores: 0.5, memoryBytes: GIB };
    const [a, b] = nodeLoads([node('a'), node('b')], [group('a', 1, 1, { usage })], undefined, 10);
    expect(a?.cpu.used).toBe(0.5);
    expect(b?.cpu.used).toBeUndefined();
  });

  it('comes worst first: trouble, then the fullest', () => {
    const nodes = [node('empty'), node('full'), node('half'), node('down', { ready: 'False' })];
    const groups = [group('full', 10, 15), group('half', 10, 8)];
    expect(nodeLoads(nodes, groups, undefined, 10).map(({ name }) => name)).toEqual([
      'down',
      'full',
      'half',
      'empty',
    ]);
  });
});

describe('the whole cluster', () => {
  it('offers what nodes that work have, and counts what is asked for everywhere', () => {
    const nodes = [node('a'), node('down', { ready: 'False' }), node('off', { unschedulable: true })];
    const loads = nodeLoads(nodes, [group('a', 20, 4), group('down', 10, 2)], undefined, 10);
    expect(clusterAmounts(loads)).toEqual({
      vcpus: 30,
      cpu: { used: undefined, requested: 3, allocatable: 16 },
      memory: { used: undefined, requested: 6 * GIB, allocatable: 32 * GIB },
    });
  });

  it('counts vCPUs as KubeVirt was told to', () => {
    const settings = (cpuAllocationRatio?: number) => ({
      ...node('kubevirt'),
      spec: { configuration: { developerConfiguration: cpuAllocationRatio ? { cpuAllocationRatio } : {} } },
    });
    expect(cpuRatio(settings(4))).toBe(4);
    expect(cpuRatio(settings())).toBe(10);
    expect(cpuRatio(undefined)).toBe(10);
  });
});

it('adds up what storage drivers say that they have left', () => {
  const capacity = (storageClassName: string, text?: string) => ({
    ...node('c'),
    storageClassName,
    ...(text ? { capacity: text } : {}),
  });
  expect(storageLeft([capacity('slow', '1Ti'), capacity('fast', '1Gi'), capacity('fast', '3Gi')])).toEqual([
    { storageClass: 'fast', bytes: 4 * GIB },
    { storageClass: 'slow', bytes: 1024 * GIB },
  ]);
  expect(storageLeft([capacity('silent')])).toEqual([]);
});
