import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@/lib/k8s/json';
import { expectFieldsToKeep } from '../testing';
import { NETWORK_FIELDS } from './network-fields';
import { nicProblems, placesOf } from './nic-problems';
import {
  bindingOf,
  generateMac,
  hasImplicitNic,
  NICS,
  portsOf,
  withBinding,
  withImplicitNic,
  withInterface,
  withNewNic,
  withNic,
  withNicName,
  withoutNics,
  withPorts,
  withTarget,
} from './nics';

const vmWith = (
  interfaces?: JsonObject[],
  networks?: JsonObject[],
  devices: JsonObject = {},
): JsonObject => ({
  spec: {
    template: {
      spec: {
        domain: { devices: { ...devices, ...(interfaces ? { interfaces } : {}), rng: {} } },
        ...(networks ? { networks } : {}),
      },
    },
  },
});
const TWO = vmWith(
  [
    { name: 'default', masquerade: {}, ports: [{ name: 'ssh', port: 22, extra: 1 }], dhcpOptions: { x: 1 } },
    { name: 'lan', bridge: {}, macAddress: '02:00:00:aa:bb:cc', pciAddress: '0000:81:01.0', unknown: true },
  ],
  // In another order than the interfaces.
  [
    { name: 'lan', multus: { networkName: 'prod/lan', default: false } },
    { name: 'default', pod: { vmNetworkCIDR: '10.0.0.0/24' } },
  ],
);
const words = (vm: JsonObject) =>
  nicProblems(vm).map(({ index, about, message }) => [index, about, message.key]);

describe('NICS', () => {
  it('keeps whatever it does not change', () => {
    expectFieldsToKeep([...NETWORK_FIELDS], [TWO]);
  });

  it('joins interfaces and networks by name and changes one of them alone', () => {
    const nics = NICS.read(TWO);
    expect(nics.map((nic) => [nic.interface?.name, nic.network?.name])).toEqual([
      ['default', 'default'],
      ['lan', 'lan'],
    ]);
    const changed = withNic(TWO, 1, (nic) => withInterface(nic, 'model', 'e1000e'));
    expect(NICS.read(changed)[0]).toEqual(nics[0]);
    expect(NICS.read(changed)[1]?.interface).toEqual({ ...nics[1]?.interface, model: 'e1000e' });
    expect(withNic(changed, 1, (nic) => withInterface(nic, 'model', ''))).toEqual(TWO);
  });

  it('keeps the order of the networks', () => {
    const renamed = withNic(TWO, 0, (nic) => withNicName(nic, 'main'));
    const networks = NICS.read(renamed).map(({ network }) => network?.name);
    expect(networks).toEqual(['main', 'lan']);
    expect(placesOf(TWO, NICS.read(TWO)[0] ?? { interface: undefined, network: undefined })).toEqual([
      'spec.template.spec.domain.devices.interfaces[0]',
      'spec.template.spec.networks[1]',
    ]);
  });

  it('writes the card that KubeVirt would give by itself before it adds another', () => {
    expect(hasImplicitNic(vmWith())).toBe(true);
    const made = withNewNic(vmWith(), { kind: 'multus', name: 'lan' });
    expect(NICS.read(made)).toEqual([
      { interface: { name: 'default', masquerade: {} }, network: { name: 'default', pod: {} } },
      { interface: { name: 'net1', bridge: {} }, network: { name: 'net1', multus: { networkName: 'lan' } } },
    ]);
    expect(nicProblems(made)).toEqual([]);
  });

  it('has no card at all when the last one goes', () => {
    const one = withImplicitNic(vmWith());
    const none = withNic(one, 0, () => undefined);
    expect(hasImplicitNic(none)).toBe(false);
    expect(none).toEqual(withoutNics(vmWith()));
    expect(withNewNic(none, { kind: 'pod' })).toEqual(one);
  });
});

