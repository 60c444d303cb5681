import { expect, it } from 'vitest';
import type { KubeObject } from './objects';
import { createCluster } from './store';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'a' }] },
};

interface Entry {
  manager: string;
  operation: string;
  subresource?: string;
  fieldsV1: Record<string, unknown>;
}

function entriesOf(object: KubeObject | undefined): Entry[] {
  return (object?.metadata.managedFields ?? []) as Entry[];
}

it('records what a component writes, its status under the subresource, and the rest as it was', () => {
  const cluster = createCluster({ directory: undefined });
  cluster.as('virt-controller').create('pods', POD);
  const updated = cluster.as('kubelet').update('pods', 'default', 'web', (pod) => {
    pod.metadata.labels = { seen: 'yes' };
    pod.status = { phase: 'Running', podIPs: [{ ip: '10.0.0.1' }] };
  });
  const kubelet = entriesOf(updated).filter(({ manager }) => manager === 'kubelet');
  expect(kubelet).toMatchObject([
    { operation: 'Update', fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:seen': {} } } } },
    {
      operation: 'Update',
      subresource: 'status',
      fieldsV1: {
        'f:status': {
          'f:phase': {},
          'f:podIPs': { '.': {}, 'k:{"ip":"10.0.0.1"}': { '.': {}, 'f:ip': {} } },
        },
      },
    },
  ]);
  expect(entriesOf(updated)[0]).toMatchObject({
    manager: expect.stringMatching(/kubelet|virt-controller/),
  });
  const same = cluster.as('kubelet').update('pods', 'default', 'web', () => undefined);
  expect(same).toBe(updated);
  cluster.close();
});

it('leaves alone what nobody tracks', () => {
  const cluster = createCluster({ directory: undefined });
  cluster.create('pods', POD);
  const updated = cluster.as('kubelet').update('pods', 'default', 'web', (pod) => {
    pod.status = { phase: 'Running' };
  });
  expect(updated?.metadata.managedFields).toBeUndefined();
  cluster.close();
});
