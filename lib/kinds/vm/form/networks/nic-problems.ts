import { wordAt } from '@/lib/k8s/json';
import { type Text, text } from '@/lib/text';
import type { VmManifest } from '../field';
import { bindingOf, INTERFACES, NETWORKS, NICS, type Nic, nicName, portsOf, targetOf } from './nics';

/** Something that KubeVirt's webhooks would refuse, or that does not do what it looks like, about one card. */
export interface NicProblem {
  /** Of the card in `NICS`. */
  index: number;
  /** Which of its controls it is about. */
  about: 'name' | 'network' | 'binding' | 'model' | 'mac' | 'ports' | 'state' | 'pci' | 'bootOrder';
  severity: 'error' | 'warning';
  message: Text;
}

export const NIC_MODELS = ['virtio', 'e1000e', 'e1000', 'igb', 'rtl8139', 'ne2k_pci', 'pcnet'] as const;

/** The address that KubeVirt gives to the bridge inside the pod (pkg/network/admitter). */
const RESERVED_MAC = '02:00:00:00:00:00';

/** What is wrong with the cards of a VM, by the rules of KubeVirt's pkg/network/admitter. */
export function nicProblems(vm: VmManifest): NicProblem[] {
  const nics = NICS.read(vm);
  return nics.flatMap((nic, index) => {
    const others = nics.filter((_, at) => at < index);
    const found: NicProblem[] = [];
    const note = (
      about: NicProblem['about'],
      message: Text | undefined,
      severity: NicProblem['severity'] = 'error',
    ) => {
      if (message) found.push({ index, about, severity, message });
    };
    note('name', nameProblem(nic, others));
    note('network', networkProblem(nic, others));
    note('binding', bindingProblem(nic));
    const model = wordAt(nic.interface, ['model']);
    if (model && !NIC_MODELS.some((known) => known === model))
      note('model', text('networks.problem.model', { model }));
    const mac = wordAt(nic.interface, ['macAddress']);
    note('mac', macProblem(mac, nic));
    const twin = others.find((other) => mac && wordAt(other.interface, ['macAddress']) === mac);
    if (twin) note('mac', text('networks.problem.macTwice', { name: nicName(twin) }), 'warning');
    note('state', stateProblem(nic));
    note('ports', portsProblem(nic));
    const pci = wordAt(nic.interface, ['pciAddress']);
    if (pci && !/^[\da-f]{4}:[\da-f]{2}:[01][\da-f]\.[0-7]$/i.test(pci))
      note('pci', text('networks.problem.pci'));
    return found;
  });
}

function nameProblem(nic: Nic, others: readonly Nic[]): Text | undefined {
  const name = nicName(nic);
  if (name === '') return text('networks.problem.noName');
  if (!/^[A-Za-z0-9_-]+$/.test(name)) return text('networks.problem.nameLetters');
  if (others.some((other) => nicName(other) === name)) return text('networks.problem.nameTwice', { name });
  return undefined;
}

function networkProblem(nic: Nic, others: readonly Nic[]): Text | undefined {
  if (!nic.interface) return text('networks.problem.noInterface');
  const target = targetOf(nic);
  if (target.kind === 'none') return text('networks.problem.noNetwork');
  if (target.kind === 'multus' && target.name === '') return text('networks.problem.noNetworkName');
  if (target.kind === 'multus' && !/^([a-z0-9.-]+\/)?[a-z0-9.-]+$/.test(target.name))
    return text('networks.problem.networkName');
  if (target.kind === 'pod' && others.some((other) => targetOf(other).kind === 'pod'))
    return text('networks.problem.podTwice');
  return undefined;
}

function bindingProblem(nic: Nic): Text | undefined {
  const binding = bindingOf(nic);
  const target = targetOf(nic);
  if (!nic.interface) return undefined;
  if (binding.kind === 'gone') return text('networks.problem.gone', { name: binding.name });
  if (binding.kind === 'none') return text('networks.problem.noBinding');
  if (binding.kind === 'plugin' && binding.name === '') return text('networks.problem.noPlugin');
  if (binding.kind === 'masquerade' && target.kind !== 'pod') return text('networks.problem.masquerade');
  if (binding.kind === 'sriov' && target.kind === 'pod') return text('networks.problem.sriov');
  return undefined;
}

function macProblem(mac: string, nic: Nic): Text | undefined {
  if (mac === '') return undefined;
  if (!/^([\da-f]{2}([:-][\da-f]{2}){5}|[\da-f]{4}(\.[\da-f]{4}){2})$/i.test(mac))
    return text('networks.problem.mac');
  const first = Number.parseInt(mac.slice(0, 2), 16);
  if (first % 2 === 1) return text('networks.problem.macMany');
  if (bindingOf(nic).kind === 'masquerade' && mac.toLowerCase() === RESERVED_MAC)
    return text('networks.problem.macReserved');
  return undefined;
}

function stateProblem(nic: Nic): Text | undefined {
  const state = wordAt(nic.interface, ['state']);
  const { kind } = bindingOf(nic);
  if (state === '') return undefined;
  if (!['up', 'down', 'absent'].includes(state)) return text('networks.problem.state', { state });
  if (state !== 'absent') return kind === 'sriov' ? text('networks.problem.stateSriov') : undefined;
  if (kind !== 'bridge') return text('networks.problem.absentBridge');
  return isMain(nic) ? text('networks.problem.absentMain') : undefined;
}

/** Whether a card is on the network that the pod itself is on. */
export function isMain({ network }: Nic): boolean {
  return targetOf({ interface: undefined, network }).kind === 'pod' || hasDefault(network);
}

function hasDefault(network: Nic['network']): boolean {
  const multus = network?.multus;
  return typeof multus === 'object' && multus !== null && 'default' in multus && multus.default === true;
}

function portsProblem(nic: Nic): Text | undefined {
  const ports = portsOf(nic);
  const seen = new Set<string>();
  for (const { name, port, protocol } of ports) {
    if (port === undefined) return text('networks.problem.noPort');
    if (!Number.isInteger(port) || port < 1 || port > 65535) return text('networks.problem.port', { port });
    if (protocol !== 'TCP' && protocol !== 'UDP') return text('networks.problem.protocol', { protocol });
    if (name && (!/^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(name) || !/[a-z]/.test(name)))
      return text('networks.problem.portName', { name });
    if (name && seen.has(name)) return text('networks.problem.portTwice', { name });
    seen.add(name);
  }
  return undefined;
}

/** The places of a card, as the server names them: `spec.template.spec.networks[1]`. */
export function placesOf(vm: VmManifest, nic: Nic): string[] {
  const at = (path: readonly string[], entry: unknown): string[] => {
    const list: unknown = path.reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
      vm,
    );
    const index = Array.isArray(list) && entry !== undefined ? list.indexOf(entry) : -1;
    return index < 0 ? [] : [`${path.join('.')}[${index}]`];
  };
  return [...at(INTERFACES, nic.interface), ...at(NETWORKS, nic.network)];
}
