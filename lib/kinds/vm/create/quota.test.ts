import { describe, expect, it } from 'vitest';
import type { NodeLoad } from '@/lib/kinds/platform/capacity';
import { newVm } from '@/lib/kinds/vm/form/new-vm';
import { footprintOf, sumFootprints } from './footprint';
import { type LimitRange, quotaCosts, type ResourceQuota, rangeProblems } from './quota';
import { roomFor } from './room';

const GIB = 2 ** 30;
const vm = {
  ...newVm({ name: 'web', namespace: 'dev' }),
  spec: {
    ...(newVm({ name: 'web', namespace: 'dev' }).spec as object),
    dataVolumeTemplates: [
      {
        metadata: { name: 'web-root' },
        spec: { storage: { storageClassName: 'fast', resources: { requests: { storage: '30Gi' } } } },
      },
    ],
  },
};
const draft = { vm, others: [{ kind: 'Secret', metadata: { name: 'web-login' } }] };
const meta = (name: string) => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' },
});
const quota = (
  hard: Record<string, string>,
  used: Record<string, string> = {},
  scopes?: string[],
): ResourceQuota => ({
  ...meta('team'),
  spec: { hard, ...(scopes ? { scopes } : {}) },
  status: { hard, used },
});
const range = (limits: NonNullable<LimitRange['spec']>['limits']): LimitRange => ({
  ...meta('sizes'),
  spec: { limits: limits ?? [] },
});

describe('what a VM takes', () => {
  const footprint = footprintOf(draft, undefined, 10);

  it('is what its launcher asks for, its new volumes and the objects beside it', () => {
    expect(footprint).toMatchObject({
      vcpus: 1,
      guestBytes: GIB,
      cpuRequest: 0.1,
      runs: true,
      cpuLimit: undefined,
    });
    // What KubeVirt 1.9 itself comes to for one vCPU and 1 GiB.
    expect(footprint.memoryRequest - GIB).toBe(290 * 2 ** 20);
    expect(footprint.storage).toEqual([{ storageClass: 'fast', bytes: 30 * GIB, claims: 1 }]);
    expect(Object.fromEntries(footprint.objects)).toEqual({
      'virtualmachines.kubevirt.io': 1,
      'datavolumes.cdi.kubevirt.io': 1,
      persistentvolumeclaims: 1,
      secrets: 1,
    });
  });

  it('follows the instance type where there is one', () => {
    expect(footprintOf(draft, { vcpus: 4, memory: '8Gi' }, 4)).toMatchObject({
      cpuRequest: 1,
      guestBytes: 8 * GIB,
    });
  });

  it('is held against every limit of the quotas that speak of it', () => {
    const hard = {
      'requests.memory': '2Gi',
      'requests.storage': '40Gi',
      'fast.storageclass.storage.k8s.io/requests.storage': '10Gi',
      'slow.storageclass.storage.k8s.io/requests.storage': '1Gi',
      persistentvolumeclaims: '1',
      'count/virtualmachines.kubevirt.io': '5',
      'count/secrets': '9',
      'limits.memory': '1Gi',
      'services.loadbalancers': '0',
    };
    const costs = quotaCosts(
      [quota(hard, { 'requests.memory': '1Gi', persistentvolumeclaims: '1' })],
      footprint,
    );
    expect(costs.map(({ resource, isOver }) => [resource, isOver])).toEqual([
      ['requests.memory', true],
      ['requests.storage', false],
      ['fast.storageclass.storage.k8s.io/requests.storage', true],
      ['persistentvolumeclaims', true],
      ['count/virtualmachines.kubevirt.io', false],
      ['count/secrets', false],
    ]);
  });

  it('takes nothing of quotas for other pods, and of pods nothing while it stays off', () => {
    expect(quotaCosts([quota({ pods: '1' }, {}, ['BestEffort'])], footprint)).toEqual([]);
    const off = { ...footprint, runs: false };
    expect(
      quotaCosts([quota({ pods: '1', 'requests.memory': '1Mi', secrets: '1' })], off).map(
        ({ resource }) => resource,
      ),
    ).toEqual(['secrets']);
  });

  it('adds up for several', () => {
    const three = sumFootprints([footprint, footprint, footprint]);
    expect(three).toMatchObject({ vcpus: 3, storage: [{ bytes: 90 * GIB, claims: 3 }] });
    expect(three?.objects.get('secrets')).toBe(3);
    expect(sumFootprints([])).toBeUndefined();
  });

  it('may be refused by the limits that containers and claims get', () => {
    const ranges = [
      range([
        { type: 'Container', default: { memory: '512Mi' }, max: { cpu: '50m' } },
        { type: 'PersistentVolumeClaim', max: { storage: '20Gi' } },
      ]),
    ];
    expect(rangeProblems(ranges, footprint).map(({ kind, resource }) => [kind, resource])).toEqual([
      ['most', 'cpu'],
      ['defaultLimit', 'memory'],
      ['claimMost', 'storage'],
    ]);
    expect(rangeProblems([range([{ type: 'Container', default: { memory: '4Gi' } }])], footprint)).toEqual(
      [],
    );
  });

  it('finds room only on nodes that take guests', () => {
    const amount = (allocatable: number, requested: number) => ({ used: undefined, allocatable, requested });
    const load = (name: string, memory: number, isCordoned = false): NodeLoad => ({
      name,
      vms: 0,
      vcpus: 0,
      cpu: amount(4, 1),
      memory: amount(memory, GIB),
      isReady: true,
      isCordoned,
      hasTrouble: false,
    });
    expect(roomFor([load('a', 2 * GIB), load('b', 4 * GIB), load('c', 64 * GIB, true)], footprint)).toEqual({
      open: 2,
      fitting: 1,
      mostMemory: 3 * GIB,
      mostCpu: 3,
    });
  });
});
