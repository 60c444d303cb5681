import { execFile } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { STEP_MS, type Typist } from './guests/testing';
import { testVm } from './testing';
import { SandboxProcess } from './testing-process';

const NS = 'networks';
const ATTACHMENTS = `/apis/k8s.cni.cncf.io/v1/namespaces/${NS}/network-attachment-definitions`;
const SERVICES = `/api/v1/namespaces/${NS}/services`;
const VMS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachines`;
const VMIS = `/apis/kubevirt.io/v1/namespaces/${NS}/virtualmachineinstances`;
const LAN = { cniVersion: '1.0.0', type: 'bridge', bridge: 'br1' };
const LEASED = { ...LAN, bridge: 'br2', ipam: { type: 'host-local', subnet: '10.20.0.0/24' } };

const setUp = await promisify(execFile)(process.execPath, ['tools/guest-packages.mjs']).then(
  () => true,
  (error: { stderr?: string }) => {
    console.warn(`Guests are not tested: ${error.stderr}`);
    return false;
  },
);

/** A VM with a card on each of `networks`, whose second card has an address by its network data. */
function guest(name: string, networks: string[], address: string): object {
  return testVm(name, 'Always', ({ domain, volumes, networks: all }) => {
    for (const network of networks) {
      domain.devices.interfaces.push({ name: network, bridge: {} });
      all.push({ name: network, multus: { networkName: network } });
    }
    const ethernets: Record<string, object> = { eth0: { dhcp4: true }, eth1: { addresses: [address] } };
    if (networks.length > 1) ethernets.eth2 = { dhcp4: true };
    domain.devices.disks.push({ name: 'cloudinit', disk: { bus: 'virtio' } });
    volumes.push({
      name: 'cloudinit',
      cloudInitNoCloud: {
        userData: `#cloud-config\npassword: fedora\nchpasswd: { expire: false }\nwrite_files:\n  - {path: /srv/index.html, content: "I am ${name}"}\nruncmd:\n  - httpd -p 8080 -h /srv\n`,
        networkData: JSON.stringify({ version: 2, ethernets }),
      },
    });
  });
}

