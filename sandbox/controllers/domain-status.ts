import type { GuestAgentFacts, GuestExit, GuestNic, GuestSpec } from '../guests/hypervisor';
import { removeCondition, setCondition } from './conditions';
import { podLinkName } from './guest-plan';
import { bootTargets, isHotpluggable } from './hotplug/hotplug-volumes';
import { isToldIn, migratability } from './migration/migratability';
import { Q35_MACHINE } from './release';
import type { PersistentVolumeClaim } from './storage-types';
import type {
  Condition,
  InterfaceStatus,
  VirtualMachineInstance,
  VirtualMachineInstanceStatus,
  Volume,
} from './types';
import { setPhase } from './vmi-status';

/** What virt-handler writes about a domain. All functions edit `status`. */

const MULTUS = 'multus-status';
const GUEST_ONLY_INTERFACES = 10;
const BY_USER = { reason: 'PausedByUser', message: 'VMI was paused by user' };
const HELD = { reason: 'PausedByMigrationMonitor', message: 'VMI was paused by the migration monitor' };

/** The instance has arrived on its node: what the node's agent finds out before it starts the guest. */
export function describePlacement(
  status: VirtualMachineInstanceStatus,
  vmi: VirtualMachineInstance,
  claimOf: (volume: Volume) => PersistentVolumeClaim | undefined,
): void {
  describeMigratability(status, migratability({ vmi, claimOf }));
  status.selinuxContext = 'none';
}

/** Whether, and how, the guest can move. A condition that changed goes to the end, as virt-handler writes it. */
export function describeMigratability(
  status: VirtualMachineInstanceStatus,
  found: ReturnType<typeof migratability>,
): void {
  if (isToldIn(status, found)) return;
  for (const condition of found.conditions) {
    const known = status.conditions?.find(({ type }) => type === condition.type);
    if (known?.status === condition.status && known.message === condition.message) continue;
    removeCondition(status, condition.type);
    setCondition(status, condition);
  }
  status.migrationMethod = found.method;
}

/** The domain runs. */
export function describeRunning(
  status: VirtualMachineInstanceStatus,
  vmi: VirtualMachineInstance,
  guest: GuestSpec,
  time: string,
): void {
  setPhase(status, 'Running', time);
  const machine = vmi.spec.domain.machine?.type ?? 'q35';
  status.machine = { type: machine === 'q35' ? Q35_MACHINE : machine };
  const own = podFirst(guest).map((nic) => cardStatus(nic, undefined));
  status.interfaces = [...own, ...onlyAttached(status.interfaces, guest)];
  const hotplugged = new Set(vmi.spec.volumes?.filter(isHotpluggable).map((volume) => volume.name));
  const lasting = vmi.spec.domain.devices.disks?.filter(({ name }) => !hotplugged.has(name));
  const targets = bootTargets(lasting ?? []);
  status.volumeStatus = status.volumeStatus?.map((volume) => ({
    ...volume,
    target: targets.get(volume.name) ?? '',
  }));
  removeCondition(status, 'Synchronized');
  setPaused(status, guest.startPaused, time);
}

/** Whether the guest stands still because somebody asked for it, and not for its migration or a failing disk. */
export function isPausedByUser(status: VirtualMachineInstanceStatus | undefined): boolean {
  const paused = status?.conditions?.find(({ type }) => type === 'Paused');
  return paused?.status === 'True' && paused.reason === BY_USER.reason;
}

/** Its migration needs the guest to stand still; or it is let run, unless its user wants it to stand. */
export function setHeld(status: VirtualMachineInstanceStatus, held: boolean, time: string): void {
  const paused = status.conditions?.find(({ type }) => type === 'Paused');
  const times = { lastProbeTime: time, lastTransitionTime: time };
  if (held && !paused) setCondition(status, { type: 'Paused', status: 'True', ...HELD, ...times });
  if (!held && paused && paused.reason !== BY_USER.reason) removeCondition(status, 'Paused');
}

export function setPaused(status: VirtualMachineInstanceStatus, paused: boolean, time: string): void {
  if (!paused) {
    removeCondition(status, 'Paused');
    return;
  }
  setCondition(status, {
    type: 'Paused',
    status: 'True',
    ...BY_USER,
    lastProbeTime: time,
    lastTransitionTime: time,
  });
}

/** The guest has ended; `forced` when it was to be cut off without grace. */
export function describeEnd(
  status: VirtualMachineInstanceStatus,
  exit: GuestExit,
  { forced, time }: { forced: boolean; time: string },
): void {
  setPhase(status, hasSucceeded(exit, forced) ? 'Succeeded' : 'Failed', time);
  removeCondition(status, 'Paused');
  status.interfaces = status.interfaces?.map(({ ipAddress: _, ipAddresses: __, ...rest }) => rest);
}

