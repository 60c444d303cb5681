import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';

const CORE = '/api/v1/namespaces';
let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  for (const name of ['tight', 'ranged', 'shop', 'machines']) await sandbox.createNamespace(name);
});
afterAll(() => sandbox.close());

function pod(name: string, resources: object = {}, more: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { containers: [{ name: 'main', image: 'registry.example.org/app:1', resources }], ...more },
  };
}

const create = (namespace: string, plural: string, kind: string, name: string, spec: object) =>
  sandbox.ask('POST', `${CORE}/${namespace}/${plural}`, { apiVersion: 'v1', kind, metadata: { name }, spec });

describe('a quota', () => {
  it('refuses what would go beyond it, in the words of the apiserver', async () => {
    const hard = { 'requests.memory': '3Gi', pods: '5', 'requests.storage': '10Gi', 'count/configmaps': '1' };
    await create('tight', 'resourcequotas', 'ResourceQuota', 'q', { hard });
    const fits = await sandbox.ask('POST', `${CORE}/tight/pods`, pod('a', { requests: { memory: '2Gi' } }));
    expect(fits.status).toBe(201);
    const over = await sandbox.ask(
      'POST',
      `${CORE}/tight/pods`,
      pod('b', { requests: { memory: '2048Mi' } }),
    );
    expect(over.status).toBe(403);
    expect(over.body.message).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.memory=2Gi, used: requests.memory=2Gi, limited: requests.memory=3Gi',
    );
    const silent = await sandbox.ask('POST', `${CORE}/tight/pods`, pod('c'));
    expect(silent.body.message).toBe(
      'pods "c" is forbidden: failed quota: q: must specify requests.memory for: main',
    );
    const claim = await create('tight', 'persistentvolumeclaims', 'PersistentVolumeClaim', 'big', {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '11Gi' } },
    });
    expect(claim.body.message).toBe(
      'persistentvolumeclaims "big" is forbidden: exceeded quota: q, requested: requests.storage=11Gi, used: requests.storage=0, limited: requests.storage=10Gi',
    );
    // The CA bundle that every namespace has is the one that may be there.
    const map = await sandbox.ask('POST', `${CORE}/tight/configmaps`, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'more' },
    });
    expect(map.status).toBe(403);
  });

  it('reports what is used', async () => {
    const { body } = await sandbox.until(
      () => sandbox.ask('GET', `${CORE}/tight/resourcequotas/q`),
      (answer) => answer.body.status?.used?.pods === '1',
      'the pod is counted',
    );
    expect(body.status.used).toEqual({
      'requests.memory': '2Gi',
      pods: '1',
      'requests.storage': '0',
      'count/configmaps': '1',
    });
  });

  it('keeps a VM from starting, which the instance says, until there is room', async () => {
    await sandbox.createVm(
      testVm('vm', 'Always', (spec) => {
        spec.domain.resources.requests.memory = '4Gi';
      }),
      'tight',
    );
    const { body: vmi } = await sandbox.until(
      () => sandbox.vmi('tight', 'vm'),
      ({ body }) =>
        body?.status?.conditions?.some((one: { reason?: string }) => one.reason === 'FailedCreate'),
      'its pod is refused',
    );
    const said = vmi.status.conditions.find((one: { type: string }) => one.type === 'Synchronized');
    expect(said.message).toMatch(
      /^failed to create virtual machine pod: pods "virt-launcher-vm-\w{5}" is forbidden: exceeded quota: q, requested: requests.memory=/,
    );
    const { body: vm } = await sandbox.untilStatus('tight', 'vm', 'Starting');
    expect(vm.status.created).toBe(true);
    const events = await sandbox.ask('GET', `${CORE}/tight/events?fieldSelector=reason%3DFailedCreate`);
    expect(events.body.items[0]).toMatchObject({
      type: 'Warning',
      involvedObject: { kind: 'VirtualMachineInstance' },
    });
    await sandbox.ask('DELETE', `${CORE}/tight/resourcequotas/q`);
    await sandbox.untilStatus('tight', 'vm', 'Running');
  });
});

