import { formatBytes, parseQuantity } from './quantity';
import type { InstanceSpec } from './types';

const MIB = 2 ** 20;
/** virt-launcher, its monitor, libvirt's daemons, QEMU itself, video memory: what a launcher pod takes for one vCPU. */
const FIXED_OVERHEAD = 288 * MIB;
const OVERHEAD_PER_VCPU = 8 * MIB;
const GUEST_BYTES_PER_PAGE_TABLE_BYTE = 512;
const MILLICORES_PER_VCPU = 100;

/** vCPUs that the guest sees: sockets × cores × threads. */
export function vcpusOf({ domain }: InstanceSpec): number {
  const { sockets = 1, cores = 1, threads = 1 } = domain.cpu ?? {};
  return Math.max(1, sockets * cores * threads);
}

/** vCPUs that a running guest may come to have. */
export function mostVcpusOf({ domain }: InstanceSpec): number {
  const { cores = 1, threads = 1, maxSockets } = domain.cpu ?? {};
  return Math.max(vcpusOf({ domain }), (typeof maxSockets === 'number' ? maxSockets : 0) * cores * threads);
}

/** Bytes of memory that a running guest may come to have; 0 where it keeps what it has. */
export function mostBytesOf({ domain }: InstanceSpec): number {
  const most = domain.memory?.maxGuest;
  return typeof most === 'string' ? parseQuantity(most) : 0;
}

/** Bytes of memory that the guest sees. */
export function guestBytes({ domain }: InstanceSpec): number {
  const { requests, limits } = domain.resources ?? {};
  return parseQuantity(domain.memory?.guest ?? requests?.memory ?? limits?.memory);
}

/** Bytes a launcher needs beside the guest's memory. After KubeVirt's GetMemoryOverhead; agrees with 1.9's for one vCPU. */
export function overheadBytes(spec: InstanceSpec): number {
  const pageTables = guestBytes(spec) / GUEST_BYTES_PER_PAGE_TABLE_BYTE;
  return Math.ceil(FIXED_OVERHEAD + OVERHEAD_PER_VCPU * (vcpusOf(spec) - 1) + pageTables);
}

/** What the launcher's compute container asks of the scheduler. */
export function computeRequests(spec: InstanceSpec): { cpu: string; memory: string } {
  const { requests } = spec.domain.resources ?? {};
  const memory = (requests?.memory ? parseQuantity(requests.memory) : guestBytes(spec)) + overheadBytes(spec);
  return { cpu: requests?.cpu ?? `${vcpusOf(spec) * MILLICORES_PER_VCPU}m`, memory: formatBytes(memory) };
}
