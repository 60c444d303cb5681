import { findCondition, removeCondition, setCondition } from '../conditions';
import { podLinkName } from '../guest-plan';
import { attachedLinks, isAskedFor, networkSelections } from '../multus';
import type { InstanceSpec, Pod, VirtualMachineInstance, VirtualMachineInstanceStatus } from '../types';

/** Network cards of a running guest as spec and status see them. All functions edit `status`. */

/**
 * A network that the launcher has no link to is reached by moving to one that has: the instance has to migrate. Mirrors
 * virt-controller's MigrationRequired condition.
 */
export function announceLinks(
  status: VirtualMachineInstanceStatus,
  vmi: VirtualMachineInstance,
  launcher: Pod,
  time: string,
): void {
  if (status.phase !== 'Running') return;
  const unreached = networkSelections(present(vmi)).some((selection) => !isAskedFor(selection, launcher));
  if (!unreached) {
    if (findCondition(status, 'MigrationRequired')) removeCondition(status, 'MigrationRequired');
    return;
  }
  setCondition(status, {
    type: 'MigrationRequired',
    status: 'True',
    reason: 'AutoMigrationDueToLiveUpdate',
    lastProbeTime: null,
    lastTransitionTime: time,
  });
}

/** The guest has arrived in a launcher: it has the links that this one has. */
export function settleLinks(
  status: VirtualMachineInstanceStatus,
  vmi: VirtualMachineInstance,
  launcher: Pod,
): void {
  const links = attachedLinks(launcher);
  const known = new Set(status.interfaces?.map(({ name }) => name));
  const added = networksOf(present(vmi).spec)
    .map(({ name }) => ({ name, podInterfaceName: podLinkName(name), infoSource: 'multus-status' }))
    .filter(({ name, podInterfaceName }) => !known.has(name) && links.has(podInterfaceName));
  if (added.length > 0) status.interfaces = [...(status.interfaces ?? []), ...added];
  removeCondition(status, 'MigrationRequired');
}

/** Says of links whether they are up or down. What is to be absent stays until it has left the guest. */
export function followLinks(status: VirtualMachineInstanceStatus, { domain }: InstanceSpec): void {
  const wanted = new Map((domain.devices.interfaces ?? []).map(({ name, state }) => [name, state]));
  if (status.phase !== 'Running') return;
  status.interfaces = status.interfaces?.map((link) => {
    const state = link.name === undefined ? undefined : wanted.get(link.name);
    const known = link.linkState !== undefined && link.name !== undefined && state !== 'absent';
    return known ? { ...link, linkState: state ?? 'up' } : link;
  });
}

function present(vmi: VirtualMachineInstance): VirtualMachineInstance {
  const absent = new Set(
    vmi.spec.domain.devices.interfaces?.filter(({ state }) => state === 'absent').map(({ name }) => name),
  );
  const networks = vmi.spec.networks?.filter(({ name }) => !absent.has(name)) ?? [];
  return { ...vmi, spec: { ...vmi.spec, networks } };
}

function networksOf({ networks = [] }: InstanceSpec) {
  return networks.filter(({ multus }) => multus !== undefined);
}
