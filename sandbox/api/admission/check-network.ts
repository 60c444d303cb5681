import type { V1Interface, V1Network } from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import { portNameErrors } from './names';
import type { VmiSpec } from './types';

const MODELS = ['e1000', 'e1000e', 'igb', 'ne2k_pci', 'pcnet', 'rtl8139', 'virtio'];
/** The address KubeVirt gives to the bridge inside the pod. */
const RESERVED_MAC = '02:00:00:00:00:00';

/** Networks and interfaces, in the order of KubeVirt's pkg/network/admitter. */
export function checkNetwork(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  const networks = spec.networks ?? [];
  const interfaces = spec.domain.devices.interfaces ?? [];
  const byName = new Map(networks.map((network) => [network.name, network]));
  const nic = (index: number) => `${at}.domain.devices.interfaces[${index}]`;
  const each = (look: (iface: V1Interface, index: number, network: V1Network | undefined) => void) => {
    for (const [index, iface] of interfaces.entries()) look(iface, index, byName.get(iface.name));
  };

  checkSources(at, networks, found);
  each((iface, index) => checkState(nic(index), iface, networks, found));
  each((iface, index, network) => checkBinding(nic(index), iface, network, config, found));
  each((iface, index) => checkDiscontinued(nic(index), iface, found));
  checkNames(at, networks, interfaces, found);
  each((iface, index, network) => {
    checkFields(nic(index), iface, found);
    if (network?.pod) checkPorts(nic(index), iface, found);
  });
}

// The published type calls it `_default`, because its generator avoids reserved words; the wire says `default`.
const isMultusDefault = ({ multus }: V1Network) =>
  (multus as { default?: boolean } | undefined)?.default === true;

function checkSources(at: string, networks: V1Network[], found: Findings): void {
  const pods = networks.filter((network) => network.pod).length;
  const defaults = networks.filter((network) => isMultusDefault(network)).length;
  const path = (index: number) => `${at}.networks[${index}]`;
  if (pods > 1) {
    const field = `${at}.interfaces`;
    found.duplicate(field, `more than one interface is connected to a pod network in ${field}`);
  }
  if (defaults > 1) found.invalid(`${at}.networks`, 'Multus CNI should only have one default network');
  if (pods > 0 && defaults > 0) {
    found.invalid(`${at}.networks`, 'Pod network cannot be defined when Multus default network is defined');
  }
  for (const [index, network] of networks.entries()) {
    const claimed = 'resourceClaim' in network && network.resourceClaim ? 1 : 0;
    const kinds = (network.pod ? 1 : 0) + (network.multus ? 1 : 0) + claimed;
    if (kinds === 0) found.required(path(index), 'should have a network type');
    if (kinds > 1) found.required(path(index), 'should have only one network type');
  }
  const nameless = networks.findIndex(({ multus }) => multus && !multus.networkName);
  if (nameless >= 0) found.required(path(nameless), 'CNI delegating plugin must have a networkName');
}

function checkState(path: string, iface: V1Interface, networks: V1Network[], found: Findings): void {
  const { name, state } = iface;
  const field = `${path}.state`;
  if (!state) return;
  if (!['absent', 'up', 'down'].includes(state)) {
    found.invalid(field, `logical ${name} interface state value is unsupported: ${state}`);
  }
  if (state !== 'absent' && iface.sriov) {
    found.invalid(field, `"${name}" interface's state "${state}" is not supported for SR-IOV NICs`);
  }
  if (state !== 'absent') return;
  if (!iface.bridge) {
    found.invalid(field, `"${name}" interface's state "${state}" is supported only for bridge binding`);
  }
  const main = networks.find((network) => network.pod || isMultusDefault(network));
  if (main?.name === name) {
    found.invalid(field, `"${name}" interface's state "${state}" is not supported on default networks`);
  }
}

function checkBinding(
  path: string,
  iface: V1Interface,
  network: V1Network | undefined,
  config: KubeVirtConfig,
  found: Findings,
): void {
  const bindings = [iface.bridge, iface.masquerade, iface.sriov, iface.passtBinding, iface.binding].filter(
    Boolean,
  );
  if (bindings.length !== 1) {
    found.invalid(
      path,
      `logical ${iface.name} interface must have exactly one binding method or binding plugin`,
    );
  }
  if (iface.masquerade && !network?.pod) {
    found.invalid(`${path}.name`, 'Masquerade interface only implemented with pod network');
  }
  if (iface.masquerade && iface.macAddress?.toLowerCase() === RESERVED_MAC) {
    const text = 'The requested MAC address is reserved for the in-pod bridge. Please choose another one.';
    found.invalid(`${path}.macAddress`, text);
  }
  if (iface.bridge && network?.pod && !config.bridgeOnPodNetwork) {
    found.invalid(`${path}.name`, 'Bridge on pod network configuration is not enabled under kubevirt-config');
  }
}

