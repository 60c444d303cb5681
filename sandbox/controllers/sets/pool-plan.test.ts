import { describe, expect, it } from 'vitest';
import type { VirtualMachine, VirtualMachineInstance } from '../types';
import {
  indexedSpec,
  inPolicyOrder,
  instanceUpdate,
  isOutdated,
  maxUnavailable,
  newNames,
} from './pool-plan';
import { POOL_REVISION, type PoolSpec } from './types';

function poolSpec(machine: object = {}, rest: Partial<PoolSpec> = {}): PoolSpec {
  const spec = { runStrategy: 'Always', template: { spec: { domain: { devices: {} } } }, ...machine };
  return {
    selector: { matchLabels: { pool: 'p' } },
    virtualMachineTemplate: { metadata: { labels: { pool: 'p' } }, spec: spec as VirtualMachine['spec'] },
    ...rest,
  };
}

function vm(name: string, revision?: string, created = '2026-01-01T00:00:00Z'): VirtualMachine {
  const labels: Record<string, string> = revision ? { [POOL_REVISION]: revision } : {};
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: created, labels },
    spec: poolSpec().virtualMachineTemplate.spec,
  };
}

// Only the labels of an instance are looked at.
const vmi = (revision?: string) => vm('p-0', revision) as unknown as VirtualMachineInstance;

describe('a pool', () => {
  it('gives new VMs the lowest free numbers', () => {
    expect(newNames('p', 3, (name) => name === 'p-1')).toEqual(['p-0', 'p-2', 'p-3']);
  });

  it('gives each VM its own DataVolumes, and its own ConfigMaps where that is asked for', () => {
    const machine = {
      dataVolumeTemplates: [{ metadata: { name: 'root' }, spec: {} }],
      template: {
        spec: {
          domain: { devices: {} },
          volumes: [
            { name: 'a', dataVolume: { name: 'root' } },
            { name: 'b', persistentVolumeClaim: { claimName: 'shared' } },
            { name: 'c', configMap: { name: 'settings' } },
          ],
        },
      },
    };
    const spec = indexedSpec(
      poolSpec(machine, { nameGeneration: { appendIndexToConfigMapRefs: true } }),
      4,
      'p-1',
    );
    expect(spec.dataVolumeTemplates?.[0]?.metadata.name).toBe('root-4');
    expect(spec.template.spec.volumes).toEqual([
      { name: 'a', dataVolume: { name: 'root-4' } },
      { name: 'b', persistentVolumeClaim: { claimName: 'shared' } },
      { name: 'c', configMap: { name: 'settings-4' } },
    ]);
    expect(spec.template.metadata?.labels).toEqual({ [POOL_REVISION]: 'p-1' });
  });

  it('knows how many may be out of service', () => {
    expect(maxUnavailable(poolSpec({}, { replicas: 4 }))).toBe(4);
    expect(maxUnavailable(poolSpec({}, { replicas: 4, maxUnavailable: '50%' }))).toBe(2);
    expect(maxUnavailable(poolSpec({}, { replicas: 4, maxUnavailable: '10%' }))).toBe(1);
    expect(maxUnavailable(poolSpec({}, { replicas: 4, maxUnavailable: 3 }))).toBe(3);
  });

  it('picks VMs by its policy', () => {
    const vms = [vm('p-2', undefined, '2026-01-03T00:00:00Z'), vm('p-10', undefined, '2026-01-01T00:00:00Z')];
    const names = (sortPolicy: string) =>
      inPolicyOrder(vms, { sortPolicy }, () => 0).map(({ metadata }) => metadata.name);
    expect(names('DescendingOrder')).toEqual(['p-10', 'p-2']);
    expect(names('AscendingOrder')).toEqual(['p-2', 'p-10']);
    expect(names('Newest')).toEqual(['p-2', 'p-10']);
    expect(names('Oldest')).toEqual(['p-10', 'p-2']);
  });
});

describe('an update of the template', () => {
  const old = poolSpec();
  const relabelled = poolSpec({ runStrategy: 'Manual' });
  const resized = poolSpec({ template: { spec: { domain: { devices: {}, memory: { guest: '2Gi' } } } } });
  const redisked = poolSpec({ dataVolumeTemplates: [{ metadata: { name: 'd' }, spec: {} }] });
  const specs: Record<string, PoolSpec> = { old, relabelled, resized, redisked };
  const specOf = (revision: string) => specs[revision];

  it('reaches VMs that come from another template', () => {
    expect(isOutdated(vm('p-0', 'old'), old, specOf)).toBe(false);
    expect(isOutdated(vm('p-0', 'old'), resized, specOf)).toBe(true);
    expect(isOutdated(vm('p-0'), old, specOf)).toBe(true);
  });

  it.each([
    ['none', 'old', 'old'],
    ['relabel', 'relabelled', 'old'],
    ['restart', 'resized', 'old'],
    ['restart', 'resized', undefined],
    ['replace VM', 'redisked', 'old'],
  ])('takes %s for a VM of revision %s with an instance of revision %s', (update, wanted, has) => {
    expect(instanceUpdate(vm('p-0', wanted), vmi(has), specOf)).toBe(update);
  });
});
