import type { AddressRange, Ipam, PluginConfig } from './attachment-config';

/** Addresses of secondary networks, as host-local, whereabouts, static and OVN's own subnets give them. IPv4 only. */

export interface Given {
  address: string;
  prefix: number;
  gateway?: string;
}

interface Pool {
  first: number;
  last: number;
  prefix: number;
  gateway?: string;
  /** Whether the gateway's address is never handed out: whereabouts leaves that to `exclude`. */
  keepsGateway: boolean;
}

const BITS = 32;

/**
 * An address for a pod that is attached: undefined where the network gives none.
 * @param taken The addresses that other pods have on the network.
 * @param asked What the pod's own annotation asks for.
 * @throws an Error in the plugin's words when there is none left.
 */
export function giveAddress(
  plugin: PluginConfig,
  taken: ReadonlySet<string>,
  asked: readonly string[] = [],
): Given | undefined {
  const { ipam } = plugin;
  if (ipam?.type === 'static') return staticAddress(ipam, asked);
  const pools = poolsOf(plugin);
  if (pools.length === 0) return undefined;
  const [wanted] = asked;
  for (const { first, last, prefix, gateway, keepsGateway } of pools) {
    for (let number = first; number <= last; number += 1) {
      const address = dotted(number);
      if (taken.has(address) || (keepsGateway && address === gateway) || isExcluded(plugin, number)) continue;
      if (wanted !== undefined && wanted.split('/')[0] !== address) continue;
      return { address, prefix, ...(gateway ? { gateway } : {}) };
    }
  }
  const shown = pools.map(({ first, last }) => `${dotted(first)}-${dotted(last)}`).join(',');
  throw new Error(
    ipam?.type === 'whereabouts'
      ? `Error at storage engine: Could not allocate IP in range: ${shown}`
      : `failed to allocate for range 0: no IP addresses available in range set: ${shown}`,
  );
}

function staticAddress({ addresses = [] }: Ipam, asked: readonly string[]): Given | undefined {
  const all = [...asked.map((address): { address: string; gateway?: string } => ({ address })), ...addresses];
  const own = all.find(({ address }) => isIpv4(address?.split('/')[0]));
  if (!own?.address) return undefined;
  const [address = '', prefix = '24'] = own.address.split('/');
  return { address, prefix: Number(prefix), ...(own.gateway ? { gateway: own.gateway } : {}) };
}

function poolsOf({ type, ipam, subnets }: PluginConfig): Pool[] {
  if (type === 'ovn-k8s-cni-overlay') {
    return (subnets ?? '').split(',').flatMap((subnet) => pool({ subnet: subnet.trim() }, true));
  }
  if (ipam?.type === 'host-local') {
    const ranges = ipam.ranges?.flat() ?? [ipam];
    return ranges.flatMap((range) => {
      const made = pool(range, true);
      // Its gateway is the first address unless it says another.
      return made.map((one) => ({ ...one, gateway: range.gateway ?? dotted(one.first) }));
    });
  }
  if (ipam?.type !== 'whereabouts' || !ipam.range) return [];
  const [from, to] = ipam.range.includes('-') ? ipam.range.split('-') : [undefined, ipam.range];
  const [end, length] = (to ?? '').split('/');
  const subnet = `${from ?? end}/${length}`;
  const rangeStart = ipam.range_start ?? from;
  const rangeEnd = ipam.range_end ?? (from === undefined ? undefined : end);
  return pool(
    {
      subnet,
      ...(rangeStart ? { rangeStart } : {}),
      ...(rangeEnd ? { rangeEnd } : {}),
      ...(ipam.gateway ? { gateway: ipam.gateway } : {}),
    },
    false,
  );
}

function pool({ subnet = '', rangeStart, rangeEnd, gateway }: AddressRange, keepsGateway: boolean): Pool[] {
  const [base = '', length = ''] = subnet.split('/');
  const prefix = Number(length);
  if (!isIpv4(base) || length === '' || !(prefix >= 0 && prefix <= BITS)) return [];
  const size = 2 ** (BITS - prefix);
  const network = Math.floor(number(base) / size) * size;
  const first = isIpv4(rangeStart) ? number(rangeStart) : network + 1;
  const last = isIpv4(rangeEnd) ? number(rangeEnd) : network + size - 2;
  return [{ first, last, prefix, keepsGateway, ...(gateway ? { gateway } : {}) }];
}

function isExcluded({ ipam, excludeSubnets }: PluginConfig, address: number): boolean {
  const excluded = [...(ipam?.exclude ?? []), ...(excludeSubnets ?? '').split(',').filter(Boolean)];
  return excluded.some((range) => {
    const [base = '', length = String(BITS)] = range.trim().split('/');
    const size = 2 ** (BITS - Number(length));
    return isIpv4(base) && Math.floor(number(base) / size) === Math.floor(address / size);
  });
}

function isIpv4(text: string | undefined): text is string {
  const parts = (text ?? '').split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

const number = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}
