import { findCondition, isTrue } from '../conditions';
import { isMoving } from '../migration/migration-state';
import { formatBytes, parseQuantity } from '../quantity';
import type { InstanceSpec, VirtualMachineInstance } from '../types';
import type { Outcome } from './outcome';

const GIB = 2 ** 30;
const BLOCK_BYTES = 2 * 2 ** 20;
const UPDATED = 'memory updated in template spec';

/** Guest memory of the template against the running instance's. Mirrors handleMemoryHotplugRequest of virt-controller. */
export function memoryChange(template: InstanceSpec, { spec, status }: VirtualMachineInstance): Outcome {
  const wanted = template.domain.memory?.guest;
  const current = spec.domain.memory;
  if (!current?.guest || wanted === undefined) return {};
  const bytes = parseQuantity(wanted);
  if (bytes === parseQuantity(current.guest)) return {};
  const change = findCondition(status, 'HotMemoryChange');
  if (change?.status === 'False') {
    return {
      restart: `${UPDATED}. Memory-hotplug failed and is not available for this VM configuration`,
    };
  }
  const fail = (message: string): Outcome => ({ failure: { reason: 'HotPlugMemoryError', message } });
  if (change?.status === 'True') return fail('another memory hotplug is in progress');
  if (!isTrue(status, 'LiveMigratable')) {
    return { restart: `${UPDATED}. Memory-hotplug is only available for migratable VMs` };
  }
  if (isMoving(status?.migrationState)) return fail('memory hotplug is not allowed while VMI is migrating');
  const most = current.maxGuest;
  if (typeof most !== 'string') {
    return { restart: `${UPDATED}. Memory-hotplug is not available for this VM configuration` };
  }
  if (bytes < parseQuantity(status?.memory?.guestAtBoot)) {
    return { restart: `${UPDATED} to a value lower than what the VM started with` };
  }
  if (bytes > parseQuantity(most)) {
    return { restart: `${UPDATED} to a value higher than what's available` };
  }
  const unsuited = unsuitedMemory(spec, bytes);
  if (unsuited) return { restart: `memory hotplug not supported, ${unsuited}` };
  return {
    edit({ domain }) {
      const more = bytes - parseQuantity(domain.memory?.guest);
      domain.memory = { ...domain.memory, guest: wanted };
      const requested = domain.resources?.requests?.memory;
      if (!requested || !domain.resources) return;
      const memory = formatBytes(parseQuantity(requested) + more);
      domain.resources.requests = { ...domain.resources.requests, memory };
    },
  };
}

/** What rules memory hot-plug out, in the words of ValidateLiveUpdateMemory. */
function unsuitedMemory({ architecture, domain }: InstanceSpec, bytes: number): string | undefined {
  if (architecture !== 'amd64') return `Memory hotplug is not available for architecture ${architecture}`;
  if (domain.launchSecurity) return 'Memory hotplug is not compatible with encrypted VMs';
  const { cpu, memory } = domain;
  if (cpu?.dedicatedCpuPlacement && cpu.realtime) {
    return 'Memory hotplug is not compatible with realtime VMs';
  }
  const huge = (memory?.hugepages as { pageSize?: string } | undefined)?.pageSize;
  const block = huge === '1Gi' ? GIB : BLOCK_BYTES;
  if (bytes % block !== 0) return `guest memory must be ${block === GIB ? '1Gi' : '2Mi'} aligned`;
  if (bytes < GIB) return 'Memory hotplug is only available for VMs with at least 1Gi of guest memory';
  return undefined;
}