describe('a missing priority class', () => {
  it('keeps the pod of a VM away', async () => {
    await sandbox.createVm(
      testVm('urgent', 'Always', (spec) => {
        Object.assign(spec, { priorityClassName: 'nope' });
      }),
      'machines',
    );
    const { body } = await sandbox.until(
      () => sandbox.vmi('machines', 'urgent'),
      (answer) =>
        answer.body?.status?.conditions?.some((one: { reason?: string }) => one.reason === 'FailedCreate'),
      'its pod is refused',
    );
    const said = body.status.conditions.find((one: { type: string }) => one.type === 'Synchronized');
    expect(said.message).toContain('is forbidden: no PriorityClass with name nope was found');
  });
});

describe('a limit range', () => {
  it('fills in what is not said and refuses what is out of bounds', async () => {
    const range = await create('ranged', 'limitranges', 'LimitRange', 'l', {
      limits: [
        { type: 'Container', min: { memory: '100Mi' }, max: { memory: '1Gi' }, default: { memory: '512Mi' } },
        { type: 'PersistentVolumeClaim', min: { storage: '1Gi' } },
      ],
    });
    expect(range.body.spec.limits[0]).toEqual({
      type: 'Container',
      min: { memory: '100Mi' },
      max: { memory: '1Gi' },
      default: { memory: '512Mi' },
      defaultRequest: { memory: '512Mi' },
    });
    const filled = await sandbox.ask('POST', `${CORE}/ranged/pods`, pod('a'));
    expect(filled.body.spec.containers[0].resources).toEqual({
      limits: { memory: '512Mi' },
      requests: { memory: '512Mi' },
    });
    expect(filled.body.metadata.annotations['kubernetes.io/limit-ranger']).toBe(
      'LimitRanger plugin set: memory request for container main; memory limit for container main',
    );
    const small = await sandbox.ask(
      'POST',
      `${CORE}/ranged/pods`,
      pod('b', { requests: { memory: '50Mi' } }),
    );
    expect(small.status).toBe(403);
    expect(small.body.message).toBe(
      'pods "b" is forbidden: minimum memory usage per Container is 100Mi, but request is 50Mi',
    );
    const large = await sandbox.ask('POST', `${CORE}/ranged/pods`, pod('c', { limits: { memory: '2Gi' } }));
    expect(large.body.message).toContain('maximum memory usage per Container is 1Gi, but limit is 2Gi');
    const claim = await create('ranged', 'persistentvolumeclaims', 'PersistentVolumeClaim', 'tiny', {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '500Mi' } },
    });
    expect(claim.body.message).toBe(
      'persistentvolumeclaims "tiny" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
    );
  });
});

