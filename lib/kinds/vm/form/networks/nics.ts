import { isJsonObject, type JsonObject, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { DEVICES, type Field, GUEST, type VmManifest } from '../field';
import { field } from '../make-field';

export const NETWORKS = [...GUEST, 'networks'] as const;
export const INTERFACES = [...DEVICES, 'interfaces'] as const;
const AUTOATTACH = [...DEVICES, 'autoattachPodInterface'] as const;

/** A network card and what it is plugged into: an interface of the domain and the network of the same name. */
export interface Nic {
  interface: JsonObject | undefined;
  network: JsonObject | undefined;
}

/** Both lists as one, in the order of the interfaces; networks that no interface names come last. */
export const NICS: Field<readonly Nic[]> = field({
  id: 'nics',
  paths: [INTERFACES.join('.'), NETWORKS.join('.')],
  read: (vm) => {
    const networks = mappings(vm, NETWORKS);
    const paired = new Set<JsonObject>();
    const nics: Nic[] = mappings(vm, INTERFACES).map((iface) => {
      const network = networks.find((each) => nameIn(each) === nameIn(iface) && !paired.has(each));
      if (network) paired.add(network);
      return { interface: iface, network };
    });
    const alone = networks.filter((network) => !paired.has(network));
    return [...nics, ...alone.map((network) => ({ interface: undefined, network }))];
  },
  write: (vm, nics) => {
    const interfaces = nics.map((nic) => nic.interface).filter((each) => each !== undefined);
    const networks = inOrder(
      mappings(vm, NETWORKS),
      nics.map((nic) => nic.network).filter((each) => each !== undefined),
    );
    const withInterfaces = withList(vm, INTERFACES, interfaces);
    return withList(withInterfaces, NETWORKS, networks);
  },
});

/** Whether a VM that names no interface gets one on the pod network, as KubeVirt does unless told otherwise. */
export const AUTOATTACH_POD_INTERFACE: Field<boolean> = field({
  id: 'autoattach-pod-interface',
  paths: [AUTOATTACH.join('.')],
  read: (vm) => valueAt(vm, AUTOATTACH) !== false,
  write: (vm, value) => withValueAt(vm, AUTOATTACH, value ? undefined : false),
});

function mappings(vm: VmManifest, path: readonly string[]): JsonObject[] {
  const list = valueAt(vm, path);
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** An empty list stands where one stood before; where there was none, none is made. */
function withList(vm: VmManifest, path: readonly string[], list: readonly JsonObject[]): VmManifest {
  const before = valueAt(vm, path);
  if (sameJson(before, list)) return vm;
  return withValueAt(vm, path, list.length > 0 ? list : undefined);
}

/** What stays keeps its place by its name, so that the lists need not be in the same order. */
function inOrder(before: readonly JsonObject[], after: readonly JsonObject[]): JsonObject[] {
  const waiting = [...after];
  const take = (isRight: (entry: JsonObject) => boolean) => {
    const at = waiting.findIndex(isRight);
    return at < 0 ? [] : waiting.splice(at, 1);
  };
  const kept = before.flatMap((entry) => take((other) => other === entry || nameIn(other) === nameIn(entry)));
  return [...kept, ...waiting];
}

function nameIn(entry: JsonObject | undefined): string {
  return wordAt(entry, ['name']);
}

export function nicName(nic: Nic): string {
  return nameIn(nic.interface ?? nic.network);
}

/** Whether the VM has the one card that KubeVirt gives to those that name none. */
export function hasImplicitNic(vm: VmManifest): boolean {
  return NICS.read(vm).length === 0 && AUTOATTACH_POD_INTERFACE.read(vm);
}

export const BINDINGS = ['masquerade', 'bridge', 'sriov', 'passtBinding'] as const;
export type BindingKind = (typeof BINDINGS)[number] | 'plugin' | 'none' | 'gone';

/** How a card is joined to its network. `gone`: a way that KubeVirt has no more. */
export interface Binding {
  kind: BindingKind;
  /** The name of a binding plugin, or of the way that is gone. */
  name: string;
}

const GONE = ['slirp', 'passt', 'macvtap'];

export function bindingOf(nic: Nic): Binding {
  const iface = nic.interface ?? {};
  const known = BINDINGS.find((kind) => isJsonObject(iface[kind]));
  if (known) return { kind: known, name: '' };
  if (isJsonObject(iface.binding)) return { kind: 'plugin', name: wordAt(iface, ['binding', 'name']) };
  const gone = GONE.find((kind) => iface[kind] !== undefined);
  return gone ? { kind: 'gone', name: gone } : { kind: 'none', name: '' };
}

/** Another way of joining; what goes with it alone (ports with masquerade) goes. */
export function withBinding(nic: Nic, { kind, name }: Binding): Nic {
  const before = bindingOf(nic);
  if (before.kind === kind && before.name === name) return nic;
  const iface: JsonObject = {};
  const isOld = (key: string) => [...BINDINGS, ...GONE, 'binding'].includes(key);
  const entry = (): [string, unknown][] =>
    kind === 'plugin' ? [['binding', { name }]] : kind === 'none' || kind === 'gone' ? [] : [[kind, {}]];
  let isPlaced = false;
  for (const [key, value] of Object.entries(nic.interface ?? { name: nicName(nic) })) {
    if (!isOld(key)) iface[key] = value;
    else if (!isPlaced) {
      for (const [made, content] of entry()) iface[made] = content;
      isPlaced = true;
    }
  }
  if (!isPlaced) for (const [made, content] of entry()) iface[made] = content;
  if (kind === 'sriov') {
    // The card is the host's own: there is no model to choose and no link to pull.
    delete iface.model;
    if (iface.state !== 'absent') delete iface.state;
  }
  return { ...nic, interface: iface };
}

/** What a card is plugged into. */
export type Target =
  | { kind: 'pod' }
  | { kind: 'multus'; name: string }
  | { kind: 'other' }
  | { kind: 'none' };

export function targetOf({ network }: Nic): Target {
  if (!network) return { kind: 'none' };
  if (isJsonObject(network.pod)) return { kind: 'pod' };
  if (isJsonObject(network.multus))
    return { kind: 'multus', name: wordAt(network, ['multus', 'networkName']) };
  return Object.keys(network).some((key) => key !== 'name') ? { kind: 'other' } : { kind: 'none' };
}

/** Plugs a card into another network, and gives it a binding that fits there when its own does not. */
export function withTarget(nic: Nic, target: Target): Nic {
  const before = targetOf(nic);
  if (sameJson(before, target) || target.kind === 'other' || target.kind === 'none') return nic;
  const { pod: _pod, multus, resourceClaim: _claim, ...rest } = nic.network ?? { name: nicName(nic) };
  const network =
    target.kind === 'pod'
      ? { ...rest, pod: {} }
      : { ...rest, multus: { ...(isJsonObject(multus) ? multus : {}), networkName: target.name } };
  const plugged = { ...nic, network };
  const binding = bindingOf(plugged);
  return fits(binding, target) ? plugged : withBinding(plugged, { kind: usualBinding(target), name: '' });
}

/** Whether KubeVirt takes a binding on such a network. */
export function fits({ kind }: Binding, target: Target): boolean {
  if (kind === 'masquerade') return target.kind === 'pod';
  if (kind === 'sriov') return target.kind !== 'pod';
  return kind !== 'none' && kind !== 'gone';
}

function usualBinding(target: Target): 'masquerade' | 'bridge' {
  return target.kind === 'pod' ? 'masquerade' : 'bridge';
}

/** A name that no card has yet: `default` for the pod network, `net1`, `net2` … for others. */
export function freeNicName(nics: readonly Nic[], target: Target): string {
  const taken = new Set(nics.map(nicName));
  if (target.kind === 'pod' && !taken.has('default')) return 'default';
  let number = 1;
  while (taken.has(`net${number}`)) number += 1;
  return `net${number}`;
}

export function newNic(nics: readonly Nic[], target: Exclude<Target, { kind: 'other' | 'none' }>): Nic {
  const name = freeNicName(nics, target);
  return withTarget({ interface: { name }, network: { name } }, target);
}

/** One card more. The one that KubeVirt would have given by itself is written down first, or it would be gone. */
export function withNewNic(vm: VmManifest, target: Exclude<Target, { kind: 'other' | 'none' }>): VmManifest {
  const before = hasImplicitNic(vm) && target.kind !== 'pod' ? [newNic([], { kind: 'pod' })] : NICS.read(vm);
  const made = NICS.write(vm, [...before, newNic(before, target)]);
  return AUTOATTACH_POD_INTERFACE.write(made, true);
}

/** The VM with one of its cards changed, or without it. */
export function withNic(vm: VmManifest, index: number, edit: (nic: Nic) => Nic | undefined): VmManifest {
  const nics = NICS.read(vm);
  const after = nics.flatMap((nic, at) => (at === index ? (edit(nic) ?? []) : [nic]));
  // Without its last card a VM would get one from KubeVirt again.
  const made = NICS.write(vm, after);
  return nics.length > 0 && after.length === 0 ? AUTOATTACH_POD_INTERFACE.write(made, false) : made;
}

/** No card at all. */
export function withoutNics(vm: VmManifest): VmManifest {
  return AUTOATTACH_POD_INTERFACE.write(NICS.write(vm, []), false);
}

/** The card that KubeVirt gives to a VM that names none, written down. */
export function withImplicitNic(vm: VmManifest): VmManifest {
  return withNewNic(NICS.write(vm, []), { kind: 'pod' });
}

export function withNicName(nic: Nic, name: string): Nic {
  return {
    interface: nic.interface && { ...nic.interface, name },
    network: nic.network && { ...nic.network, name },
  };
}

/** Sets a value of the interface; undefined or an empty text removes it. */
export function withInterface(nic: Nic, key: string, value: unknown): Nic {
  const iface = nic.interface ?? { name: nicName(nic) };
  return { ...nic, interface: withValueAt(iface, [key], value === '' ? undefined : value) };
}

/** A port of the guest that the pod's address forwards (masquerade); without any, all are. */
export interface Port {
  name: string;
  port: number | undefined;
  protocol: string;
}

export function portsOf(nic: Nic): Port[] {
  const ports = nic.interface?.ports;
  return (Array.isArray(ports) ? ports.filter(isJsonObject) : []).map((entry) => ({
    name: wordAt(entry, ['name']),
    port: typeof entry.port === 'number' ? entry.port : undefined,
    protocol: wordAt(entry, ['protocol']) || 'TCP',
  }));
}

/** Writes ports by their places; what else an entry says stays with it. */
export function withPorts(nic: Nic, ports: readonly Port[], places: readonly (number | undefined)[]): Nic {
  const before = nic.interface?.ports;
  const entries = Array.isArray(before) ? before.filter(isJsonObject) : [];
  const made = ports.map((port, index) => {
    const old = entries[places[index] ?? -1] ?? {};
    const { name: _name, port: _port, protocol: _protocol, ...rest } = old;
    return {
      ...(port.name ? { name: port.name } : {}),
      ...(port.port === undefined ? {} : { port: port.port }),
      ...(port.protocol === 'TCP' && old.protocol === undefined ? {} : { protocol: port.protocol }),
      ...rest,
    };
  });
  return withInterface(nic, 'ports', made.length > 0 ? made : undefined);
}

/** A MAC address of one's own: locally administered and for one card (IEEE 802, second bit set and first clear). */
export function generateMac(random: Pick<Crypto, 'getRandomValues'> = crypto): string {
  const bytes = random.getRandomValues(new Uint8Array(6));
  const first = 0x02;
  return [first, ...bytes.slice(1)].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}
