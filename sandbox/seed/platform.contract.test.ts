import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from '../testing';

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
});
afterAll(() => sandbox.close());

const read = async (path: string) => (await sandbox.ask('GET', path)).body;
const PLURALS: Record<string, string> = {
  KubeVirt: 'kubevirts',
  CDI: 'cdis',
  NetworkAddonsConfig: 'networkaddonsconfigs',
};

describe('what a cluster with KubeVirt comes with', () => {
  it('HyperConverged, healthy, that points at what it deployed', async () => {
    const path = '/apis/hco.kubevirt.io/v1beta1/namespaces/kubevirt-hyperconverged/hyperconvergeds';
    const { status } = await read(`${path}/kubevirt-hyperconverged`);
    expect(status.systemHealthStatus).toBe('healthy');
    expect(status.relatedObjects).toHaveLength(3);
    for (const { apiVersion, kind, namespace, name, uid } of status.relatedObjects) {
      const home = namespace ? `namespaces/${namespace}/` : '';
      const found = await read(`/apis/${apiVersion}/${home}${PLURALS[kind]}/${name}`);
      expect([kind, found.metadata.uid]).toEqual([kind, uid]);
    }
  });

  it('KubeVirt, which knows the generation of each of its workloads', async () => {
    const { status } = await read('/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt');
    expect(status.observedDeploymentID).toBe(status.targetDeploymentID);
    expect(status.generations).toContainEqual({
      ...{
        group: 'apps',
        lastGeneration: 1,
        name: 'virt-handler',
        namespace: 'kubevirt',
        resource: 'daemonsets',
      },
    });
  });

  it.each([
    ['cdi', 'deployments', 'cdi-deployment'],
    ['cdi', 'deployments', 'cdi-uploadproxy'],
    ['cluster-network-addons', 'deployments', 'kubemacpool-mac-controller-manager'],
    ['cluster-network-addons', 'daemonsets', 'multus'],
    ['kubevirt-hyperconverged', 'deployments', 'hco-operator'],
  ])('%s, whose %s have pods that are ready: %s', async (namespace, plural, name) => {
    const { status } = await read(`/apis/apps/v1/namespaces/${namespace}/${plural}/${name}`);
    expect(status.readyReplicas ?? status.numberReady).toBeGreaterThan(0);
  });

  it('boot images that are ready to be cloned, with the instance type they go with', async () => {
    const path = '/apis/cdi.kubevirt.io/v1beta1/namespaces/boot-images/datasources';
    const { body } = await sandbox.until(
      () => sandbox.ask('GET', path),
      (answer) =>
        answer.body.items.every(
          ({ status }: { status?: { conditions: { status: string }[] } }) =>
            status?.conditions[0]?.status === 'True',
        ),
      'all images are ready',
    );
    for (const { metadata } of body.items) {
      expect(metadata.labels).toHaveProperty(['instancetype.kubevirt.io/default-preference']);
    }
  });
});

describe('a sandbox of Kubernetes and KubeVirt alone', () => {
  let bare: TestSandbox;
  beforeAll(async () => {
    bare = await TestSandbox.start({ kubevirtOnly: true });
    await bare.createNamespace('lab');
  });
  afterAll(() => bare.close());

  it('has CDI’s kinds, and nobody who would fill a DataVolume or may use one', async () => {
    const volumes = '/apis/cdi.kubevirt.io/v1beta1/namespaces/lab/datavolumes';
    expect((await bare.ask('GET', volumes)).status).toBe(200);
    expect((await bare.ask('GET', '/api/v1/namespaces/cdi')).status).toBe(404);
    expect(
      (await bare.ask('GET', '/apis/rbac.authorization.k8s.io/v1/clusterroles/cdi.kubevirt.io:edit')).status,
    ).toBe(404);
  });

  it('has no kinds of add-ons that nobody installed', async () => {
    for (const group of ['k8s.cni.cncf.io', 'hco.kubevirt.io']) {
      expect((await bare.ask('GET', `/apis/${group}`)).status).toBe(404);
    }
    const services = await bare.ask('GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1.k8s.cni.cncf.io');
    expect(services.status).toBe(404);
  });

  it('leaves a claim without a class pending, and the VM on it unschedulable', async () => {
    await bare.ask('POST', '/api/v1/namespaces/lab/persistentvolumeclaims', {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'waits' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    const vm = testVm('waiting', 'Always', (spec) => {
      spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'waits' } }];
    });
    await bare.createVm(vm, 'lab');
    await bare.untilStatus('lab', 'waiting', 'ErrorUnschedulable');
  });
});
