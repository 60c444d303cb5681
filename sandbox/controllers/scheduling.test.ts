import { describe, expect, it } from 'vitest';
import { place, podRequests, usedPerNode } from './scheduling';
import type { Node, Pod } from './types';

const meta = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });

function node(name: string, memory: string, more: Partial<Node['spec']> = {}, labels = {}): Node {
  const status = { allocatable: { cpu: '8', memory, pods: '110' } };
  return { apiVersion: 'v1', kind: 'Node', metadata: { ...meta(name), labels }, spec: more, status };
}

function pod(memory: string, spec: Partial<Pod['spec']> = {}): Pod {
  const container = { name: 'compute', image: 'x', resources: { requests: { memory, cpu: '100m' } } };
  return { apiVersion: 'v1', kind: 'Pod', metadata: meta('p'), spec: { containers: [container], ...spec } };
}

const nodes = [node('node-1', '16Gi'), node('node-2', '32Gi'), node('node-3', '32Gi')];
const NONE = new Map();

describe('place', () => {
  it('takes the node with the most room', () => {
    expect(place(pod('1Gi'), nodes, NONE)).toEqual({ node: 'node-2' });
    const used = new Map([['node-2', { memory: 8 * 2 ** 30, cpu: 1 }]]);
    expect(place(pod('1Gi'), nodes, used)).toEqual({ node: 'node-3' });
  });

  it('says that the memory is not enough, and that evicting would not help', () => {
    expect(place(pod('900Gi'), nodes, NONE)).toEqual({
      message:
        '0/3 nodes are available: 3 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    });
  });

  it('says that no victims were found when the nodes are merely full', () => {
    const full = usedPerNode(['node-1', 'node-2', 'node-3'].map((nodeName) => pod('12Gi', { nodeName })));
    const placement = place(pod('24Gi'), nodes, full);
    expect(placement).toEqual({
      message:
        '0/3 nodes are available: 3 Insufficient memory. no new claims to deallocate, preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    });
  });

  it('respects selectors, affinity, cordons and taints, each in its words', () => {
    const tainted = { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] };
    const mixed = [node('a', '8Gi', { unschedulable: true }), node('b', '8Gi', tainted), node('c', '8Gi')];
    expect(place(pod('1Gi', { nodeSelector: { zone: 'moon' } }), mixed, NONE)).toEqual({
      message:
        "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) had untolerated taint {dedicated: db}, 1 node(s) were unschedulable. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    });
    const tolerant = pod('1Gi', { tolerations: [{ key: 'dedicated', operator: 'Exists' }] });
    expect(place(tolerant, mixed.slice(0, 2), NONE)).toEqual({ node: 'b' });
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] }],
        },
      },
    };
    const ssd = [...nodes, node('node-4', '4Gi', {}, { disk: 'ssd' })];
    expect(place(pod('1Gi', { affinity }), ssd, NONE)).toEqual({ node: 'node-4' });
  });

  it('waits for claims that bind at once', () => {
    expect(place(pod('1Gi'), nodes, NONE, { unboundImmediate: true })).toEqual({
      message: '0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
    });
  });
});

describe('podRequests', () => {
  it('adds sidecars and takes the largest init container', () => {
    const sized = (memory: string) => ({ name: memory, image: 'x', resources: { requests: { memory } } });
    const init = [{ ...sized('35M'), restartPolicy: 'Always' }, sized('1M')];
    expect(podRequests(pod('100M', { initContainers: init })).memory).toBe(135e6);
  });
});
