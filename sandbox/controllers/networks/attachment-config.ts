import type { KubeObject } from '../../api/objects';
import type { Lease } from '../../guests/segments/dhcp';

/** What NetworkAttachmentDefinitions say, in the words of the CNI plugins that read them. */

export const ATTACHMENT_DEFINITIONS = 'network-attachment-definitions.k8s.cni.cncf.io';

export interface AttachmentDefinition extends KubeObject {
  spec?: { config?: string };
}

interface Route {
  dst?: string;
  gw?: string;
}

/** One range of host-local. */
export interface AddressRange {
  subnet?: string;
  rangeStart?: string;
  rangeEnd?: string;
  gateway?: string;
}

/** The union of what host-local, whereabouts and static read. */
export interface Ipam extends AddressRange {
  type?: string;
  ranges?: AddressRange[][];
  routes?: Route[];
  range?: string;
  range_start?: string;
  range_end?: string;
  exclude?: string[];
  addresses?: { address?: string; gateway?: string }[];
  dns?: Dns;
}

interface Dns {
  nameservers?: string[];
  domain?: string;
  search?: string[];
}

export interface PluginConfig {
  type?: string;
  name?: string;
  bridge?: string;
  vlan?: number;
  vlanId?: number;
  vlanID?: number;
  master?: string;
  device?: string;
  mtu?: number;
  topology?: string;
  physicalNetworkName?: string;
  subnets?: string;
  excludeSubnets?: string;
  ipam?: Ipam;
  dns?: Dns;
}

/** Where a guest's card on a secondary network leads. */
export interface GuestLink {
  segment: string;
  /** The pod's address on it, which KubeVirt's bridge binding hands on to the guest by DHCP. */
  lease?: Lease;
}

/**
 * The first plugin of a definition's configuration: the one that makes the link. Others (tuning and the like) change
 * what it made.
 * @throws a SyntaxError when the configuration is no JSON.
 */
export function pluginOf({ spec }: AttachmentDefinition): PluginConfig {
  const config: PluginConfig & { plugins?: PluginConfig[] } = JSON.parse(spec?.config || '{}') ?? {};
  const [first] = Array.isArray(config.plugins) ? config.plugins : [];
  return first ? { ...first, ...(config.name ? { name: config.name } : {}) } : config;
}

/**
 * Which layer-2 network a definition leads to. Two that name the same bridge and VLAN lead to the same network, as they
 * do on nodes; the same bridge with another VLAN is another network. A bridge is taken to reach all nodes, as one with
 * an uplink does. What is not known by what it hangs on is a network of its own.
 */
export function segmentOf(definition: AttachmentDefinition, plugin: PluginConfig): string {
  const { type, vlan, vlanId, vlanID, bridge, master, device, name } = plugin;
  const tag = vlan || vlanId || vlanID;
  const tagged = (base: string) => (tag ? `${base} vlan ${tag}` : base);
  switch (type) {
    case 'bridge':
    case 'cnv-bridge':
      return tagged(`bridge ${bridge ?? 'cni0'}`);
    case 'ovs':
      return tagged(`ovs ${bridge ?? ''}`);
    case 'macvlan':
    case 'ipvlan':
    case 'vlan':
      return tagged(`link ${master ?? 'eth0'}`);
    case 'host-device':
      return tagged(`device ${device ?? ''}`);
    case 'ovn-k8s-cni-overlay':
      return plugin.topology === 'localnet'
        ? tagged(`localnet ${plugin.physicalNetworkName ?? name ?? ''}`)
        : `ovn ${name ?? ''}`;
    default:
      return tagged(`${definition.metadata.namespace}/${definition.metadata.name}`);
  }
}
