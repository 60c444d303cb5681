import type { ClusterApi } from '../../api/objects';
import type { Lease } from '../../guests/segments/dhcp';
import { type LinkStatus, linksOf } from '../multus';
import type { Pod, VirtualMachineInstance } from '../types';
import {
  ATTACHMENT_DEFINITIONS,
  type AttachmentDefinition,
  type GuestLink,
  type PluginConfig,
  pluginOf,
  segmentOf,
} from './attachment-config';

/**
 * What a launcher's links to secondary networks lead to, by their names in the pod (`podLinkName`). Links whose
 * definition has gone meanwhile are missing.
 */
export function guestLinks(
  cluster: ClusterApi,
  vmi: VirtualMachineInstance,
  pod: Pod,
): ReadonlyMap<string, GuestLink> {
  const links = new Map<string, GuestLink>();
  for (const link of linksOf(pod)) {
    const [namespace = '', name = ''] = link.name.split('/');
    const definition = cluster.get<AttachmentDefinition>(ATTACHMENT_DEFINITIONS, namespace, name);
    const plugin = definition && readable(definition);
    if (!definition || !plugin || !link.interface) continue;
    const lease = leaseOf(link, plugin, vmi.spec.hostname ?? vmi.metadata.name);
    links.set(link.interface, { segment: segmentOf(definition, plugin), ...(lease ? { lease } : {}) });
  }
  return links;
}

function readable(definition: AttachmentDefinition): PluginConfig | undefined {
  try {
    return pluginOf(definition);
  } catch {
    return undefined;
  }
}

function leaseOf({ ips, gateway }: LinkStatus, plugin: PluginConfig, hostname: string): Lease | undefined {
  const own = ips?.find((ip) => !ip.includes(':'));
  if (own === undefined) return undefined;
  const { ipam, mtu } = plugin;
  const dns = ipam?.dns ?? plugin.dns ?? {};
  const [router] = gateway ?? [];
  const routes = (ipam?.routes ?? []).flatMap(({ dst, gw }) => {
    const via = gw ?? router;
    return dst && via && !dst.includes(':') ? [{ to: dst, via }] : [];
  });
  // A gateway alone is the pod's neighbour; the guest sends there only what a route says.
  const byDefault = routes.find(({ to }) => to === '0.0.0.0/0')?.via;
  const others = routes.filter(({ to }) => to !== '0.0.0.0/0');
  return {
    address: own.split('/')[0] ?? own,
    prefix: prefixOf(plugin),
    hostname,
    ...(byDefault ? { gateway: byDefault } : {}),
    ...(others.length > 0 ? { routes: others } : {}),
    ...(dns.nameservers ? { servers: dns.nameservers.filter((server) => !server.includes(':')) } : {}),
    ...(dns.search ? { search: dns.search } : {}),
    ...(dns.domain ? { domain: dns.domain } : {}),
    ...(mtu ? { mtu } : {}),
  };
}

/** The network-status annotation gives addresses without their prefix: the definition has it. */
function prefixOf({ ipam, subnets }: PluginConfig): number {
  const ranges = ipam?.ranges?.flat() ?? [];
  const texts = [
    ipam?.subnet,
    ranges[0]?.subnet,
    ipam?.range,
    ipam?.addresses?.[0]?.address,
    subnets?.split(',')[0],
  ];
  const length = texts.find((text) => text?.includes('/'))?.split('/')[1];
  return length === undefined ? 24 : Number(length);
}