describe.runIf(setUp)('machines on secondary networks', () => {
  let sandbox: SandboxProcess;
  const typists = new Map<string, Typist>();

  const at = (name: string): Typist => {
    const found = typists.get(name);
    if (!found) throw new Error(`nobody sits at ${name}`);
    return found;
  };
  const cardsOf = async (name: string) =>
    (await sandbox.ask('GET', `${VMIS}/${name}`)).body?.status?.interfaces ?? [];

  beforeAll(async () => {
    sandbox = await SandboxProcess.start();
    await sandbox.ask('POST', '/api/v1/namespaces', { metadata: { name: NS } });
    const definitions = { lan: LAN, other: { ...LAN, vlan: 7 }, leased: LEASED };
    for (const [name, config] of Object.entries(definitions)) {
      const made = await sandbox.ask('POST', ATTACHMENTS, {
        apiVersion: 'k8s.cni.cncf.io/v1',
        kind: 'NetworkAttachmentDefinition',
        metadata: { name },
        spec: { config: JSON.stringify(config) },
      });
      expect(made.status).toBe(201);
    }
    await sandbox.ask('POST', VMS, guest('one', ['lan', 'leased'], '10.9.0.1/24'));
    await sandbox.ask('POST', VMS, guest('two', ['lan', 'leased'], '10.9.0.2/24'));
    await sandbox.ask('POST', VMS, guest('apart', ['other'], '10.9.0.3/24'));
    for (const name of ['one', 'two', 'apart']) {
      await vi.waitUntil(
        async () => (await sandbox.ask('GET', `${VMIS}/${name}`)).body?.status?.phase === 'Running',
        { timeout: 2 * STEP_MS, interval: 100 },
      );
      const typist = await sandbox.typistAt(NS, name);
      typists.set(name, typist);
      await typist.login('fedora', 'fedora');
    }
  }, 6 * STEP_MS);

  afterAll(() => sandbox?.close());

  it('reach each other by the addresses of their network data, and by those of DHCP', {
    timeout: 2 * STEP_MS,
  }, async () => {
    expect(await at('one').run('sudo ping -c 2 -W 5 10.9.0.2')).toContain('2 packets received');
    await vi.waitUntil(async () => /inet 10\.20\.0\./.test(await at('two').run('ip addr show eth2')), {
      timeout: STEP_MS,
    });
    const [, address = ''] = /inet (10\.20\.0\.\d+)\/24/.exec(await at('two').run('ip addr show eth2')) ?? [];
    const pods = await sandbox.ask('GET', `/api/v1/namespaces/${NS}/pods`);
    const status = pods.body.items.find(({ metadata }: { metadata: { name: string } }) =>
      metadata.name.includes('two'),
    ).metadata.annotations['k8s.v1.cni.cncf.io/network-status'];
    expect(JSON.parse(status).find(({ name }: { name: string }) => name === `${NS}/leased`).ips).toEqual([
      address,
    ]);
    expect(await at('one').run(`sudo ping -c 1 -W 5 ${address}`)).toContain('1 packets received');
    expect(await at('one').run(`wget -qO- http://${address}:8080`)).toBe('I am two');
  });

  it('do not hear another VLAN of the same bridge', { timeout: STEP_MS }, async () => {
    expect(await at('apart').run('sudo ping -c 1 -W 2 10.9.0.1')).toContain('100% packet loss');
    expect(await at('one').run('sudo ping -c 1 -W 2 10.9.0.3')).toContain('100% packet loss');
    expect(await at('apart').run('ip neigh show 10.9.0.1')).not.toContain('lladdr');
  });

  it('show their cards, the pod network first', { timeout: 2 * STEP_MS }, async () => {
    await vi.waitUntil(
      async () => (await cardsOf('one')).every(({ ipAddress }: { ipAddress?: string }) => ipAddress),
      { timeout: STEP_MS, interval: 200 },
    );
    const [pod, lan, leased] = await cardsOf('one');
    expect(pod).toMatchObject({
      name: 'default',
      infoSource: 'domain, guest-agent',
      podInterfaceName: 'eth0',
    });
    expect(pod.ipAddress).toMatch(/^10\.244\./);
    expect(await at('one').run('ip addr show eth0')).toContain('inet 10.0.2.2/24');
    expect(lan).toMatchObject({
      name: 'lan',
      ipAddress: '10.9.0.1',
      interfaceName: 'eth1',
      infoSource: 'domain, guest-agent, multus-status',
      queueCount: 1,
      linkState: 'up',
    });
    expect(lan.podInterfaceName).toMatch(/^pod[0-9a-f]{11}$/);
    expect(leased.ipAddress).toMatch(/^10\.20\.0\./);
  });

  it('answer on the address, the node port and the names of their services', {
    timeout: 2 * STEP_MS,
  }, async () => {
    const service = (name: string, spec: object) =>
      sandbox.ask('POST', SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
    const ports = [{ name: 'http', port: 8000, targetPort: 8080 }];
    const everybody = { 'kubevirt.io': 'virt-launcher' };
    const web = (await service('web', { type: 'NodePort', selector: everybody, ports })).body.spec;
    await service('one', { clusterIP: 'None', selector: { 'vm.kubevirt.io/name': 'one' }, ports });
    const read = (host: string, port: number) =>
      fetch(`http://${host}:${port}/`, { headers: { connection: 'close' } }).then(
        (answer) => answer.text(),
        () => undefined,
      );
    const address = web.clusterIP.replace(/^10/, '127');
    await vi.waitUntil(() => read(address, 8000), { timeout: STEP_MS, interval: 200 });
    // In turn: as many answers as machines, each another one's.
    const turns = [await read(address, 8000), await read(address, 8000), await read(address, 8000)];
    expect(new Set(turns)).toEqual(new Set(['I am one', 'I am two', 'I am apart']));
    expect(await read('127.0.0.1', web.ports[0].nodePort)).toMatch(/^I am /);

    const resolver = new Resolver();
    resolver.setServers([(await readFile(path.join(sandbox.directory, 'dns'), 'utf8')).trim()]);
    const domain = `${NS}.svc.cluster.local`;
    expect(await resolver.resolve4(`web.${domain}`)).toEqual([address]);
    await vi.waitUntil(() => resolver.resolve4(`one.${domain}`).catch(() => undefined), { timeout: STEP_MS });
    const [host = ''] = await resolver.resolve4(`one.${domain}`);
    expect(await read(host, 8080)).toBe('I am one');
    const [found] = await resolver.resolveSrv(`_http._tcp.one.${domain}`);
    expect(found).toMatchObject({ port: 8080 });
    expect(await resolver.resolve4(found?.name ?? '')).toEqual([host]);
    await expect(resolver.resolve4(`nosuch.${domain}`)).rejects.toThrow('ENOTFOUND');

    const { subsets } = (await sandbox.ask('GET', `/api/v1/namespaces/${NS}/endpoints/web`)).body;
    expect(subsets[0].addresses).toHaveLength(3);
    expect(subsets[0].addresses.every(({ ip }: { ip: string }) => ip.startsWith('10.244.'))).toBe(true);
  });

  it('are reached through the API: by port-forward of machine and pod, and by its proxy', {
    timeout: STEP_MS,
  }, async () => {
    const subresource = `/apis/subresources.kubevirt.io/v1/namespaces/${NS}/virtualmachineinstances/one/portforward/8080`;
    expect(await sandbox.httpOver(subresource, ['plain.kubevirt.io'])).toContain('I am one');
    const pods = await sandbox.ask(
      'GET',
      `/api/v1/namespaces/${NS}/pods?labelSelector=vm.kubevirt.io%2Fname%3Done`,
    );
    const [{ metadata }] = pods.body.items;
    const pod = `/api/v1/namespaces/${NS}/pods/${metadata.name}`;
    const forwarded = await sandbox.httpOver(`${pod}/portforward?ports=8080`, ['v4.channel.k8s.io']);
    expect(forwarded).toContain('I am one');
    expect((await sandbox.ask('GET', `${SERVICES}/one:http/proxy/index.html`)).text).toBe('I am one');
    expect((await sandbox.ask('GET', `${SERVICES}/one:http/proxy/nosuch`)).status).toBe(404);
    const podProxy = pod.replace(metadata.name, `${metadata.name}:8080`);
    expect((await sandbox.ask('GET', `${podProxy}/proxy/`)).text).toBe('I am one');
    const closed = await sandbox.ask('GET', `${podProxy.replace(/8080$/, '8081')}/proxy/`);
    expect(closed.status).toBe(503);
    expect(closed.body.message).toMatch(
      /^error trying to reach service: dial tcp 10\.244\..*: connection refused$/,
    );
  });

  it('have the cable of a card pulled and put in again', { timeout: 2 * STEP_MS }, async () => {
    const { body: vm } = await sandbox.ask('GET', `${VMS}/one`);
    const { domain } = vm.spec.template.spec;
    const setState = async (state: string) => {
      const interfaces = domain.devices.interfaces.map((card: { name: string }) =>
        card.name === 'lan' ? { ...card, state } : card,
      );
      const spec = { template: { spec: { domain: { devices: { interfaces } } } } };
      expect((await sandbox.ask('PATCH', `${VMS}/one`, { spec })).status).toBe(200);
      await vi.waitUntil(
        async () =>
          (await at('one').run('cat /sys/class/net/eth1/carrier')).startsWith(state === 'up' ? '1' : '0'),
        { timeout: STEP_MS, interval: 200 },
      );
      expect((await cardsOf('one')).find(({ name }: { name: string }) => name === 'lan').linkState).toBe(
        state,
      );
    };
    await setState('down');
    expect(await at('one').run('sudo ping -c 1 -W 1 10.9.0.2')).toContain('100% packet loss');
    await setState('up');
    expect(await at('one').run('sudo ping -c 1 -W 5 10.9.0.2')).toContain('1 packets received');
  });

  it('get one more card by a migration, and keep those they had', { timeout: 3 * STEP_MS }, async () => {
    const { body: vm } = await sandbox.ask('GET', `${VMS}/apart`);
    const { domain, networks } = vm.spec.template.spec;
    const interfaces = [...domain.devices.interfaces, { name: 'lan', bridge: {} }];
    const all = [...networks, { name: 'lan', multus: { networkName: 'lan' } }];
    const spec = { template: { spec: { domain: { devices: { interfaces } }, networks: all } } };
    expect((await sandbox.ask('PATCH', `${VMS}/apart`, { spec })).status).toBe(200);
    await vi.waitUntil(
      async () =>
        (await cardsOf('apart')).some(
          ({ name, interfaceName }: { name?: string; interfaceName?: string }) =>
            name === 'lan' && interfaceName === 'eth2',
        ),
      { timeout: 2 * STEP_MS, interval: 200 },
    );
    const typist = await sandbox.typistAt(NS, 'apart');
    typist.type('\necho "an""other process"\n');
    await typist.until(/another process/);
    await typist.run('sudo ip addr add 10.9.0.9/24 dev eth2; sudo ip addr del 10.9.0.3/24 dev eth1');
    expect(await typist.run('sudo ping -c 1 -W 5 10.9.0.1')).toContain('1 packets received');
    const absent = interfaces.map((card) => (card.name === 'lan' ? { ...card, state: 'absent' } : card));
    const without = { template: { spec: { domain: { devices: { interfaces: absent } } } } };
    expect((await sandbox.ask('PATCH', `${VMS}/apart`, { spec: without })).status).toBe(200);
    await vi.waitUntil(async () => !(await typist.run('ls /sys/class/net')).includes('eth2'), {
      timeout: STEP_MS,
      interval: 200,
    });
    await vi.waitUntil(
      async () => !(await cardsOf('apart')).some(({ name }: { name?: string }) => name === 'lan'),
      { timeout: STEP_MS, interval: 200 },
    );
  });

  it('go on reaching each other when the sandbox was killed and started anew', {
    timeout: 2 * STEP_MS,
  }, async () => {
    const boot = await at('two').run('cat /proc/sys/kernel/random/boot_id');
    await sandbox.kill();
    await sandbox.startAgain();
    const again = await sandbox.typistAt(NS, 'two');
    // The scroll-back comes first, with all that was asked before.
    again.type('echo "new ""sandbox"\n');
    await again.until(/new sandbox/);
    await vi.waitUntil(
      async () => (await again.run('sudo ping -c 1 -W 2 10.9.0.1')).includes('1 packets received'),
      { timeout: STEP_MS },
    );
    expect(await again.run('cat /proc/sys/kernel/random/boot_id')).toBe(boot);
  });
});
