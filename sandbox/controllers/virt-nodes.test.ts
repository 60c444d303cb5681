import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KubeObject } from '../api/objects';
import { createCluster } from '../api/store';
import { clock } from '../clock';
import { DeadNodes } from './dead-nodes';
import type { Node, VirtualMachineInstance } from './types';
import { VirtNodes } from './virt-nodes';

const VMIS = 'virtualmachineinstances.kubevirt.io';
const SILENT_MS = 301_000;

let cluster: ReturnType<typeof createCluster>;
let nodes: VirtNodes;
let deadNodes: DeadNodes;

beforeEach(() => {
  cluster = createCluster({ directory: undefined });
  cluster.create('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'away' } });
  const heartbeat = { 'kubevirt.io/heartbeat': clock.now().toISOString() };
  cluster.create('nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', annotations: heartbeat, labels: { 'kubevirt.io/schedulable': 'true' } },
  });
  deadNodes = new DeadNodes();
  nodes = new VirtNodes(cluster, deadNodes);
});
afterEach(() => {
  nodes.close();
  cluster.close();
  clock.reset();
});

const runInstance = (name: string, node: string) =>
  cluster.create<VirtualMachineInstance>(VMIS, {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: { name, namespace: 'away' },
    spec: { domain: { devices: {} } },
    status: { phase: 'Running', nodeName: node },
  });
const phaseOf = (name: string) => {
  const { phase, reason } = cluster.get<VirtualMachineInstance>(VMIS, 'away', name)?.status ?? {};
  return { phase, reason };
};
const told = () => cluster.list<KubeObject & { message?: string }>('events').map(({ message }) => message);

it('gives a node up whose virt-handler is silent, and fails instances there that have no pod', async () => {
  runInstance('lost', 'node-1');
  runInstance('elsewhere', 'node-2');
  deadNodes.set('node-1', true);
  clock.advance(SILENT_MS);
  await vi.waitFor(() => expect(phaseOf('lost')).toEqual({ phase: 'Failed', reason: 'NodeUnresponsive' }));
  expect(phaseOf('elsewhere')).toEqual({ phase: 'Running', reason: undefined });
  const node = cluster.get<Node>('nodes', undefined, 'node-1');
  expect(node?.metadata.labels).toMatchObject({ 'kubevirt.io/schedulable': 'false' });
  expect(told().sort()).toEqual([
    'virt-handler is not responsive, marking VMI as failed',
    'virt-handler is not responsive, marking node as unresponsive',
  ]);
});

it('leaves an instance alone whose pod may still run', async () => {
  const { metadata } = runInstance('cut-off', 'node-1');
  cluster.create('pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'virt-launcher-cut-off',
      namespace: 'away',
      labels: { 'kubevirt.io': 'virt-launcher', 'kubevirt.io/created-by': metadata.uid },
      ownerReferences: [
        {
          apiVersion: 'kubevirt.io/v1',
          kind: 'VirtualMachineInstance',
          name: 'cut-off',
          uid: metadata.uid,
          controller: true,
        },
      ],
    },
    spec: { nodeName: 'node-1', containers: [] },
    status: { phase: 'Running' },
  });
  deadNodes.set('node-1', true);
  clock.advance(SILENT_MS);
  await vi.waitFor(() => expect(told()).toHaveLength(1));
  expect(phaseOf('cut-off')).toEqual({ phase: 'Running', reason: undefined });
});
