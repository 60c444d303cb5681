import { removeCondition, setCondition } from '../conditions';
import type { Condition, VirtualMachineInstance, VirtualMachineInstanceStatus } from '../types';

/** CPUs and memory of a running guest as spec and status see them. All functions edit `status`. */

/** The spec asks for another size than the guest has: a migration will bring it. Mirrors virt-controller. */
export function announceSize(
  status: VirtualMachineInstanceStatus,
  { spec }: VirtualMachineInstance,
  time: string,
): void {
  if (status.phase !== 'Running') return;
  const { cpu, memory } = spec.domain;
  const has = status.currentCPUTopology;
  if (has && cpu?.sockets !== undefined && cpu.sockets !== has.sockets) {
    setCondition(status, waiting('HotVCPUChange', time));
  }
  if (!memory?.guest || !status.memory || status.memory.guestRequested === memory.guest) return;
  status.memory = { ...status.memory, guestRequested: memory.guest };
  setCondition(status, waiting('HotMemoryChange', time));
}

/** The guest has arrived with the size that its spec asks for. Mirrors virt-handler of a migration's target. */
export function settleSize(status: VirtualMachineInstanceStatus, { spec }: VirtualMachineInstance): void {
  const { cpu } = spec.domain;
  const { sockets = 1, cores = 1, threads = 1 } = cpu ?? {};
  if (status.currentCPUTopology) status.currentCPUTopology = { sockets, cores, threads };
  const requested = status.memory?.guestRequested;
  if (requested) status.memory = { ...status.memory, guestCurrent: requested };
  removeCondition(status, 'HotVCPUChange');
  removeCondition(status, 'HotMemoryChange');
}

function waiting(type: string, time: string): Condition {
  return { type, status: 'True', lastProbeTime: null, lastTransitionTime: time };
}
