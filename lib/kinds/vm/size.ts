import { parseQuantity } from '@/lib/units';
import type { GuestSpec, VirtualMachine, VirtualMachineInstance } from './types';

/**
 * Virtual CPUs of a guest: the product of its topology, where a missing factor is 1; without a topology the CPU that
 * its resources ask for, rounded up, else 1 (KubeVirt's vcpu.CalculateRequestedVCPUs and its defaults).
 */
export function vcpusOf(spec: GuestSpec): number {
  const { cpu, resources } = spec.domain;
  if (cpu?.sockets || cpu?.cores || cpu?.threads) {
    return (cpu.sockets || 1) * (cpu.cores || 1) * (cpu.threads || 1);
  }
  const asked = parseQuantity(resources?.requests?.cpu) ?? parseQuantity(resources?.limits?.cpu);
  return asked ? Math.ceil(asked) : 1;
}

/** Bytes of memory the guest sees; 0 when the spec names none. */
export function memoryBytesOf(spec: GuestSpec): number {
  const { memory, resources } = spec.domain;
  return (
    parseQuantity(memory?.guest) ??
    parseQuantity(resources?.requests?.memory) ??
    parseQuantity(resources?.limits?.memory) ??
    parseQuantity(memory?.hugepages?.pageSize) ??
    0
  );
}

/**
 * What the guest has now if there is a VMI (there an instance type is already expanded), else what the VM asks for.
 * Zeros where an instance type decides and no VMI shows how.
 */
export function vmSize(
  vm: VirtualMachine | undefined,
  vmi?: VirtualMachineInstance,
): { vcpus: number; memoryBytes: number } {
  if (vmi) return { vcpus: vcpusOf(vmi.spec), memoryBytes: memoryBytesOf(vmi.spec) };
  if (vm?.spec.instancetype) return { vcpus: 0, memoryBytes: 0 };
  const spec = vm?.spec.template?.spec;
  return spec?.domain
    ? { vcpus: vcpusOf(spec), memoryBytes: memoryBytesOf(spec) }
    : { vcpus: 0, memoryBytes: 0 };
}
