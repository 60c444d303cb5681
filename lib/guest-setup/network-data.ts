import { isJsonObject, type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import type { DraftEdit, VmDraft } from '@/lib/kinds/vm/form/field';
import { guestText, withCloudInit, withGuestText } from '@/lib/kinds/vm/form/guest/cloud-init';
import { rewriteConfig, writeConfig } from '@/lib/manifest/cloud-config/rewrite-config';
import { type ConfigReading, readConfig } from '@/lib/manifest/cloud-config/user-data';

/** How a card of the guest gets its address, in the simple cases that a form is for. */
export interface GuestCard {
  /** Its name in the guest, or in version 2 a name of one's own beside a match. */
  name: string;
  /** Which card it is; empty: the one of that name. */
  mac: string;
  dhcp: boolean;
  /** With their lengths (`192.0.2.10/24`), separated by commas. */
  addresses: string;
  gateway: string;
  /** Separated by commas. */
  dns: string;
}

export interface NetworkData {
  content: string | undefined;
  reading: ConfigReading;
  /** Undefined when only the text shows it: bonds, several subnets, a Secret of the cluster, no YAML. */
  cards: readonly GuestCard[] | undefined;
}

export function networkData(draft: VmDraft): NetworkData {
  const { place, content } = guestText(draft, 'networkData');
  const reading = readConfig(content ?? '');
  const isShown = content !== undefined || place.form === 'none';
  return { content, reading, cards: isShown && reading.config ? cardsOf(reading.config) : undefined };
}

/** Changes the network data of a draft; undefined removes it. What its text says besides stays. */
export function onNetworkData(edit: (config: JsonObject) => JsonObject | undefined): DraftEdit {
  return (draft) => {
    const { content, reading, cards } = networkData(draft);
    if (!cards || !reading.config) return draft;
    const after = edit(reading.config);
    if (after === reading.config) return draft;
    if (after === undefined) return withGuestText(draft, 'networkData', undefined);
    const made = content?.trim() ? rewriteConfig(content, after) : writeConfig(after);
    return made === undefined ? draft : withGuestText(withCloudInit(draft), 'networkData', made);
  };
}

/** Some bring a `network:` around it, which cloud-init takes too. */
function rootOf(config: JsonObject): string[] {
  return isJsonObject(config.network) ? ['network'] : [];
}

function cardsOf(config: JsonObject): GuestCard[] | undefined {
  const root = valueAt(config, rootOf(config));
  if (!isJsonObject(root)) return undefined;
  if (Object.keys(root).length === 0) return [];
  if (root.version === 2) {
    const others = Object.keys(root).filter((key) => !['version', 'renderer', 'ethernets'].includes(key));
    if (others.length > 0 || !(root.ethernets === undefined || isJsonObject(root.ethernets)))
      return undefined;
    return Object.entries(root.ethernets ?? {}).map(([name, entry]) => cardOfTwo(name, entry));
  }
  if (root.version !== 1 || !Array.isArray(root.config)) return undefined;
  const isSimple = root.config.every(
    (entry: unknown) => wordAt(entry, ['type']) === 'physical' && mappingsAt(entry, ['subnets']).length <= 1,
  );
  return isSimple ? root.config.map(cardOfOne) : undefined;
}

function cardOfTwo(name: string, entry: unknown): GuestCard {
  return {
    name,
    mac: wordAt(entry, ['match', 'macaddress']),
    dhcp: valueAt(entry, ['dhcp4']) === true,
    addresses: words(valueAt(entry, ['addresses'])),
    gateway: wordAt(entry, ['gateway4']) || wordAt(defaultRoute(entry), ['via']),
    dns: words(valueAt(entry, ['nameservers', 'addresses'])),
  };
}

function cardOfOne(entry: unknown): GuestCard {
  const [subnet = {}] = mappingsAt(entry, ['subnets']);
  return {
    name: wordAt(entry, ['name']),
    mac: wordAt(entry, ['mac_address']),
    dhcp: /^dhcp/.test(wordAt(subnet, ['type'])),
    addresses: wordAt(subnet, ['address']),
    gateway: wordAt(subnet, ['gateway']),
    dns: words(valueAt(subnet, ['dns_nameservers'])),
  };
}

function words(list: unknown): string {
  return Array.isArray(list) ? list.filter((each) => typeof each === 'string').join(', ') : '';
}

function listed(typed: string): string[] | undefined {
  const list = typed
    .split(/[,\s]+/)
    .map((each) => each.trim())
    .filter(Boolean);
  return list.length > 0 ? list : undefined;
}

const EVERYWHERE = ['default', '0.0.0.0/0'];

function defaultRoute(entry: unknown): JsonObject | undefined {
  return mappingsAt(entry, ['routes']).find(({ to }) => EVERYWHERE.includes(String(to)));
}

/** One card changed, or removed by undefined. */
export function withCard(
  config: JsonObject,
  index: number,
  change: Partial<GuestCard> | undefined,
): JsonObject | undefined {
  const root = rootOf(config);
  const card = cardsOf(config)?.[index];
  if (!card) return config;
  const isTwo = valueAt(config, [...root, 'version']) === 2;
  if (change === undefined && cardsOf(config)?.length === 1) return undefined;
  if (isTwo) {
    const ethernets = Object.entries(valueAt(config, [...root, 'ethernets']) as JsonObject);
    const made = ethernets.flatMap(([name, entry], at): [string, unknown][] => {
      if (at !== index) return [[name, entry]];
      return change ? [[change.name ?? name, changedTwo(entry, card, change)]] : [];
    });
    return withValueAt(config, [...root, 'ethernets'], Object.fromEntries(made));
  }
  const list = valueAt(config, [...root, 'config']) as unknown[];
  const made = list.flatMap((entry, at) =>
    at !== index ? [entry] : change ? [changedOne(entry, change)] : [],
  );
  return withValueAt(config, [...root, 'config'], made);
}

function changedTwo(entry: unknown, before: GuestCard, change: Partial<GuestCard>): JsonObject {
  let made = isJsonObject(entry) ? entry : {};
  const set = (path: string[], value: unknown) => {
    made = withValueAt(made, path, value);
  };
  if (change.mac !== undefined) set(['match', 'macaddress'], change.mac || undefined);
  if (change.dhcp !== undefined) set(['dhcp4'], change.dhcp);
  if (change.addresses !== undefined) set(['addresses'], listed(change.addresses));
  if (change.dns !== undefined) set(['nameservers', 'addresses'], listed(change.dns));
  if (change.gateway !== undefined && change.gateway !== before.gateway) {
    if (wordAt(made, ['gateway4'])) set(['gateway4'], change.gateway || undefined);
    else {
      const route = defaultRoute(made);
      const others = mappingsAt(made, ['routes']).filter((each) => each !== route);
      const routes = change.gateway
        ? [...others, { to: '0.0.0.0/0', ...route, via: change.gateway }]
        : others;
      set(['routes'], routes.length > 0 ? routes : undefined);
    }
  }
  return made;
}

function changedOne(entry: unknown, change: Partial<GuestCard>): JsonObject {
  let made = isJsonObject(entry) ? entry : {};
  if (change.name !== undefined) made = { ...made, name: change.name };
  if (change.mac !== undefined) made = withValueAt(made, ['mac_address'], change.mac || undefined);
  let [subnet = {}] = mappingsAt(made, ['subnets']);
  const set = (key: string, value: unknown) => {
    subnet = withValueAt(subnet, [key], value);
  };
  if (change.dhcp !== undefined) set('type', change.dhcp ? 'dhcp4' : 'static');
  if (change.addresses !== undefined) set('address', change.addresses.trim() || undefined);
  if (change.gateway !== undefined) set('gateway', change.gateway || undefined);
  if (change.dns !== undefined) set('dns_nameservers', listed(change.dns));
  return withValueAt(made, ['subnets'], [subnet]);
}

/** A card more, by DHCP: by its address where it is known, else by the name that guests usually give. */
export function withNewCard(config: JsonObject, mac: string): JsonObject {
  const root = rootOf(config);
  const number = cardsOf(config)?.length ?? 0;
  if (valueAt(config, [...root, 'version']) === 1) {
    const list = valueAt(config, [...root, 'config']) as unknown[];
    const card = {
      type: 'physical',
      name: `eth${number}`,
      ...(mac ? { mac_address: mac } : {}),
      subnets: [{ type: 'dhcp4' }],
    };
    return withValueAt(config, [...root, 'config'], [...list, card]);
  }
  const before = valueAt(config, [...root, 'ethernets']);
  const ethernets = isJsonObject(before) ? before : {};
  const base = mac ? 'card' : 'enp';
  let at = mac ? number : number + 1;
  const nameOf = () => (mac ? `${base}${at}` : `${base}${at}s0`);
  while (nameOf() in ethernets) at += 1;
  const card = { ...(mac ? { match: { macaddress: mac } } : {}), dhcp4: true };
  const versioned = withValueAt(config, [...root, 'version'], 2);
  return withValueAt(versioned, [...root, 'ethernets'], { ...ethernets, [nameOf()]: card });
}
