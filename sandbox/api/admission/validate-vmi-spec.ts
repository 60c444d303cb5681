import { checkCpu, checkRealtime } from './check-cpu';
import { checkDevices, checkInputs } from './check-devices';
import { checkBootOrder, checkDisks } from './check-disks';
import { checkBootloader, checkFirmware, checkLaunchSecurity, checkMachine } from './check-guest';
import { checkMemory } from './check-memory';
import { checkNetwork } from './check-network';
import {
  checkArchitecture,
  checkCredentials,
  checkDns,
  checkEvictionStrategy,
  checkHostname,
  checkProbes,
  checkStartStrategy,
} from './check-run';
import { checkScheduling } from './check-scheduling';
import { checkVolumes } from './check-volumes';
import type { KubeVirtConfig } from './config';
import type { Findings } from './findings';
import type { TemplateMeta, VmiSpec } from './types';

/**
 * What KubeVirt's ValidateVirtualMachineInstanceSpec finds, in its order, since a refusal joins the texts in the order
 * found. `at` is where the spec stands: `spec` in a VMI, `spec.template.spec` in a VM.
 */
export function validateVmiSpec(at: string, spec: VmiSpec, config: KubeVirtConfig, found: Findings): void {
  checkHostname(at, spec, found);
  checkMemory(at, spec, config, found);
  checkMachine(at, spec, config, found);
  checkFirmware(at, spec, found);
  checkCpu(at, spec, config, found);
  checkStartStrategy(at, spec, found);
  checkRealtime(at, spec, found);
  checkScheduling(at, spec, found);
  checkArchitecture(at, spec, config, found);
  checkNetwork(at, spec, config, found);
  checkBootOrder(at, spec, config, found);
  checkInputs(at, spec, found);
  checkProbes(at, spec, found);
  checkDisks(`${at}.domain.devices.disks`, spec.domain.devices.disks ?? [], found);
  checkBootloader(`${at}.domain`, spec.domain, found);
  checkVolumes(at, spec, config, found);
  checkCredentials(at, spec, found);
  checkDns(at, spec, found);
  checkEvictionStrategy(at, spec, found);
  checkLaunchSecurity(at, spec, config, found);
  checkDevices(at, spec, config, found);
}

/** Labels that KubeVirt keeps for itself. */
const RESERVED_LABELS = [
  'kubevirt.io/created-by',
  'kubevirt.io/migrationJobUID',
  'kubevirt.io/nodeName',
  'kubevirt.io/migrationTargetNodeName',
  'kubevirt.io/schedulable',
  'kubevirt.io/install-strategy',
];

/** The reserved labels among `labels`. */
export function reservedLabels(labels: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => RESERVED_LABELS.includes(key)));
}

/** Metadata of a VMI or of a VM's template. */
export function validateVmiMetadata(
  at: string,
  metadata: TemplateMeta | undefined,
  config: KubeVirtConfig,
  byKubeVirt: boolean,
  found: Findings,
): void {
  if (!byKubeVirt && Object.keys(reservedLabels(metadata?.labels)).length > 0) {
    const text = 'creation of the following reserved kubevirt.io/ labels on a VMI object is prohibited';
    found.notSupported(`${at}.labels`, text);
  }
  const gated = [
    ['kubevirt.io/ignitiondata', 'ExperimentalIgnitionSupport', 'ExperimentalIgnitionSupport'],
    ['hooks.kubevirt.io/hookSidecars', 'Sidecar', 'sidecar'],
  ] as const;
  for (const [annotation, gate, name] of gated) {
    if (!metadata?.annotations?.[annotation] || config.gates.has(gate)) continue;
    const entry = `${at}.annotations.${annotation}`;
    const text = `${name} feature gate is not enabled in kubevirt-config, invalid entry ${entry}`;
    found.invalid(`${at}.annotations`, text);
  }
}
