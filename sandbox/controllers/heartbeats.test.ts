import { expect, it } from 'vitest';
import { createCluster } from '../api/store';
import { DeadNodes } from './dead-nodes';
import { Heartbeats } from './heartbeats';

it('renews each node’s lease, which kubectl describe asks for', () => {
  const cluster = createCluster({ directory: undefined });
  cluster.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  const lease = () => cluster.get('leases.coordination.k8s.io', 'kube-node-lease', 'node-1');

  new Heartbeats(cluster, new DeadNodes()).close();
  expect(lease()?.spec).toMatchObject({ holderIdentity: 'node-1' });
  const first = lease()?.metadata;
  new Heartbeats(cluster, new DeadNodes()).close();
  expect(lease()?.metadata.uid).toBe(first?.uid);
  cluster.close();
});

it('says nothing for a node that is dead', () => {
  const cluster = createCluster({ directory: undefined });
  cluster.create('nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } });
  const deadNodes = new DeadNodes();
  deadNodes.set('node-1', true);
  new Heartbeats(cluster, deadNodes).close();
  expect(cluster.get('leases.coordination.k8s.io', 'kube-node-lease', 'node-1')).toBeUndefined();
  cluster.close();
});
