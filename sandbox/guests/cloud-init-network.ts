import { asList, asText, asTexts, isRecord, type Json, readMapping } from './cloud-config';
import type { Digest } from './cloud-init-users';
import { shellCommand } from './shell';

function lower(value: unknown): string {
  return (asText(value) ?? '').toLowerCase();
}

function prefixLength(netmask: string): number {
  return netmask
    .split('.')
    .map((part) => Number(part).toString(2).replaceAll('0', '').length)
    .reduce((sum, ones) => sum + ones, 0);
}

function gateway(lines: string[], name: string, mac: string, via: unknown): void {
  const address = asText(via);
  if (address) lines.push(shellCommand('ci_route', name, mac, 'default', address));
}

/** Version 2: netplan's `ethernets`. Bonds, bridges and VLANs are not for this guest. */
function versionTwo(config: Json, digest: Digest): string[] {
  const lines: string[] = [];
  for (const [name, entry] of Object.entries(isRecord(config.ethernets) ? config.ethernets : {})) {
    if (!isRecord(entry)) continue;
    const mac = isRecord(entry.match) ? lower(entry.match.macaddress) : '';
    if (entry.dhcp4 === true) lines.push(shellCommand('ci_dhcp_on', name, mac));
    for (const address of asTexts(entry.addresses))
      lines.push(shellCommand('ci_address', name, mac, address));
    gateway(lines, name, mac, entry.gateway4);
    for (const route of asList(entry.routes)) {
      if (!isRecord(route)) continue;
      const to = asText(route.to) === '0.0.0.0/0' ? 'default' : asText(route.to);
      if (to) lines.push(shellCommand('ci_route', name, mac, to, asText(route.via) ?? ''));
    }
    const servers = isRecord(entry.nameservers) ? asTexts(entry.nameservers.addresses) : [];
    for (const server of servers) lines.push(shellCommand('ci_nameserver', server));
  }
  for (const kind of ['bonds', 'bridges', 'vlans', 'wifis']) {
    if (config[kind] !== undefined) digest.warn(`network-config: the sandbox guest knows no ${kind}`);
  }
  return lines;
}

/** Version 1: a list of `physical` devices with subnets, and name servers. */
function versionOne(config: Json, digest: Digest): string[] {
  const lines: string[] = [];
  for (const entry of asList(config.config)) {
    if (!isRecord(entry)) continue;
    const type = asText(entry.type) ?? '';
    const name = asText(entry.name) ?? '';
    const mac = lower(entry.mac_address);
    if (type === 'nameserver') {
      for (const server of asTexts(entry.address)) lines.push(shellCommand('ci_nameserver', server));
    } else if (type === 'physical') {
      for (const subnet of asList(entry.subnets)) {
        if (!isRecord(subnet)) continue;
        if (/^dhcp/.test(asText(subnet.type) ?? '')) lines.push(shellCommand('ci_dhcp_on', name, mac));
        const address = asText(subnet.address);
        const mask = asText(subnet.netmask);
        if (address) {
          const prefix = address.includes('/') || !mask ? '' : `/${prefixLength(mask)}`;
          lines.push(shellCommand('ci_address', name, mac, `${address}${prefix}`));
        }
        gateway(lines, name, mac, subnet.gateway);
        for (const server of asTexts(subnet.dns_nameservers))
          lines.push(shellCommand('ci_nameserver', server));
      }
    } else {
      digest.warn(`network-config: the sandbox guest knows no devices of the type "${type}"`);
    }
  }
  return lines;
}

/**
 * The lines of the function `ci_network`, or undefined when every card shall ask by DHCP (no configuration, or one
 * that cannot be read, as cloud-init falls back to).
 */
export function digestNetwork(digest: Digest, text: string | undefined): string[] | undefined {
  if (!text?.trim()) return undefined;
  const { mapping, warning } = readMapping(text);
  if (warning) digest.warn(`network-config: ${warning}`);
  if (!mapping) return undefined;
  const config = isRecord(mapping.network) ? mapping.network : mapping;
  if (config.config === 'disabled') return [':'];
  const version = Number(asText(config.version));
  if (version !== 1 && version !== 2) {
    digest.warn('network-config: version must be 1 or 2');
    return undefined;
  }
  const lines = version === 1 ? versionOne(config, digest) : versionTwo(config, digest);
  return lines.length > 0 ? lines : undefined;
}
