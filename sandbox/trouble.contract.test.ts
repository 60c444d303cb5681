import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm, type VmSpec } from './testing';

const NS = 'trouble';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const create = (name: string, change: (spec: VmSpec) => void) =>
  sandbox.createVm(testVm(name, 'Always', change), NS);
const conditionOf = (
  body: { status?: { conditions?: { type: string; message?: string }[] } },
  type: string,
) => body.status?.conditions?.find((condition) => condition.type === type);

describe('what keeps a VM from running', () => {
  it('no node is large enough', async () => {
    await create('huge', ({ domain }) => {
      domain.resources.requests.memory = '900Gi';
    });
    const { body } = await sandbox.untilStatus(NS, 'huge', 'ErrorUnschedulable');
    expect(conditionOf(body, 'PodScheduled')?.message).toMatch(
      /^0\/3 nodes are available: 3 Insufficient memory\./,
    );
  });

  it('no node has the label; it runs as soon as one does', async () => {
    await create('picky', (spec) => {
      spec.nodeSelector = { disk: 'fast' };
    });
    const { body } = await sandbox.untilStatus(NS, 'picky', 'ErrorUnschedulable');
    expect(conditionOf(body, 'PodScheduled')?.message).toContain(
      "3 node(s) didn't match Pod's node affinity/selector",
    );
    await sandbox.ask('PATCH', '/api/v1/nodes/node-2', { metadata: { labels: { disk: 'fast' } } });
    await sandbox.untilStatus(NS, 'picky', 'Running');
    expect((await sandbox.vmi(NS, 'picky')).body.status.nodeName).toBe('node-2');
  });

  it('the image cannot be pulled', async () => {
    await create('imageless', (spec) => {
      spec.volumes = [{ name: 'root', containerDisk: { image: 'registry.example.invalid/disks/fedora:1' } }];
    });
    const { body } = await sandbox.untilStatus(NS, 'imageless', 'ImagePullBackOff');
    expect(conditionOf(body, 'Synchronized')?.message).toContain(
      'lookup registry.example.invalid: no such host',
    );
  });

  it('a claim is missing; it runs as soon as the claim is there', async () => {
    await create('claimless', (spec) => {
      spec.volumes = [{ name: 'root', persistentVolumeClaim: { claimName: 'late' } }];
    });
    const { body } = await sandbox.untilStatus(NS, 'claimless', 'ErrorPvcNotFound');
    const message = `PVC ${NS}/late does not exist, waiting for it to appear`;
    expect(conditionOf(body, 'Synchronized')?.message).toBe(message);
    await sandbox.ask('POST', `/api/v1/namespaces/${NS}/persistentvolumeclaims`, claim('late', 'local'));
    await sandbox.untilStatus(NS, 'claimless', 'Running');
    const bound = await sandbox.ask('GET', `/api/v1/namespaces/${NS}/persistentvolumeclaims/late`);
    expect(bound.body.status.phase).toBe('Bound');
  });

  it('a cloud-init secret is missing: it stays Starting until the secret is there', async () => {
    await create('secretless', ({ volumes, domain }) => {
      volumes.push({ name: 'seed', cloudInitNoCloud: { secretRef: { name: 'late' } } });
      domain.devices.disks.push({ name: 'seed', disk: { bus: 'virtio' } });
    });
    await sandbox.until(
      () => sandbox.ask('GET', `/api/v1/namespaces/${NS}/events`),
      ({ text }) => text.includes('MountVolume.SetUp failed for volume \\"seed-udata\\"'),
      'the kubelet complains',
    );
    expect((await sandbox.vm(NS, 'secretless')).body.status.printableStatus).toBe('Starting');
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'late' },
      stringData: { userdata: '#cloud-config' },
    };
    await sandbox.ask('POST', `/api/v1/namespaces/${NS}/secrets`, secret);
    await sandbox.untilStatus(NS, 'secretless', 'Running');
  });

  it('a secondary network is missing: it stays Starting until the network is there', async () => {
    await create('netless', ({ networks, domain }) => {
      networks.push({ name: 'n2', multus: { networkName: 'nowhere' } });
      domain.devices.interfaces.push({ name: 'n2', bridge: {} });
    });
    const events = `/api/v1/namespaces/${NS}/events?fieldSelector=reason%3DFailedCreatePodSandBox`;
    const { body } = await sandbox.until(
      () => sandbox.ask('GET', events),
      (answer) => answer.body.items.length > 0,
      'the failure shows on the pod',
    );
    expect(body.items[0].message).toContain(
      `cannot find a network-attachment-definition (nowhere) in namespace (${NS})`,
    );
    expect((await sandbox.vm(NS, 'netless')).body.status.printableStatus).toBe('Starting');
    await sandbox.ask('POST', `/apis/k8s.cni.cncf.io/v1/namespaces/${NS}/network-attachment-definitions`, {
      apiVersion: 'k8s.cni.cncf.io/v1',
      kind: 'NetworkAttachmentDefinition',
      metadata: { name: 'nowhere' },
      spec: { config: '{"cniVersion":"0.3.1","type":"bridge","bridge":"br1"}' },
    });
    await sandbox.untilStatus(NS, 'netless', 'Running');
    const { body: vmi } = await sandbox.vmi(NS, 'netless');
    expect(vmi.status.interfaces).toContainEqual({
      name: 'n2',
      mac: expect.stringMatching(/^02(:[0-9a-f]{2}){5}$/),
      linkState: 'up',
      queueCount: 1,
      podInterfaceName: 'pod0480a93d2e9',
      infoSource: 'domain, multus-status',
    });
  });

  it('nobody attaches pods to networks: it stays Starting, and the instance says why', async () => {
    const sets = '/apis/apps/v1/namespaces/cluster-network-addons/daemonsets/multus';
    await sandbox.ask('DELETE', sets, { propagationPolicy: 'Foreground' });
    await sandbox.until(
      () => sandbox.ask('GET', '/api/v1/pods?labelSelector=name%3Dmultus'),
      ({ body }) => body.items.length === 0,
      'Multus is gone',
    );
    await create('linkless', ({ networks, domain }) => {
      networks.push({ name: 'n2', multus: { networkName: 'nowhere' } });
      domain.devices.interfaces.push({ name: 'n2', bridge: {} });
    });
    const { body } = await sandbox.until(
      () => sandbox.vm(NS, 'linkless'),
      (answer) => conditionOf(answer.body, 'Synchronized') !== undefined,
      'the failure shows',
    );
    expect(body.status.printableStatus).toBe('Starting');
    expect(conditionOf(body, 'Synchronized')?.message).toContain('pod link (pod0480a93d2e9) is missing');
  });

  it('its pod is lost before the guest ever ran: it backs off before the next start', async () => {
    await create('podless', (spec) => {
      spec.nodeSelector = { disk: 'nowhere' };
    });
    await sandbox.untilStatus(NS, 'podless', 'ErrorUnschedulable');
    const pods = `/api/v1/namespaces/${NS}/pods`;
    const { body } = await sandbox.ask('GET', `${pods}?labelSelector=vm.kubevirt.io/name%3Dpodless`);
    await sandbox.ask('DELETE', `${pods}/${body.items[0].metadata.name}`, { gracePeriodSeconds: 0 });
    const looping = await sandbox.untilStatus(NS, 'podless', 'CrashLoopBackOff');
    expect(looping.body.status.startFailure.consecutiveFailCount).toBe(1);
  });

  it('the instance type is unknown', async () => {
    const vm = testVm('typeless', 'Always') as { spec: Record<string, unknown> };
    vm.spec.instancetype = { name: 'nope' };
    const domain = (vm.spec.template as { spec: { domain: { resources?: object } } }).spec.domain;
    delete domain.resources;
    await sandbox.createVm(vm, NS);
    const { body } = await sandbox.until(
      () => sandbox.vm(NS, 'typeless'),
      (answer) => conditionOf(answer.body, 'Failure') !== undefined,
      'the failure shows',
    );
    expect(conditionOf(body, 'Failure')).toMatchObject({ reason: 'FailedFindInstancetype' });
    expect(body.status.printableStatus).toBe('Stopped');
  });
});

