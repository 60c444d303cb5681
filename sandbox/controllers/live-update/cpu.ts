import { isTrue } from '../conditions';
import { isMoving } from '../migration/migration-state';
import type { InstanceSpec, VirtualMachineInstance } from '../types';
import type { Outcome } from './outcome';

/** CPU sockets of the template against the running instance's. Mirrors handleCPUChangeRequest of virt-controller. */
export function cpuChange(template: InstanceSpec, { spec, status }: VirtualMachineInstance): Outcome {
  const wanted = template.domain.cpu?.sockets;
  const current = spec.domain.cpu;
  if (!template.domain.cpu || !current || wanted === undefined || wanted === current.sockets) return {};
  const fail = (message: string): Outcome => ({ failure: { reason: 'HotPlugCPUError', message } });
  if (isTrue(status, 'HotVCPUChange')) return fail('another CPU hotplug is in progress');
  if (isMoving(status?.migrationState)) return fail('CPU hotplug is not allowed while VMI is migrating');
  if (spec.architecture === 'arm64') return { restart: "ARM doesn't support CPU hotplug" };
  const most = typeof current.maxSockets === 'number' ? current.maxSockets : 0;
  if (wanted > most) {
    return {
      restart: "CPU sockets updated in template spec to a value higher than what's available",
    };
  }
  if (wanted < (current.sockets ?? 1)) return { restart: 'Reduction of CPU socket count requires a restart' };
  if (spec.domain.devices.networkInterfaceMultiqueue) {
    return {
      restart: 'Changes to CPU sockets require a restart when NetworkInterfaceMultiQueue is enabled.',
    };
  }
  return {
    edit({ domain }) {
      domain.cpu = { ...domain.cpu, sockets: wanted };
    },
  };
}
