import { describe, expect, it } from 'vitest';
import { asking, type Case, expectCause, node, none, refused, unscheduled } from './testing';

const CASES: Case[] = [
  [
    'quota',
    'quota',
    refused(
      'failed to create virtual machine pod: pods "x" is forbidden: exceeded quota: team, requested: requests.memory=1Gi, used: requests.memory=7Gi, limited: requests.memory=8Gi',
    ),
    'team',
    'requests.memory 7 GiB',
  ],
  [
    'limit range',
    'limitRange',
    refused(
      'failed to create virtual machine pod: pods "x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
    ),
  ],
  [
    'priority',
    'priorityMissing',
    refused(
      'failed to create virtual machine pod: pods "x" is forbidden: no PriorityClass with name vital was found',
    ),
    'vital',
  ],
  [
    'other refusal',
    'podRefused',
    refused('failed to create virtual machine pod: pods "x" is forbidden: violates PodSecurity'),
    'pods "x" is forbidden: violates PodSecurity',
  ],
  ['no nodes', 'noNodes', unscheduled('no nodes available to schedule pods')],
  [
    'cpu',
    'noCpu',
    [
      ...unscheduled(none(2, '2 Insufficient cpu'), asking({ cpu: '64' })),
      node('a'),
      node('b', {}, {}, { allocatable: { cpu: '15900m' } }),
    ],
    '64',
    '15.9',
    'b',
    'small',
  ],
  [
    'cpu taken',
    'noCpu',
    [...unscheduled(none(1, '1 Insufficient cpu'), asking({ cpu: '4' })), node('a')],
    'full',
  ],
  [
    'cpu, nodes unseen',
    'noCpu',
    { objects: unscheduled(none(2, '2 Insufficient cpu'), asking({ cpu: '64' })), denied: ['Node'] },
    '64',
    'unknown',
  ],
  [
    'memory',
    'noMemory',
    [...unscheduled(none(1, '1 Insufficient memory'), asking({ memory: '64Gi' })), node('a')],
    '64 GiB',
    '16 GiB',
  ],
  [
    'hugepages',
    'noHugepages',
    [...unscheduled(none(1, '1 Insufficient hugepages-2Mi'), asking({ 'hugepages-2Mi': '1Gi' })), node('a')],
    '2Mi',
    '1 GiB',
  ],
  [
    'GPU',
    'noDevice',
    [
      ...unscheduled(
        none(1, '1 Insufficient nvidia.com/GA102GL_A10'),
        asking({ 'nvidia.com/GA102GL_A10': '1' }),
      ),
      node('a'),
    ],
    'nvidia.com/GA102GL_A10',
  ],
  [
    'no virtualization',
    'noVirtualization',
    [
      ...unscheduled(
        none(1, '1 Insufficient devices.kubevirt.io/kvm'),
        asking({ 'devices.kubevirt.io/kvm': '1' }),
      ),
      node('a'),
    ],
  ],
  [
    'selector',
    'noNodeMatches',
    [
      ...unscheduled(none(2, "2 node(s) didn't match Pod's node affinity/selector"), {
        nodeSelector: { disktype: 'nvme', 'kubernetes.io/os': 'linux' },
      }),
      node('a', { 'kubernetes.io/os': 'linux' }),
    ],
    'disktype=nvme',
  ],
  [
    'selector, nodes unseen',
    'noNodeMatches',
    {
      objects: unscheduled(none(2, "2 node(s) didn't match Pod's node affinity/selector")),
      denied: ['Node'],
    },
  ],
  [
    'dedicated CPUs',
    'noCpuManager',
    [
      ...unscheduled(none(1, "1 node(s) didn't match Pod's node affinity/selector"), {
        nodeSelector: { cpumanager: 'true' },
      }),
      node('a'),
    ],
  ],
  [
    'CPU model',
    'noCpuModel',
    [
      ...unscheduled(none(1, "1 node(s) didn't match Pod's node affinity/selector"), {
        nodeSelector: { 'cpu-model.node.kubevirt.io/Icelake': 'true' },
      }),
      node('a'),
    ],
    'Icelake',
  ],
  [
    'virt-handler',
    'noVirtNode',
    [
      ...unscheduled(none(1, "1 node(s) didn't match Pod's node affinity/selector"), {
        nodeSelector: { 'kubevirt.io/schedulable': 'true' },
      }),
      node('a'),
    ],
  ],
  [
    'taint',
    'taint',
    [
      ...unscheduled(none(1, '1 node(s) had untolerated taint {dedicated: db}')),
      node('a', {}, { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] }),
    ],
    'dedicated=db:NoSchedule',
    'a',
  ],
  [
    'taint, nodes unseen',
    'taint',
    { objects: unscheduled(none(3, '3 node(s) had untolerated taint {dedicated: db}')), denied: ['Node'] },
    'dedicated=db',
  ],
  [
    'only node down',
    'onlyNodeDown',
    [
      ...unscheduled(none(1, '1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }')),
      node('a', {}, { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoSchedule' }] }),
    ],
    'a',
  ],
  [
    'cordoned',
    'cordoned',
    [...unscheduled(none(1, '1 node(s) were unschedulable')), node('a', {}, { unschedulable: true })],
    'a',
  ],
  [
    'anti-affinity',
    'neighbours',
    [...unscheduled(none(1, "1 node(s) didn't match pod anti-affinity rules")), node('a')],
  ],
  [
    'volume elsewhere',
    'volumeElsewhere',
    [...unscheduled(none(1, "1 node(s) didn't match PersistentVolume's node affinity")), node('a')],
  ],
  [
    'unbound',
    'claimUnbound',
    unscheduled('0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found'),
  ],
  ['too many pods', 'tooManyPods', [...unscheduled(none(1, '1 Too many pods')), node('a')]],
  ['another reason', 'unschedulable', [...unscheduled(none(1, '1 node(s) had something new')), node('a')]],
];

describe('diagnose, of its place', () => {
  it.each(CASES)('%s: %s', async (_, cause, world, ...named) => {
    await expect(expectCause(cause, world, named)).resolves.toBeUndefined();
  });
});