it('puts nothing on a cordoned node', async () => {
  for (const name of ['node-1', 'node-3']) {
    await sandbox.ask('PATCH', `/api/v1/nodes/${name}`, { spec: { unschedulable: true } });
  }
  await create('herded', () => {});
  await sandbox.untilStatus(NS, 'herded', 'Running');
  expect((await sandbox.vmi(NS, 'herded')).body.status.nodeName).toBe('node-2');
});

it('deletes a claim only when no pod needs it', async () => {
  await sandbox.ask('POST', `/api/v1/namespaces/${NS}/persistentvolumeclaims`, claim('held', 'standard'));
  await create('holder', ({ volumes, domain }) => {
    volumes.push({ name: 'data', persistentVolumeClaim: { claimName: 'held' } });
    domain.devices.disks.push({ name: 'data', disk: { bus: 'virtio' } });
  });
  await sandbox.untilStatus(NS, 'holder', 'Running');
  const where = `/api/v1/namespaces/${NS}/persistentvolumeclaims/held`;
  await sandbox.ask('DELETE', where);
  expect((await sandbox.ask('GET', where)).body.metadata.deletionTimestamp).toBeDefined();
  await sandbox.deleteVm(NS, 'holder');
  await sandbox.until(
    () => sandbox.ask('GET', where),
    ({ status }) => status === 404,
    'the claim has gone',
  );
});

function claim(name: string, storageClassName: string): object {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName },
  };
}
