import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from './testing';

const APPS = '/apis/apps/v1/namespaces';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace('shop');
});
afterAll(() => sandbox.close());

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
});

function deployment(name: string, replicas: number, image = 'registry.example.org/web:1'): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { ...template(image), metadata: { labels } },
    },
  };
}

const pods = (namespace: string, labels: string) =>
  sandbox.ask('GET', `/api/v1/namespaces/${namespace}/pods?labelSelector=${encodeURIComponent(labels)}`);
const condition = (object: { status?: { conditions?: { type: string }[] } }, type: string) =>
  object.status?.conditions?.find((one) => one.type === type);

describe('deployments', () => {
  it('own a replica set that owns pods, and report them', async () => {
    await sandbox.ask('POST', `${APPS}/shop/deployments`, deployment('web', 2));
    const { body } = await sandbox.until(
      () => sandbox.ask('GET', `${APPS}/shop/deployments/web`),
      (answer) => answer.body.status?.availableReplicas === 2,
      'both replicas are available',
    );
    expect(body.status).toMatchObject({
      replicas: 2,
      readyReplicas: 2,
      updatedReplicas: 2,
      observedGeneration: 1,
    });
    expect(body.metadata.annotations['deployment.kubernetes.io/revision']).toBe('1');
    const sets = await sandbox.ask('GET', `${APPS}/shop/replicasets?labelSelector=app%3Dweb`);
    const [set] = sets.body.items;
    expect(set.metadata.name).toBe(`web-${set.metadata.labels['pod-template-hash']}`);
    expect(condition(body, 'Progressing')).toMatchObject({
      reason: 'NewReplicaSetAvailable',
      message: `ReplicaSet "${set.metadata.name}" has successfully progressed.`,
    });
    const { body: found } = await pods('shop', 'app=web');
    expect(found.items).toHaveLength(2);
    expect(found.items[0].metadata.ownerReferences[0]).toMatchObject({
      kind: 'ReplicaSet',
      name: set.metadata.name,
    });
    expect(found.items[0].spec.tolerations[0]).toMatchObject({ tolerationSeconds: 300 });
  });

  it('replace a deleted pod', async () => {
    const { body } = await pods('shop', 'app=web');
    const [gone] = body.items;
    await sandbox.ask('DELETE', `/api/v1/namespaces/shop/pods/${gone.metadata.name}`);
    await sandbox.until(
      () => pods('shop', 'app=web'),
      ({ body: now }) =>
        now.items.length === 2 &&
        now.items.every(
          (pod: { metadata: { uid: string }; status: { phase: string } }) =>
            pod.metadata.uid !== gone.metadata.uid && pod.status.phase === 'Running',
        ),
      'another pod runs in its place',
    );
  });

  it('roll a new template out and the old one back', async () => {
    const image = (wanted: string) =>
      sandbox.ask('PATCH', `${APPS}/shop/deployments/web`, { spec: { template: template(wanted) } });
    const rolledOut = (revision: string) =>
      sandbox.until(
        () => sandbox.ask('GET', `${APPS}/shop/deployments/web`),
        ({ body }) =>
          body.metadata.annotations['deployment.kubernetes.io/revision'] === revision &&
          body.status.observedGeneration === body.metadata.generation &&
          body.status.updatedReplicas === 2 &&
          body.status.replicas === 2 &&
          body.status.availableReplicas === 2,
        `revision ${revision} is complete`,
      );
    await image('registry.example.org/web:2');
    await rolledOut('2');
    const sets = await sandbox.ask('GET', `${APPS}/shop/replicasets?labelSelector=app%3Dweb`);
    expect(sets.body.items.map((set: { spec: { replicas: number } }) => set.spec.replicas).sort()).toEqual([
      0, 2,
    ]);
    await image('registry.example.org/web:1');
    await rolledOut('3');
    const again = await sandbox.ask('GET', `${APPS}/shop/replicasets?labelSelector=app%3Dweb`);
    expect(again.body.items).toHaveLength(2);
  });

  it('say when an image is not to be had', async () => {
    await sandbox.ask('POST', `${APPS}/shop/deployments`, deployment('broken', 1, 'registry.invalid/web:1'));
    const { body } = await sandbox.until(
      () => pods('shop', 'app=broken'),
      (answer) =>
        answer.body.items[0]?.status.containerStatuses?.[0].state.waiting?.reason === 'ImagePullBackOff',
      'the image cannot be pulled',
    );
    expect(body.items[0].status.phase).toBe('Pending');
    const { body: stuck } = await sandbox.ask('GET', `${APPS}/shop/deployments/broken`);
    expect(condition(stuck, 'Available')).toMatchObject({
      status: 'False',
      reason: 'MinimumReplicasUnavailable',
    });
    expect(stuck.status.unavailableReplicas).toBe(1);
  });
});

