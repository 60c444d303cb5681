import type { Guest } from '../../guests/hypervisor';
import { parseQuantity } from '../quantity';
import type { VirtualMachineInstance } from '../types';
import type { VirtHandler } from '../virt-handler';
import type { LiveRule } from './live-sync';

const MIB = 2 ** 20;

/** virt-handler's part of live updates of size: the guest gets the CPUs and memory that a migration has settled. */
export function sizeRule(virtHandler: VirtHandler): LiveRule {
  return {
    name: 'size',
    concerns: (before, now) =>
      before?.status?.currentCPUTopology !== now.status?.currentCPUTopology ||
      before?.status?.memory !== now.status?.memory,
    async follow(vmi, guest) {
      for (const step of growth(vmi, guest)) await virtHandler.change(vmi, guest, step);
    },
  };
}

/** What the guest lacks of its size as the status has it. */
function growth({ spec, status }: VirtualMachineInstance, guest: Guest): (() => Promise<void>)[] {
  const { sockets = 1, cores = 1, threads = 1 } = status?.currentCPUTopology ?? {};
  const vcpus = status?.currentCPUTopology ? sockets * cores * threads : 0;
  const memoryMiB = Math.ceil(parseQuantity(status?.memory?.guestCurrent) / MIB);
  const sized = spec.domain.memory?.guest !== undefined && memoryMiB > 0;
  return [
    ...(vcpus > guest.spec.vcpus ? [() => guest.setVcpus(vcpus)] : []),
    ...(sized && memoryMiB !== guest.spec.memoryMiB ? [() => guest.setMemory(memoryMiB)] : []),
  ];
}
