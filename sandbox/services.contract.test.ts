import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestSandbox, testVm } from './testing';

const NS = 'services';
const CORE = `/api/v1/namespaces/${NS}`;
const SLICES = `/apis/discovery.k8s.io/v1/namespaces/${NS}/endpointslices`;
const DEFINITIONS = `/apis/k8s.cni.cncf.io/v1/namespaces/${NS}/network-attachment-definitions`;

let sandbox: TestSandbox;

beforeAll(async () => {
  sandbox = await TestSandbox.start();
  await sandbox.createNamespace(NS);
});
afterAll(() => sandbox.close());

const service = (name: string, spec: object) =>
  sandbox.ask('POST', `${CORE}/services`, { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
const podOf = async (name: string) =>
  (await sandbox.ask('GET', `${CORE}/pods?labelSelector=vm.kubevirt.io%2Fname%3D${name}`)).body.items[0];
const eventsOf = (name: string, reason: string) =>
  sandbox.until(
    () =>
      sandbox.ask('GET', `${CORE}/events?fieldSelector=involvedObject.name%3D${name}%2Creason%3D${reason}`),
    ({ body }) => body.items.length > 0,
    `${name} is told ${reason}`,
  );

it('a service follows a machine: its address, its named port, its readiness and its end', async () => {
  await service('web', { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] });
  const none = await sandbox.until(
    () => sandbox.ask('GET', `${CORE}/endpoints/web`),
    ({ status }) => status === 200,
    'the service has Endpoints',
  );
  expect(none.body.subsets).toBeUndefined();
  const vm = testVm('web', 'Always', ({ domain }) => {
    domain.devices.interfaces = [{ name: 'default', masquerade: {}, ports: [{ name: 'http', port: 8080 }] }];
  });
  expect((await sandbox.createVm(vm, NS)).status).toBe(201);
  await sandbox.untilStatus(NS, 'web', 'Running');
  const { body } = await sandbox.until(
    () => sandbox.ask('GET', `${CORE}/endpoints/web`),
    ({ body }) => body.subsets?.[0]?.addresses !== undefined,
    'the machine is behind the service',
  );
  const { podIP } = (await podOf('web')).status;
  expect(body.subsets).toMatchObject([
    { addresses: [{ ip: podIP }], ports: [{ port: 8080, protocol: 'TCP' }] },
  ]);
  const slices = await sandbox.ask('GET', `${SLICES}?labelSelector=kubernetes.io%2Fservice-name%3Dweb`);
  expect(slices.body.items).toMatchObject([
    {
      addressType: 'IPv4',
      endpoints: [{ addresses: [podIP], conditions: { ready: true, terminating: false } }],
    },
  ]);

  // A paused guest is not ready, so the service leads elsewhere.
  await sandbox.actOnInstance(NS, 'web', 'pause');
  await sandbox.until(
    () => sandbox.ask('GET', `${CORE}/endpoints/web`),
    ({ body }) => body.subsets?.[0]?.notReadyAddresses?.[0]?.ip === podIP,
    'the paused machine is not ready',
  );
  await sandbox.deleteVm(NS, 'web');
  await sandbox.until(
    () => sandbox.ask('GET', `${CORE}/endpoints/web`),
    ({ body }) => body.subsets === undefined,
    'nobody is behind the service',
  );
  await sandbox.ask('DELETE', `${CORE}/services/web`);
  await sandbox.until(
    () => sandbox.ask('GET', SLICES),
    ({ body }) => body.items.length === 0,
    'the slices are gone',
  );
  await sandbox.until(
    () => sandbox.ask('GET', `${CORE}/endpoints/web`),
    ({ status }) => status === 404,
    'the Endpoints are gone',
  );
});

it('the names of services are answered on the loopback interface, on a port that stays', async () => {
  const { clusterIP } = (await service('named', { ports: [{ port: 8080 }] })).body.spec;
  const where = () => readFile(path.join(sandbox.directory, 'dns'), 'utf8');
  const before = await where();
  await sandbox.restart();
  expect(await where()).toBe(before);
  const resolver = new Resolver();
  resolver.setServers([before.trim()]);
  const name = `named.${NS}.svc.cluster.local`;
  expect(await resolver.resolve4(name)).toEqual([clusterIP.replace(/^10/, '127')]);
  await expect(resolver.resolve4(`nosuch.${NS}.svc.cluster.local`)).rejects.toThrow('ENOTFOUND');
});

it('a network policy says that nobody enforces it', async () => {
  await sandbox.ask('POST', `/apis/networking.k8s.io/v1/namespaces/${NS}/networkpolicies`, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'deny' },
    spec: { podSelector: {} },
  });
  const { body } = await eventsOf('deny', 'NotEnforced');
  expect(body.items[0].message).toContain('does not enforce them');
});

it('a network with addresses gives each pod one, until there is none left', async () => {
  const ipam = {
    type: 'whereabouts',
    range: '10.30.0.0/24',
    range_start: '10.30.0.5',
    range_end: '10.30.0.5',
  };
  await sandbox.ask('POST', DEFINITIONS, {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: 'lan' },
    spec: { config: JSON.stringify({ cniVersion: '1.0.0', type: 'bridge', bridge: 'br1', ipam }) },
  });
  const attached = (name: string) =>
    testVm(name, 'Always', ({ domain, networks }) => {
      domain.devices.interfaces.push({ name: 'lan', bridge: {}, macAddress: '02:00:00:00:0a:0b' });
      networks.push({ name: 'lan', multus: { networkName: 'lan' } });
    });
  await sandbox.createVm(attached('first'), NS);
  await sandbox.untilStatus(NS, 'first', 'Running');
  const { metadata } = await podOf('first');
  const status = JSON.parse(metadata.annotations['k8s.v1.cni.cncf.io/network-status']);
  expect(status[1]).toMatchObject({ name: `${NS}/lan`, ips: ['10.30.0.5'], mac: '02:00:00:00:0a:0b' });
  const { body } = await sandbox.vmi(NS, 'first');
  expect(body.status.interfaces[1]).toMatchObject({ name: 'lan', mac: '02:00:00:00:0a:0b', linkState: 'up' });
  await sandbox.createVm(attached('second'), NS);
  await sandbox.until(
    () =>
      podOf('second').then(async (pod) =>
        sandbox.ask(
          'GET',
          `${CORE}/events?fieldSelector=involvedObject.name%3D${pod?.metadata.name ?? 'none'}%2Creason%3DFailedCreatePodSandBox`,
        ),
      ),
    ({ body: found }) =>
      found.items?.[0]?.message.includes('Could not allocate IP in range: 10.30.0.5-10.30.0.5'),
    'the second pod gets no address',
  );
  await sandbox.deleteVm(NS, 'first');
  await sandbox.untilStatus(NS, 'second', 'Running');
});