describe('eviction', () => {
  const evict = (namespace: string, name: string, more: object = {}) =>
    sandbox.ask('POST', `${CORE}/${namespace}/pods/${name}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name, namespace },
      ...more,
    });

  it('waits for the disruption budget', async () => {
    const labels = { app: 'web' };
    const spec = {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'web', image: 'registry.example.org/web:1' }] },
      },
    };
    await sandbox.ask('POST', '/apis/apps/v1/namespaces/shop/deployments', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec,
    });
    await sandbox.ask('POST', '/apis/policy/v1/namespaces/shop/poddisruptionbudgets', {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
    });
    const budget = () => sandbox.ask('GET', '/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web');
    await sandbox.until(
      budget,
      ({ body }) => body.status?.disruptionsAllowed === 1,
      'one disruption is allowed',
    );
    const { body: pods } = await sandbox.ask('GET', `${CORE}/shop/pods`);
    const [first, second] = pods.items.map((one: { metadata: { name: string } }) => one.metadata.name);
    const gone = await evict('shop', first);
    expect([gone.status, gone.body.status]).toEqual([201, 'Success']);
    const refused = await evict('shop', second);
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
    });
    await sandbox.until(budget, ({ body }) => body.status.disruptionsAllowed === 1, 'the replacement is up');
    expect((await evict('shop', second)).status).toBe(201);
  });

  it('asks a guest that can move to move first', async () => {
    await sandbox.createVm(
      testVm('mover', 'Always', (spec) => {
        Object.assign(spec, { evictionStrategy: 'LiveMigrate' });
      }),
      'machines',
    );
    await sandbox.untilStatus('machines', 'mover', 'Running');
    const { body: pods } = await sandbox.ask(
      'GET',
      `${CORE}/machines/pods?labelSelector=vm.kubevirt.io%2Fname%3Dmover`,
    );
    const { name } = pods.items[0].metadata;
    const { body: vmi } = await sandbox.vmi('machines', 'mover');
    const movable = vmi.status.conditions.find((one: { type: string }) => one.type === 'LiveMigratable');
    const dry = await evict('machines', name, { deleteOptions: { dryRun: ['All'] } });
    const answer = await evict('machines', name);
    for (const one of [dry, answer]) {
      expect(one.status).toBe(429);
      expect(one.body.message).toBe(
        movable.status === 'True'
          ? 'admission webhook "virt-launcher-eviction-interceptor.kubevirt.io" denied the request: Eviction triggered evacuation of VMI "machines/mover"'
          : 'admission webhook "virt-launcher-eviction-interceptor.kubevirt.io" denied the request: VMI mover is configured with an eviction strategy but is not live-migratable',
      );
    }
    expect(movable.status).toBe('True');
    const { body: marked } = await sandbox.vmi('machines', 'mover');
    expect(marked.status.evacuationNodeName).toBe(pods.items[0].spec.nodeName);
    // What it has left may be evicted: a drain comes to its end.
    const empty = await sandbox.until(
      () => evict('machines', name),
      ({ status }) => status === 201,
      'the launcher that the guest has left goes',
    );
    expect(empty.body.status).toBe('Success');
  });
});

describe('scale', () => {
  it('shows and sets the replicas of a deployment', async () => {
    const where = '/apis/apps/v1/namespaces/shop/deployments/web/scale';
    const { body } = await sandbox.ask('GET', where);
    expect(body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { selector: 'app=web' },
    });
    const patched = await sandbox.ask('PATCH', where, { spec: { replicas: 3 } });
    expect(patched.body.spec.replicas).toBe(3);
    await sandbox.until(
      () => sandbox.ask('GET', where),
      (answer) => answer.body.status.replicas === 3,
      'there are three',
    );
    const negative = await sandbox.ask('PATCH', where, { spec: { replicas: -1 } });
    expect(negative.status).toBe(422);
  });

  it('assigns a node by hand, once', async () => {
    await sandbox.ask('POST', `${CORE}/shop/pods`, pod('manual', {}, { schedulerName: 'nobody' }));
    const bind = () =>
      sandbox.ask('POST', `${CORE}/shop/pods/manual/binding`, {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'manual' },
        target: { kind: 'Node', name: 'node-2' },
      });
    expect((await bind()).status).toBe(201);
    expect((await bind()).body.message).toContain('pod manual is already assigned to node "node-2"');
  });
});

describe('priority', () => {
  it('makes room for what matters more', async () => {
    const needs = (cpu: string) => ({ requests: { cpu } });
    const here = { nodeSelector: { 'kubernetes.io/hostname': 'node-3' } };
    await sandbox.ask('POST', `${CORE}/shop/pods`, pod('filler', needs('15'), here));
    const read = (name: string) => sandbox.ask('GET', `${CORE}/shop/pods/${name}`);
    await sandbox.until(
      () => read('filler'),
      ({ body }) => body.status.phase === 'Running',
      'the filler runs',
    );
    const rank = { ...here, priorityClassName: 'system-cluster-critical' };
    await sandbox.ask('POST', `${CORE}/shop/pods`, pod('critical', needs('8'), rank));
    await sandbox.until(
      () => read('critical'),
      ({ body }) => body.status.phase === 'Running',
      'the critical pod runs',
    );
    expect((await read('filler')).status).toBe(404);
    const events = await sandbox.ask('GET', `${CORE}/shop/events?fieldSelector=reason%3DPreempted`);
    expect(events.body.items[0].message).toMatch(/^Preempted by pod [-\w]+ on node node-3$/);
  });
});