function checkDiscontinued(path: string, iface: V1Interface, found: Findings): void {
  if (iface.slirp) found.invalid(`${path}.slirp`, 'Slirp interface support has been discontinued since v1.3');
  if (iface.passt) found.invalid(`${path}.passt`, 'Passt network binding has been discontinued since v1.3');
  if (iface.macvtap)
    found.invalid(`${path}.macvtap`, 'Macvtap network binding has been discontinued since v1.3');
}

function checkNames(at: string, networks: V1Network[], interfaces: V1Interface[], found: Findings): void {
  const networkPath = (index: number) => `${at}.networks[${index}].name`;
  const nicPath = (index: number) => `${at}.domain.devices.interfaces[${index}].name`;
  for (const [index, { name }] of networks.entries()) {
    if (networks.findIndex((other) => other.name === name) === index) continue;
    const text = `Network with name "${name}" already exists, every network must have a unique name`;
    found.duplicate(networkPath(index), text);
  }
  for (const [index, { name }] of networks.entries()) {
    if (interfaces.some((iface) => iface.name === name)) continue;
    found.required(networkPath(index), `${networkPath(index)} '${name}' not found.`);
  }
  for (const [index, { name }] of interfaces.entries()) {
    if (interfaces.findIndex((other) => other.name === name) === index) continue;
    found.duplicate(nicPath(index), 'Only one interface can be connected to one specific network');
  }
  for (const [index, { name }] of interfaces.entries()) {
    if (networks.some((network) => network.name === name)) continue;
    found.invalid(nicPath(index), `${nicPath(index)} '${name}' not found.`);
  }
}

/** Go's net.ParseMAC: 6, 8 or 20 bytes, separated by colons, dashes or (in pairs) dots. */
function macBytes(text: string): number | undefined {
  if (!/^([\da-f]{2}([:-][\da-f]{2})+|[\da-f]{4}(\.[\da-f]{4})+)$/i.test(text)) return undefined;
  const bytes = text.replaceAll(/[^\da-f]/gi, '').length / 2;
  return bytes === 6 || bytes === 8 || bytes === 20 ? bytes : undefined;
}

/** `[domain:]bus:slot.function`, as libvirt takes it. */
export const isPciAddress = (text: string) => /^[\da-f]{4}:[\da-f]{2}:[01][\da-f]\.[0-7]$/i.test(text);

function checkFields(path: string, iface: V1Interface, found: Findings): void {
  const { name, model, macAddress, pciAddress } = iface;
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    const text =
      'Network interface name can only contain alphabetical characters, numbers, dashes (-) or underscores (_)';
    found.invalid(`${path}.name`, text);
  }
  if (model && !MODELS.includes(model)) {
    found.notSupported(`${path}.model`, `interface ${path}.name uses model ${model} that is not supported.`);
  }
  if (macAddress) {
    const bytes = macBytes(macAddress);
    const field = `${path}.macAddress`;
    if (bytes === undefined)
      found.invalid(field, `interface ${path}.name has malformed MAC address (${macAddress}).`);
    else if (bytes > 6)
      found.invalid(field, `interface ${path}.name has MAC address (${macAddress}) that is too long.`);
  }
  if (pciAddress && !isPciAddress(pciAddress)) {
    found.invalid(`${path}.pciAddress`, `interface ${path}.name has malformed PCI address (${pciAddress}).`);
  }
}

function checkPorts(path: string, iface: V1Interface, found: Findings): void {
  const ports = iface.ports ?? [];
  for (const [index, { name }] of ports.entries()) {
    if (!name) continue;
    const field = `${path}.ports[${index}].name`;
    if (ports.findIndex((other) => other.name === name) !== index) {
      found.duplicate(field, `Duplicate name of the port: ${name}`);
    }
    if (portNameErrors(name).length) found.invalid(field, `Invalid name of the port: ${name}`);
  }
  for (const [index, { port, protocol }] of ports.entries()) {
    const field = `${path}.ports[${index}]`;
    if (port === 0) found.required(field, 'Port field is mandatory.');
    if (port < 0 || port > 65536) found.invalid(field, 'Port field must be in range 0 < x < 65536.');
    if (protocol && protocol !== 'TCP' && protocol !== 'UDP') {
      found.invalid(`${field}.protocol`, 'Unknown protocol, only TCP or UDP allowed');
    }
  }
}