/** A guest that had to be killed after its grace period failed; one that was given none did as it was told. */
export function hasSucceeded(exit: GuestExit, forced: boolean): boolean {
  return exit.reason === 'shutdown' || (exit.reason === 'killed' && forced);
}

/** What could not be done to bring the domain in line with the spec. */
export function describeSyncFailure(
  status: VirtualMachineInstanceStatus,
  message: string,
  time: string,
): void {
  const reason = 'Synchronizing with the Domain failed.';
  const failed: Condition = { type: 'Synchronized', status: 'False', reason, message };
  setCondition(status, { ...failed, lastProbeTime: null, lastTransitionTime: time });
}

export function describeAgent(
  status: VirtualMachineInstanceStatus,
  guest: GuestSpec,
  facts: GuestAgentFacts | undefined,
  time: string,
): void {
  if (!facts) {
    removeCondition(status, 'AgentConnected');
    status.guestOSInfo = {};
    status.interfaces = status.interfaces
      ?.filter(({ name }) => name !== undefined)
      .map(({ interfaceName: _, ...rest }) =>
        rest.infoSource === MULTUS
          ? rest
          : { ...rest, infoSource: rest.infoSource?.includes(MULTUS) ? `domain, ${MULTUS}` : 'domain' },
      );
    return;
  }
  setCondition(status, { ...untimed('AgentConnected'), lastProbeTime: time });
  status.guestOSInfo = facts.os;
  status.interfaces = [...mergeInterfaces(guest, facts), ...onlyAttached(status.interfaces, guest)];
}

/** Links of the pod that the guest has no NIC for yet. */
function onlyAttached(
  interfaces: readonly InterfaceStatus[] = [],
  { nics }: Pick<GuestSpec, 'nics'>,
): InterfaceStatus[] {
  const has = new Set(nics.map(({ name }) => name));
  return interfaces.filter(({ infoSource, name }) => infoSource === MULTUS && !has.has(name ?? ''));
}

/** The card on the pod network is always told first. */
function podFirst({ nics }: GuestSpec): GuestNic[] {
  return [...nics].sort((one, other) => Number(Boolean(one.segment)) - Number(Boolean(other.segment)));
}

/** What is known of one of the guest's own cards, from its domain and, where `seen`, from its agent. */
export function cardStatus(
  { name, mac, address: given, seenAs: address = given, lease, segment, link }: GuestNic,
  seen: GuestAgentFacts['interfaces'][number] | undefined,
): InterfaceStatus {
  const found = seen?.ipAddresses.filter((ip) => segment || !ip.toLowerCase().startsWith('fe80:')) ?? [];
  // Behind a masquerade the guest knows an address that is nobody else's to use: the pod's is the one that counts.
  const hidden = lease !== undefined && lease.address !== given;
  const outside = hidden || found.length === 0 ? [address] : found.map((ip) => (ip === given ? address : ip));
  const ipAddresses = segment ? found : outside.filter(Boolean);
  const sources = ['domain', ...(seen ? ['guest-agent'] : []), ...(segment ? [MULTUS] : [])];
  return {
    name,
    mac,
    ...(ipAddresses[0] ? { ipAddress: ipAddresses[0], ipAddresses } : {}),
    ...(seen ? { interfaceName: seen.interfaceName } : {}),
    podInterfaceName: segment ? podLinkName(name) : 'eth0',
    infoSource: sources.join(', '),
    queueCount: 1,
    linkState: link ?? 'up',
  };
}

function mergeInterfaces(guest: GuestSpec, { interfaces }: GuestAgentFacts): InterfaceStatus[] {
  const own = podFirst(guest).map((nic) =>
    cardStatus(
      nic,
      interfaces.find(({ mac }) => mac.toLowerCase() === nic.mac),
    ),
  );
  const known = new Set(own.map(({ mac }) => mac));
  const inside = interfaces.filter(
    ({ mac, interfaceName }) => !known.has(mac.toLowerCase()) && interfaceName !== 'lo',
  );
  const others = inside.slice(0, GUEST_ONLY_INTERFACES).map(({ interfaceName, mac, ipAddresses }) => ({
    interfaceName,
    mac,
    ...(ipAddresses[0] ? { ipAddress: ipAddresses[0], ipAddresses } : {}),
    infoSource: 'guest-agent',
  }));
  return [...own, ...others];
}

function untimed(type: string): Condition {
  return { type, status: 'True', lastProbeTime: null, lastTransitionTime: null };
}