describe('withTarget', () => {
  it('takes a binding that fits and keeps what else the card says', () => {
    const lan = NICS.read(TWO)[1];
    if (!lan) throw new Error('no card');
    const pod = withTarget(lan, { kind: 'pod' });
    expect(pod).toMatchObject({
      interface: { bridge: {}, unknown: true },
      network: { name: 'lan', pod: {} },
    });
    const sriov = withTarget(withBinding(lan, { kind: 'sriov', name: '' }), { kind: 'pod' });
    expect(bindingOf(sriov).kind).toBe('masquerade');
    const other = withTarget(lan, { kind: 'multus', name: 'x' });
    expect(other.network).toEqual({ name: 'lan', multus: { networkName: 'x', default: false } });
    expect(bindingOf(withBinding(lan, { kind: 'plugin', name: 'passt' }))).toEqual({
      kind: 'plugin',
      name: 'passt',
    });
  });
});

describe('ports', () => {
  it('keep what else an entry says', () => {
    const [nic] = NICS.read(TWO);
    if (!nic) throw new Error('no card');
    expect(withPorts(nic, portsOf(nic), [0])).toEqual(nic);
    const made = withPorts(nic, [...portsOf(nic), { name: '', port: 53, protocol: 'UDP' }], [0, undefined]);
    expect(made.interface?.ports).toEqual([
      { name: 'ssh', port: 22, extra: 1 },
      { port: 53, protocol: 'UDP' },
    ]);
  });
});

describe('nicProblems', () => {
  const card = (iface: JsonObject, network: JsonObject = { pod: {} }) =>
    vmWith([{ name: 'a', masquerade: {}, ...iface }], [{ name: 'a', ...network }]);

  it('finds nothing wrong with what KubeVirt takes', () => {
    expect(nicProblems(TWO)).toEqual([]);
    expect(nicProblems({})).toEqual([]);
  });

  it.each<[string, JsonObject, unknown]>([
    [
      'the name',
      card({ name: 'a b' }, { name: 'a b', pod: {} }),
      [[0, 'name', 'networks.problem.nameLetters']],
    ],
    [
      'names that do not meet',
      card({}, { name: 'b', pod: {} }),
      [
        [0, 'network', 'networks.problem.noNetwork'],
        [0, 'binding', 'networks.problem.masquerade'],
        [1, 'network', 'networks.problem.noInterface'],
      ],
    ],
    ['multus', card({}, { multus: { networkName: 'x' } }), [[0, 'binding', 'networks.problem.masquerade']]],
    [
      'no name of a network',
      card({ masquerade: undefined, bridge: {} }, { multus: {} }),
      [[0, 'network', 'networks.problem.noNetworkName']],
    ],
    ['no binding', card({ masquerade: undefined }), [[0, 'binding', 'networks.problem.noBinding']]],
    ['slirp', card({ masquerade: undefined, slirp: {} }), [[0, 'binding', 'networks.problem.gone']]],
    ['model', card({ model: 'x' }), [[0, 'model', 'networks.problem.model']]],
    ['MAC', card({ macAddress: '02:zz' }), [[0, 'mac', 'networks.problem.mac']]],
    ['MAC of many', card({ macAddress: '03:00:00:00:00:01' }), [[0, 'mac', 'networks.problem.macMany']]],
    [
      'MAC of KubeVirt',
      card({ macAddress: '02:00:00:00:00:00' }),
      [[0, 'mac', 'networks.problem.macReserved']],
    ],
    ['state', card({ state: 'absent' }), [[0, 'state', 'networks.problem.absentBridge']]],
    ['port', card({ ports: [{ port: 70000 }] }), [[0, 'ports', 'networks.problem.port']]],
    [
      'ports of one name',
      card({
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      }),
      [[0, 'ports', 'networks.problem.portTwice']],
    ],
    ['PCI', card({ pciAddress: 'x' }), [[0, 'pci', 'networks.problem.pci']]],
    [
      'pod twice',
      vmWith(
        [
          { name: 'a', masquerade: {} },
          { name: 'b', masquerade: {} },
        ],
        [
          { name: 'a', pod: {} },
          { name: 'b', pod: {} },
        ],
      ),
      [[1, 'network', 'networks.problem.podTwice']],
    ],
  ])('names what is wrong with %s', (_name, vm, found) => {
    expect(words(vm)).toEqual(found);
  });

  it('makes addresses that are right', () => {
    for (let round = 0; round < 50; round += 1) {
      const macAddress = generateMac();
      expect(macAddress).toMatch(/^02(:[0-9a-f]{2}){5}$/);
      expect(nicProblems(card({ macAddress }))).toEqual([]);
    }
  });
});
