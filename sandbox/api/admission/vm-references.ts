import { applyChoice } from '../../instancetype/apply';
import { findChoice, findSpec } from '../../instancetype/find';
import { inferReference } from '../../instancetype/infer';
import { unmetRequirement } from '../../instancetype/requirements';
import { spreadConflict } from '../../instancetype/topology';
import type { Aspect, Choice, Matcher, PreferenceSpec } from '../../instancetype/types';
import type { AdmissionRequest } from '../admission';
import type { ClusterApi } from '../objects';
import { Findings } from './findings';
import type { VirtualMachine, VmTemplate } from './types';
import { denied, deniedPlainly } from './webhook';

const MUTATOR = 'virtualmachines-mutator.kubevirt.io';
const ASPECTS: readonly Aspect[] = ['instancetype', 'preference'];
const FAILURE_POLICIES = ['Ignore', 'Reject'];

/**
 * What virtualmachines-mutator does about `spec.instancetype` and `spec.preference`, in place: it looks at them, infers
 * them from a volume, and fills in what only a preference can give (architecture, machine type, storage class).
 * @throws ApiError 422 and, for a failed inference, 400 without a reason.
 */
export function resolveReferences(vm: VirtualMachine, request: AdmissionRequest, cluster: ClusterApi): void {
  const old = request.operation === 'UPDATE' ? (request.oldObject as VirtualMachine | undefined) : undefined;
  for (const aspect of ASPECTS) refuse((found) => checkUpdate(vm, old, aspect, found));
  for (const aspect of ASPECTS) refuse((found) => checkMatcher(aspect, vm.spec[aspect], found));
  for (const aspect of ASPECTS) {
    try {
      inferReference(cluster, vm, aspect);
    } catch (error) {
      throw deniedPlainly(MUTATOR, error instanceof Error ? error.message : String(error));
    }
  }
  applyToVm(vm, preferenceOf(vm, cluster));
}

function refuse(check: (found: Findings) => void): void {
  const found = new Findings();
  check(found);
  if (found.causes.length > 0) throw denied(MUTATOR, found.causes);
}

function checkUpdate(
  vm: VirtualMachine,
  old: VirtualMachine | undefined,
  aspect: Aspect,
  found: Findings,
): void {
  const [before, after] = [old?.spec[aspect], vm.spec[aspect]];
  if (!before?.revisionName || !after) return;
  if (before.name !== after.name && before.revisionName === after.revisionName) {
    const text = 'the Matcher Name has been updated without updating the RevisionName';
    found.invalid(`spec.${aspect}.revisionName`, text);
  }
}

function checkMatcher(aspect: Aspect, matcher: Matcher | undefined, found: Findings): void {
  if (!matcher) return;
  const { name, kind, inferFromVolume, inferFromVolumeFailurePolicy: policy } = matcher;
  const within = `within the ${aspect} matcher`;
  const at = `spec.${aspect}`;
  if (!name && !inferFromVolume) {
    found.notFound(at, `Either Name or InferFromVolume should be provided ${within}`);
  }
  if (inferFromVolume && name) {
    found.notFound(`${at}.name`, `Name should not be provided when InferFromVolume is used ${within}`);
  }
  if (inferFromVolume && kind) {
    found.notFound(`${at}.kind`, `Kind should not be provided when InferFromVolume is used ${within}`);
  }
  if (policy !== undefined && !FAILURE_POLICIES.includes(policy)) {
    const text = `Invalid value '${policy}' for InferFromVolumeFailurePolicy`;
    found.invalid(`${at}.inferFromVolumeFailurePolicy`, text);
  }
}

/** The mutator swallows failures: who cannot be found is told of by the controller. */
function preferenceOf(vm: VirtualMachine, cluster: ClusterApi): PreferenceSpec | undefined {
  try {
    return findSpec<PreferenceSpec>(cluster, vm, 'preference');
  } catch {
    return undefined;
  }
}

function applyToVm({ spec }: VirtualMachine, preference: PreferenceSpec | undefined): void {
  if (!preference) return;
  const { template, dataVolumeTemplates = [] } = spec;
  if (preference.preferredArchitecture) template.spec.architecture ||= preference.preferredArchitecture;
  if (preference.machine?.preferredMachineType) {
    template.spec.domain.machine ??= {};
    template.spec.domain.machine.type ||= preference.machine.preferredMachineType;
  }
  const storageClass = preference.volumes?.preferredStorageClassName;
  if (!storageClass) return;
  for (const { spec: dataVolume } of dataVolumeTemplates) {
    for (const claim of [dataVolume.pvc, dataVolume.storage]) {
      if (claim) claim.storageClassName ??= storageClass;
    }
  }
}

/** What a VM's references stand for. One that cannot be found is accepted here: the VM then waits for it, stopped. */
export function choiceOf(vm: VirtualMachine, cluster: ClusterApi): Choice {
  try {
    return findChoice(cluster, vm);
  } catch {
    return { instancetype: undefined, preference: undefined };
  }
}

/** Applies a VM's instance type and preference to a copy of its template, in place; adds what they disagree about. */
export function applyForValidation(choice: Choice, template: VmTemplate, found: Findings): void {
  const unspreadable = spreadConflict(choice.instancetype, choice.preference);
  if (unspreadable) {
    found.invalid(unspreadable.field, unspreadable.message);
    return;
  }
  const metadata = template.metadata ?? {};
  template.spec.domain.devices ??= {};
  for (const { field, message } of applyChoice('spec.template.spec', choice, template.spec, metadata)) {
    found.invalid(field, message);
  }
  if (choice.instancetype || choice.preference) template.metadata = metadata;
}

/** `template` has everything applied, and its defaults. */
export function checkRequirements(choice: Choice, { spec }: VmTemplate, found: Findings): void {
  const unmet = unmetRequirement(choice, spec);
  if (unmet) found.notFound(unmet.field, `failure checking preference requirements: ${unmet.message}`);
}
