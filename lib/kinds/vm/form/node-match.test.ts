import { describe, expect, it } from 'vitest';
import { withValueAt } from '@/lib/k8s/json';
import { GUEST } from './field';
import { matchNodes, type PlacedNode, taintText, tolerates } from './node-match';

function node(
  name: string,
  { labels = {}, ready = 'True', ...spec }: Record<string, unknown> = {},
): PlacedNode {
  // Only what the functions look at.
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubevirt.io/schedulable': 'true', 'kubernetes.io/arch': 'amd64', ...(labels as object) },
    },
    spec,
    status: { conditions: [{ type: 'Ready', status: ready }] },
  } as unknown as PlacedNode;
}

const ssd = node('ssd', { labels: { disk: 'ssd', cores: '16' } });
const hdd = node('hdd', { labels: { disk: 'hdd', cores: '8' } });
const nodes = [ssd, hdd];
const guest = (spec: object) => withValueAt({}, [...GUEST], spec);
const required = (...terms: object[]) =>
  guest({
    affinity: {
      nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } },
    },
  });
const expression = (key: string, operator: string, ...values: string[]) => ({
  matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }],
});

describe('nodes that a VM may be placed on', () => {
  it('are all of them where nothing is asked', () => {
    expect(matchNodes(nodes, {})).toEqual({ matching: ['ssd', 'hdd'], others: [] });
    expect(
      matchNodes(nodes, guest({ nodeSelector: 'odd', affinity: 3, tolerations: {} })).matching,
    ).toHaveLength(2);
  });

  it('have the labels that are asked for', () => {
    const { matching, others } = matchNodes(nodes, guest({ nodeSelector: { disk: 'ssd' } }));
    expect(matching).toEqual(['ssd']);
    expect(others).toEqual([
      {
        name: 'hdd',
        reasons: [{ key: 'scheduling.match.otherLabel', values: { key: 'disk', value: 'ssd', has: 'hdd' } }],
      },
    ]);
    expect(matchNodes(nodes, {}, { zone: 'a' }).others[0]?.reasons[0]?.key).toBe('scheduling.match.noLabel');
  });

  it.each([
    [expression('disk', 'In', 'ssd', 'nvme'), ['ssd']],
    [expression('disk', 'NotIn', 'ssd'), ['hdd']],
    [expression('missing', 'NotIn', 'x'), ['ssd', 'hdd']],
    [expression('disk', 'Exists'), ['ssd', 'hdd']],
    [expression('disk', 'DoesNotExist'), []],
    [expression('cores', 'Gt', '8'), ['ssd']],
    [expression('cores', 'Lt', '16'), ['hdd']],
    [expression('cores', 'Gt', 'many'), []],
    [expression('disk', 'Like', 'ssd'), []],
    [{}, []],
    [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['hdd'] }] }, ['hdd']],
  ])('meet %j: %j', (term, names) => {
    expect(matchNodes(nodes, required(term)).matching).toEqual(names);
  });

  it('meet one of several terms', () => {
    const either = required(expression('disk', 'In', 'nvme'), expression('cores', 'In', '8'));
    expect(matchNodes(nodes, either).matching).toEqual(['hdd']);
  });

  it('are ready, not cordoned, and ones that KubeVirt may use', () => {
    const { matching, others } = matchNodes(
      [
        node('dead', { ready: 'Unknown' }),
        node('cordoned', { unschedulable: true }),
        node('foreign', { labels: { 'kubevirt.io/schedulable': 'false' } }),
        ssd,
      ],
      {},
    );
    expect(matching).toEqual(['ssd']);
    expect(others.map(({ reasons }) => reasons.map(({ key }) => key))).toEqual([
      ['scheduling.match.notReady'],
      ['scheduling.match.cordoned'],
      ['scheduling.match.notForVms'],
    ]);
  });

  it('have the architecture and the CPU model of the VM', () => {
    expect(matchNodes(nodes, guest({ architecture: 'arm64' })).matching).toEqual([]);
    expect(matchNodes(nodes, guest({ domain: { cpu: { model: 'host-model' } } })).matching).toHaveLength(2);
    expect(matchNodes(nodes, guest({ domain: { cpu: { model: 'EPYC' } } })).matching).toEqual([]);
    const epyc = node('epyc', { labels: { 'cpu-model.node.kubevirt.io/EPYC': 'true' } });
    expect(matchNodes([epyc], guest({ domain: { cpu: { model: 'EPYC' } } })).matching).toEqual(['epyc']);
  });

  it('have no taint that nobody tolerates', () => {
    const gpu = node('gpu', {
      taints: [
        { key: 'gpu', value: 'a100', effect: 'NoSchedule' },
        { key: 'soft', effect: 'PreferNoSchedule' },
      ],
    });
    expect(matchNodes([gpu], {}).others[0]?.reasons).toEqual([
      { key: 'scheduling.match.taint', values: { taint: 'gpu=a100:NoSchedule' } },
    ]);
    const tolerating = guest({ tolerations: [{ key: 'gpu', operator: 'Exists' }, 'odd'] });
    expect(matchNodes([gpu], tolerating).matching).toEqual(['gpu']);
  });
});

describe('tolerations', () => {
  const taint = { key: 'gpu', value: 'a100', effect: 'NoSchedule' };
  it.each([
    [{ key: 'gpu', value: 'a100' }, true],
    [{ key: 'gpu', operator: 'Equal', value: 'h100' }, false],
    [{ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, false],
    [{ operator: 'Exists' }, true],
    [{ value: 'a100' }, false],
    [{ key: 'gpu', operator: 'Odd', value: 'a100' }, false],
  ])('%j: %s', (toleration, expected) => {
    expect(tolerates(toleration, taint)).toBe(expected);
  });

  it('are written as kubectl writes taints', () => {
    expect(taintText(taint)).toBe('gpu=a100:NoSchedule');
    expect(taintText({ key: 'x', effect: 'NoExecute' })).toBe('x:NoExecute');
  });
});
