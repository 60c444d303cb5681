import { isDeepStrictEqual } from 'node:util';
import type { InstanceSpec, Interface, Network, VirtualMachineInstance } from '../types';
import type { Outcome } from './outcome';

/** Network cards of a running guest: those with bridge or SR-IOV binding come and go, links go up and down. */

/**
 * The cards and networks that the running instance should have: new ones of the template, the state of those it has,
 * and none whose removal is through. Mirrors the network live update of virt-controller.
 */
export function interfaceChange(template: InstanceSpec, { spec, status }: VirtualMachineInstance): Outcome {
  const wanted = new Map((template.domain.devices.interfaces ?? []).map((nic) => [nic.name, nic]));
  const current = spec.domain.devices.interfaces ?? [];
  const present = new Set(current.map(({ name }) => name));
  const plugged = new Set(status?.interfaces?.map(({ name }) => name));
  const kept = current
    .filter(({ name, state }) => state !== 'absent' || plugged.has(name))
    .map((nic) => (wanted.has(nic.name) ? withState(nic, wanted.get(nic.name)?.state) : nic));
  const added = [...wanted.values()].filter(
    (nic) => !present.has(nic.name) && nic.state !== 'absent' && isPluggable(nic),
  );
  const interfaces = [...kept, ...structuredClone(added)];
  const names = new Set(interfaces.map(({ name }) => name));
  const networks = networksOf(spec, template, names);
  if (isDeepStrictEqual(interfaces, current) && isDeepStrictEqual(networks, spec.networks ?? [])) return {};
  return {
    edit(draft) {
      draft.domain.devices.interfaces = interfaces;
      draft.networks = networks;
    },
  };
}

/** Takes the changes to cards that are live over into what the VM was started with. Edits `old`. */
export function withLiveInterfaces(old: InstanceSpec, now: InstanceSpec, vmi: VirtualMachineInstance): void {
  const before = new Map((old.domain.devices.interfaces ?? []).map((nic) => [nic.name, nic]));
  const after = now.domain.devices.interfaces ?? [];
  const live = after.every((nic) => {
    const known = before.get(nic.name);
    if (known) return isDeepStrictEqual(withState(known, nic.state), nic) && mayBe(nic);
    return isPluggable(nic) || vmi.spec.domain.devices.interfaces?.some(({ name }) => name === nic.name);
  });
  const kept = new Set(after.map(({ name }) => name));
  const running = new Map(vmi.spec.domain.devices.interfaces?.map((nic) => [nic.name, nic]));
  // Gone from the template is fine for what has left the guest.
  const lost = [...before.keys()].some(
    (name) => !kept.has(name) && running.has(name) && running.get(name)?.state !== 'absent',
  );
  if (!live || lost || !sameKinds(old.networks ?? [], now.networks ?? [])) return;
  if (now.domain.devices.interfaces) {
    old.domain.devices.interfaces = structuredClone(now.domain.devices.interfaces);
  } else delete old.domain.devices.interfaces;
  if (now.networks) old.networks = structuredClone(now.networks);
  else delete old.networks;
}

/** Another network of the same kind under the same name is live; another kind is not. */
function sameKinds(old: readonly Network[], now: readonly Network[]): boolean {
  const before = new Map(old.map((network) => [network.name, network]));
  return now.every((network) => {
    const known = before.get(network.name);
    if (!known) return network.multus !== undefined;
    if (network.multus && known.multus) return true;
    return isDeepStrictEqual(known, network);
  });
}

/**
 * The template without the cards that were to be absent and have left the guest, with their networks; undefined when
 * there are none.
 */
export function withoutGoneInterfaces(
  template: InstanceSpec,
  { spec }: VirtualMachineInstance,
): (Pick<InstanceSpec, 'networks'> & { interfaces: Interface[] }) | undefined {
  const running = new Set(spec.domain.devices.interfaces?.map(({ name }) => name));
  const present = template.domain.devices.interfaces ?? [];
  const gone = new Set(
    present.filter(({ name, state }) => state === 'absent' && !running.has(name)).map(({ name }) => name),
  );
  if (gone.size === 0) return undefined;
  return {
    interfaces: present.filter(({ name }) => !gone.has(name)),
    networks: (template.networks ?? []).filter(({ name }) => !gone.has(name)),
  };
}

function networksOf(spec: InstanceSpec, template: InstanceSpec, names: ReadonlySet<string>): Network[] {
  const wanted = new Map((template.networks ?? []).map((network) => [network.name, network]));
  const kept = (spec.networks ?? []).filter(({ name }) => names.has(name));
  const present = new Set(kept.map(({ name }) => name));
  const added = [...wanted.values()].filter(({ name }) => names.has(name) && !present.has(name));
  // Another network under the same name reaches the guest when it next moves.
  return [...kept, ...added].map((network) => structuredClone(wanted.get(network.name) ?? network));
}

function withState(nic: Interface, state: string | undefined): Interface {
  const { state: _, ...rest } = nic;
  return state === undefined ? rest : { ...rest, state };
}

function isPluggable({ bridge, sriov }: Interface): boolean {
  return bridge !== undefined || sriov !== undefined;
}

function mayBe(nic: Interface): boolean {
  return nic.state !== 'absent' || nic.bridge !== undefined;
}
