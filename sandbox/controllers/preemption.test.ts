import { describe, expect, it } from 'vitest';
import { preemptionFor } from './preemption';
import type { Node, Pod } from './types';

const meta = (name: string) => ({ name, uid: name, resourceVersion: '1', creationTimestamp: '' });

function node(name: string): Node {
  const status = { allocatable: { cpu: '8', memory: '8Gi', pods: '110' } };
  return { apiVersion: 'v1', kind: 'Node', metadata: meta(name), spec: {}, status };
}

function pod(name: string, memory: string, priority: number, nodeName?: string): Pod {
  const container = { name: 'c', image: 'x', resources: { requests: { memory } } };
  const spec = { containers: [container], priority, ...(nodeName ? { nodeName } : {}) };
  return { apiVersion: 'v1', kind: 'Pod', metadata: meta(name), spec, status: { phase: 'Running' } };
}

const nodes = [node('a'), node('b')];
const present = [pod('low-1', '3Gi', 0, 'a'), pod('low-2', '3Gi', 0, 'a'), pod('middle', '6Gi', 100, 'b')];

describe('preemptionFor', () => {
  it('takes the least important, and no more than needed', () => {
    const found = preemptionFor(pod('urgent', '4Gi', 1000), nodes, present);
    expect([found?.node, found?.victims.map(({ metadata }) => metadata.name)]).toEqual(['a', ['low-2']]);
  });

  it('takes nobody of the same priority, nor where it would not help', () => {
    expect(preemptionFor(pod('equal', '4Gi', 0), nodes, present)).toBeUndefined();
    expect(preemptionFor(pod('huge', '9Gi', 1000), nodes, present)).toBeUndefined();
  });

  it('respects a pod that waits its turn', () => {
    const polite = pod('polite', '4Gi', 1000);
    polite.spec.preemptionPolicy = 'Never';
    expect(preemptionFor(polite, nodes, present)).toBeUndefined();
  });
});
