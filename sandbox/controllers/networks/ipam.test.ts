import { describe, expect, it } from 'vitest';
import { type AttachmentDefinition, pluginOf, segmentOf } from './attachment-config';
import { giveAddress } from './ipam';

const definition = (config: object, name = 'lan'): AttachmentDefinition => ({
  apiVersion: 'k8s.cni.cncf.io/v1',
  kind: 'NetworkAttachmentDefinition',
  metadata: { name, namespace: 'dev', uid: name, resourceVersion: '1', creationTimestamp: '' },
  spec: { config: JSON.stringify(config) },
});
const segment = (config: object, name?: string) => {
  const made = definition(config, name);
  return segmentOf(made, pluginOf(made));
};

describe('the network that a definition leads to', () => {
  it('is the bridge with its VLAN, whatever the definition is called', () => {
    const bridge = { type: 'cnv-bridge', bridge: 'br1' };
    expect(segment({ ...bridge, vlan: 7 }, 'a')).toBe(
      segment({ plugins: [{ ...bridge, vlan: 7 }, { type: 'tuning' }] }, 'b'),
    );
    expect(segment(bridge)).not.toBe(segment({ ...bridge, vlan: 7 }));
    expect(segment({ ...bridge, vlan: 0 })).toBe(segment({ ...bridge, type: 'bridge' }));
    expect(segment({ type: 'bridge', bridge: 'br2' })).not.toBe(segment(bridge));
    expect(segment({ type: 'ovs', bridge: 'br1' })).not.toBe(segment(bridge));
  });

  it('is what a localnet or another plugin hangs on, else the definition itself', () => {
    const ovn = { type: 'ovn-k8s-cni-overlay', name: 'net' };
    expect(segment({ ...ovn, topology: 'localnet', physicalNetworkName: 'phys', vlanID: 3 })).toBe(
      'localnet phys vlan 3',
    );
    expect(segment({ ...ovn, topology: 'layer2' })).toBe('ovn net');
    expect(segment({ type: 'macvlan', master: 'eth1' })).toBe('link eth1');
    expect(segment({ type: 'sriov' }, 'a')).not.toBe(segment({ type: 'sriov' }, 'b'));
  });
});

describe('the address of a pod on a network', () => {
  it('comes from host-local: the first free one after the gateway', () => {
    const plugin = { ipam: { type: 'host-local', subnet: '10.10.0.0/29' } };
    expect(giveAddress(plugin, new Set())).toEqual({
      address: '10.10.0.2',
      prefix: 29,
      gateway: '10.10.0.1',
    });
    expect(giveAddress(plugin, new Set(['10.10.0.2']))?.address).toBe('10.10.0.3');
    const all = new Set([2, 3, 4, 5, 6].map((last) => `10.10.0.${last}`));
    expect(() => giveAddress(plugin, all)).toThrow(
      'no IP addresses available in range set: 10.10.0.1-10.10.0.6',
    );
    const ranges = [[{ subnet: '10.10.0.0/24', rangeStart: '10.10.0.100', gateway: '10.10.0.254' }]];
    expect(giveAddress({ ipam: { type: 'host-local', ranges } }, new Set())).toEqual({
      address: '10.10.0.100',
      prefix: 24,
      gateway: '10.10.0.254',
    });
  });

  it('comes from whereabouts, without what it excludes', () => {
    const ipam = { type: 'whereabouts', range: '192.168.2.224/28', exclude: ['192.168.2.224/30'] };
    expect(giveAddress({ ipam }, new Set())).toEqual({ address: '192.168.2.228', prefix: 28 });
    const range = { ...ipam, range: '192.168.2.40-192.168.2.41/24', exclude: [] };
    expect(giveAddress({ ipam: range }, new Set(['192.168.2.40']))?.address).toBe('192.168.2.41');
    expect(() => giveAddress({ ipam: range }, new Set(['192.168.2.40', '192.168.2.41']))).toThrow(
      'Could not allocate IP in range: 192.168.2.40-192.168.2.41',
    );
  });

  it('is the static one, one that the pod asks for, or none', () => {
    const ipam = { type: 'static', addresses: [{ address: '10.1.0.5/16', gateway: '10.1.0.1' }] };
    expect(giveAddress({ ipam }, new Set())).toEqual({
      address: '10.1.0.5',
      prefix: 16,
      gateway: '10.1.0.1',
    });
    const local = { ipam: { type: 'host-local', subnet: '10.10.0.0/24' } };
    expect(giveAddress(local, new Set(), ['10.10.0.77/24'])?.address).toBe('10.10.0.77');
    expect(giveAddress({ type: 'bridge', bridge: 'br1' }, new Set())).toBeUndefined();
    expect(giveAddress({ type: 'ovn-k8s-cni-overlay', subnets: '10.2.0.0/24,fd00::/64' }, new Set())).toEqual(
      {
        address: '10.2.0.1',
        prefix: 24,
      },
    );
  });
});
