import { randomUUID } from 'node:crypto';
import type { KubeVirtConfig } from './config';
import type { VirtualMachine } from './types';
import { TOPOLOGY_ANNOTATION } from './vmi-defaults';

/**
 * Fills in, in place, what KubeVirt's virtualmachines-mutator fills in: the architecture, the machine type and, on
 * create only, firmware ids and the PCI topology annotation.
 */
export function defaultVirtualMachine(vm: VirtualMachine, config: KubeVirtConfig, creating: boolean): void {
  const { template } = vm.spec;
  const { domain } = template.spec;
  template.spec.architecture ||= config.defaultArchitecture;
  domain.machine ??= {};
  domain.machine.type ||= config.machineTypes[template.spec.architecture] ?? 'q35';
  domain.devices ??= {};
  domain.resources ??= {};
  if (!creating) return;
  domain.firmware ??= {};
  domain.firmware.uuid ||= randomUUID();
  domain.firmware.serial ||= randomUUID();
  template.metadata ??= {};
  template.metadata.annotations = { [TOPOLOGY_ANNOTATION]: 'v3', ...template.metadata.annotations };
}
