import { describe, expect, it } from 'vitest';
import { bounds, nextSizes, type Rollout } from './rollout';
import { templateHash } from './template-hash';
import type { Deployment, ReplicaSet } from './types';

const meta = (name: string) => ({
  name,
  uid: name,
  resourceVersion: '1',
  creationTimestamp: '2026-01-01T00:00:00Z',
});
const template = { spec: { containers: [{ name: 'c', image: 'x:1' }] } };
const selector = { matchLabels: { app: 'a' } };

function deployment(replicas: number, strategy?: Deployment['spec']['strategy']): Deployment {
  const spec = { replicas, selector, template, ...(strategy ? { strategy } : {}) };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: meta('d'), spec };
}

function set(name: string, replicas: number, available = replicas): ReplicaSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: meta(name),
    spec: { replicas, selector, template },
    status: { replicas, availableReplicas: available },
  };
}

const step = (rollout: Rollout) => Object.fromEntries(nextSizes(rollout));

describe('a rollout', () => {
  it('rounds the surge up and the shortfall down, and never to a standstill', () => {
    expect(bounds(deployment(10))).toEqual({ surge: 3, unavailable: 2 });
    expect(bounds(deployment(1))).toEqual({ surge: 1, unavailable: 0 });
    const still = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } };
    expect(bounds(deployment(4, still))).toEqual({ surge: 0, unavailable: 1 });
  });

  it('grows the new replica set first, as far as the surge allows', () => {
    expect(step({ deployment: deployment(10), current: set('new', 0), old: [set('old', 10)] })).toEqual({
      new: 3,
    });
  });

  it('then shrinks the old one by what may be missing', () => {
    const rollout = { deployment: deployment(10), current: set('new', 3, 0), old: [set('old', 10)] };
    expect(step(rollout)).toEqual({ old: 8 });
    const ready = { deployment: deployment(10), current: set('new', 3), old: [set('old', 10)] };
    expect(step(ready)).toEqual({ old: 5 });
  });

  it('gives up old pods that serve nobody before the others', () => {
    const old = [set('broken', 2, 0), set('good', 9)];
    expect(step({ deployment: deployment(10), current: set('new', 2, 0), old })).toMatchObject({ broken: 0 });
  });

  it('waits for the end of the old pods where they may not overlap', () => {
    const recreate = deployment(2, { type: 'Recreate' });
    expect(step({ deployment: recreate, current: set('new', 0), old: [set('old', 2)] })).toEqual({ old: 0 });
    const ending = set('old', 0);
    ending.status = { replicas: 0, terminatingReplicas: 1 };
    expect(step({ deployment: recreate, current: set('new', 0), old: [ending] })).toEqual({});
    expect(step({ deployment: recreate, current: set('new', 0), old: [set('old', 0)] })).toEqual({ new: 2 });
  });

  it('knows a template by what it means, not by how much of it is spelt out', () => {
    const spelt = {
      spec: { ...template.spec, restartPolicy: 'Always', terminationGracePeriodSeconds: 30 },
    };
    expect(templateHash(spelt)).toBe(templateHash(template));
    expect(templateHash({ spec: { containers: [{ name: 'c', image: 'x:2' }] } })).not.toBe(
      templateHash(template),
    );
  });
});
