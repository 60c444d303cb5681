import type {
  V1beta1VirtualMachineInstancetypeSpec,
  V1beta1VirtualMachinePreferenceSpec,
  V1InstancetypeMatcher,
  V1PreferenceMatcher,
} from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { VirtualMachine } from '../api/admission/types';
import type { KubeObject } from '../api/objects';

export const GROUP = 'instancetype.kubevirt.io';
export const API_VERSION = `${GROUP}/v1beta1`;

export type InstancetypeSpec = V1beta1VirtualMachineInstancetypeSpec;
export type PreferenceSpec = V1beta1VirtualMachinePreferenceSpec;
export type Matcher = V1InstancetypeMatcher | V1PreferenceMatcher;

/** `spec.instancetype` and `spec.preference` of a VM, and the kinds and fields that follow from each. */
export type Aspect = 'instancetype' | 'preference';

/** What `status.instancetypeRef` and `status.preferenceRef` hold. */
export interface StatusRef {
  name?: string;
  kind?: string;
  controllerRevisionRef?: { name: string };
  inferFromVolume?: string;
  inferFromVolumeFailurePolicy?: string;
}

/** A VM as instance types see it. */
export interface SizedMachine extends VirtualMachine {
  status?: { instancetypeRef?: StatusRef; preferenceRef?: StatusRef; [field: string]: unknown };
}

/** An instance type or preference, namespaced or cluster-wide. */
export interface SpecObject<Spec> extends KubeObject {
  spec: Spec;
}

/** A field of a VM that an instance type decides as well. */
export interface Conflict {
  field: string;
  message: string;
}

/** The conflict over `field`, in the words of KubeVirt. */
export function conflictOver(field: string): Conflict {
  return { field, message: `VM field(s) ${field} conflicts with selected instance type` };
}

/** What a VM's references stand for. */
export interface Choice {
  instancetype: InstancetypeSpec | undefined;
  preference: PreferenceSpec | undefined;
}
