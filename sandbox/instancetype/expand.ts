import { readConfig } from '../api/admission/config';
import { defaultDisksAndNetwork, defaultTemplateSpec } from '../api/admission/vmi-defaults';
import type { ClusterApi } from '../api/objects';
import { applyChoice } from './apply';
import { findChoice } from './find';
import type { SizedMachine } from './types';

const AT = 'spec.template.spec';

/** Why a VM cannot be expanded: it decides what its instance type decides. */
export class ConflictError extends Error {
  constructor(readonly fields: string[]) {
    super(`VM field(s) ${fields.join(', ')} conflicts with selected instance type`);
  }
}

/**
 * The VM without references: what they stand for is written into its template, and the defaults that a VMI would get.
 * Mirrors the expander of KubeVirt behind `expand-spec`. A VM that names neither comes back as it is.
 * @throws ConflictError; Error in KubeVirt's words when something is not found.
 */
export function expandMachine(cluster: ClusterApi, vm: SizedMachine): SizedMachine {
  if (!vm.spec.instancetype && !vm.spec.preference) return vm;
  const choice = findChoice(cluster, vm);
  const expanded = structuredClone(vm);
  const { template } = expanded.spec;
  template.spec.domain.devices ??= {};
  defaultDisksAndNetwork(template.spec);
  const metadata = template.metadata ?? {};
  const conflicts = applyChoice(AT, choice, template.spec, metadata);
  if (conflicts.length > 0) throw new ConflictError(conflicts.map(({ field }) => field));
  template.metadata = metadata;
  defaultTemplateSpec(template.spec, readConfig(cluster));
  delete expanded.spec.instancetype;
  delete expanded.spec.preference;
  return expanded;
}

/**
 * The VM as virt-controller compares and starts it: its references applied to the template and kept.
 * @throws ConflictError; Error in KubeVirt's words when something is not found.
 */
export function applyToMachine<Machine extends SizedMachine>(cluster: ClusterApi, vm: Machine): Machine {
  if (!vm.spec.instancetype && !vm.spec.preference) return vm;
  const choice = findChoice(cluster, vm);
  const applied = structuredClone(vm);
  const { template } = applied.spec;
  const metadata = template.metadata ?? {};
  const conflicts = applyChoice(AT, choice, template.spec, metadata);
  if (conflicts.length > 0) throw new ConflictError(conflicts.map(({ field }) => field));
  template.metadata = metadata;
  return applied;
}