describe('the platform', () => {
  it('has been up since KubeVirt was installed, and nothing moves at the start', async () => {
    const { body } = await sandbox.ask('GET', `${APPS}/kubevirt/deployments`);
    expect(body.items).toHaveLength(5);
    for (const item of body.items) {
      expect(item.status).toMatchObject({
        replicas: 2,
        readyReplicas: 2,
        availableReplicas: 2,
        updatedReplicas: 2,
      });
    }
    const sets = await sandbox.ask('GET', `${APPS}/kubevirt/replicasets`);
    expect(sets.body.items).toHaveLength(5);
    const { body: api } = await pods('kubevirt', 'kubevirt.io=virt-api');
    expect(api.items).toHaveLength(2);
    for (const pod of api.items) {
      expect(pod.spec.priority).toBe(1_000_000_000);
      expect(Date.now() - Date.parse(pod.metadata.creationTimestamp)).toBeGreaterThan(86_400_000);
    }
  });

  it('brings a deleted virt-handler back to its node', async () => {
    const { body: before } = await pods('kubevirt', 'kubevirt.io=virt-handler');
    expect(before.items).toHaveLength(3);
    const [gone] = before.items;
    await sandbox.ask('DELETE', `/api/v1/namespaces/kubevirt/pods/${gone.metadata.name}`);
    const { body: after } = await sandbox.until(
      () => pods('kubevirt', 'kubevirt.io=virt-handler'),
      ({ body }) =>
        body.items.some(
          (pod: { metadata: { name: string }; spec: { nodeName: string }; status: { phase: string } }) =>
            pod.spec.nodeName === gone.spec.nodeName &&
            pod.metadata.name !== gone.metadata.name &&
            pod.status.phase === 'Running',
        ),
      'a new virt-handler runs there',
    );
    expect(after.items[0].metadata.ownerReferences[0]).toMatchObject({
      kind: 'DaemonSet',
      name: 'virt-handler',
    });
    await sandbox.until(
      () => sandbox.ask('GET', `${APPS}/kubevirt/daemonsets/virt-handler`),
      ({ body }) => body.status.numberReady === 3 && body.status.updatedNumberScheduled === 3,
      'all three are ready',
    );
  });

  it('elects another leader when the one before is gone', async () => {
    const lease = () =>
      sandbox.ask('GET', '/apis/coordination.k8s.io/v1/namespaces/kubevirt/leases/virt-controller');
    const { body } = await sandbox.until(lease, ({ status }) => status === 200, 'there is a leader');
    const holder = body.spec.holderIdentity;
    await sandbox.ask('DELETE', `/api/v1/namespaces/kubevirt/pods/${holder}`);
    const { body: next } = await sandbox.until(
      lease,
      (answer) => answer.body.spec.holderIdentity !== holder,
      'another has the lease',
    );
    expect(next.spec.leaseTransitions).toBe(1);
  });
});

describe('stateful sets and jobs', () => {
  it('number their pods and make their claims', async () => {
    const labels = { app: 'db' };
    await sandbox.ask('POST', `${APPS}/shop/statefulsets`, {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db' },
      spec: {
        replicas: 2,
        serviceName: 'db',
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: 'db', image: 'postgres:17' }] } },
        volumeClaimTemplates: [
          {
            metadata: { name: 'data' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    });
    await sandbox.until(
      () => sandbox.ask('GET', `${APPS}/shop/statefulsets/db`),
      ({ body }) => body.status?.readyReplicas === 2,
      'both are ready',
    );
    const claim = await sandbox.ask('GET', '/api/v1/namespaces/shop/persistentvolumeclaims/data-db-1');
    expect(claim.body.status.phase).toBe('Bound');
  });
});
