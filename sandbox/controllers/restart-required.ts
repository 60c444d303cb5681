import { isDeepStrictEqual } from 'node:util';
import type { InstanceSpec, VirtualMachine } from './types';

export const RESTART_REQUIRED_MESSAGE = 'a non-live-updatable field was changed in the template spec';

/** Fields that virt-controller carries over to a running instance by itself. */
export const LIVE_FIELDS = ['nodeSelector', 'affinity', 'tolerations'] as const;

/**
 * Whether the template, with its instance type and preference applied, differs from the one that the instance was started with in something that takes a restart.
 * Mirrors addRestartRequiredIfNeeded. CPU sockets and guest memory count as such: KubeVirt changes them through a live
 * migration, and a VM that cannot migrate gets this condition.
 */
export function needsRestart(startedWith: VirtualMachine['spec'], current: VirtualMachine['spec']): boolean {
  return !isDeepStrictEqual(comparable(startedWith), comparable(current));
}

/** Whether the two ask for the same instance, so that the newer generation counts as observed. */
export function isSameTemplate(a: VirtualMachine['spec'], b: VirtualMachine['spec']): boolean {
  return isDeepStrictEqual(a.template.spec, b.template.spec);
}

function comparable(spec: VirtualMachine['spec']): object {
  const template: Partial<InstanceSpec> = { ...spec.template.spec };
  for (const field of LIVE_FIELDS) delete template[field];
  return template;
}
