import { expect, it, vi } from 'vitest';
import type { KubeObject } from './objects';
import { createCluster } from './store';

function owned(name: string, uid: string, more: object = {}) {
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid };
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', ownerReferences: [reference], ...more },
  };
}

it('collects what names an owner that is not there, in a moment', async () => {
  const cluster = createCluster({ directory: undefined });
  const owner = cluster.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owner', namespace: 'default' },
  });
  cluster.create('configmaps', owned('kept', owner.metadata.uid));
  cluster.create('configmaps', owned('lost', 'nobody'));
  expect(cluster.get('configmaps', 'default', 'lost')).toBeDefined();
  await vi.waitUntil(() => !cluster.get('configmaps', 'default', 'lost'), { timeout: 5000 });
  expect(cluster.get('configmaps', 'default', 'kept')).toBeDefined();
  cluster.close();
});

it('says so when the owner lives in another namespace, and collects', async () => {
  const cluster = createCluster({ directory: undefined });
  const owner = cluster.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'owner', namespace: 'kube-system' },
  });
  cluster.create('configmaps', owned('far', owner.metadata.uid));
  await vi.waitUntil(() => !cluster.get('configmaps', 'default', 'far'), { timeout: 5000 });
  const events = cluster.list<KubeObject & { reason: string; message: string }>('events', 'default');
  expect(events).toMatchObject([
    {
      reason: 'OwnerRefInvalidNamespace',
      type: 'Warning',
      message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
    },
  ]);
  cluster.close();
});

it('leaves alone whose owner is of a kind that nobody serves', () => {
  const cluster = createCluster({ directory: undefined });
  const reference = { apiVersion: 'example.com/v1', kind: 'Thing', name: 't', uid: 'u' };
  cluster.create('configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'foreign', namespace: 'default', ownerReferences: [reference] },
  });
  expect(cluster.get('configmaps', 'default', 'foreign')).toBeDefined();
  cluster.close();
});
