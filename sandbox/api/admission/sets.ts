import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import { type LabelSelection, selects } from '../label-selection';
import type { ClusterApi, KubeObject } from '../objects';
import type { KubeVirtConfig } from './config';
import { Findings } from './findings';
import type { TemplateMeta, VirtualMachine, VmiSpec, VmTemplate } from './types';
import { isKubeVirt } from './user';
import { validateVmiSpec } from './validate-vmi-spec';
import { validateMachineSpec } from './virtual-machine';
import { defaultVmiSpec } from './vmi-defaults';
import { denied, type WebhookName } from './webhook';

interface InstanceReplicaSet extends KubeObject {
  spec: { selector?: LabelSelection; template?: VmTemplate };
}

interface Pool extends KubeObject {
  spec: {
    selector?: LabelSelection;
    maxUnavailable?: number | string;
    virtualMachineTemplate?: { metadata?: TemplateMeta; spec: VirtualMachine['spec'] };
  };
}

interface Preset extends KubeObject {
  spec: { domain?: object };
}

/** The webhooks of what makes several VMs or instances of one template, and of presets. */
export const SET_WEBHOOKS = {
  'virtualmachineinstancereplicasets.kubevirt.io': {
    admit: validating('virtualmachinereplicaset-validator.kubevirt.io', checkReplicaSet),
  },
  'virtualmachinepools.pool.kubevirt.io': {
    admit: validating('virtualmachinepool-validator.kubevirt.io', checkPool),
  },
  'virtualmachineinstancepresets.kubevirt.io': {
    admit: validating('virtualmachinepreset-validator.kubevirt.io', checkPreset),
  },
};

type Check = (request: AdmissionRequest, config: KubeVirtConfig, found: Findings) => void;

function validating(webhook: WebhookName, check: Check) {
  return (request: AdmissionRequest, _cluster: ClusterApi, config: KubeVirtConfig): string[] => {
    const found = new Findings();
    check(request, config, found);
    if (found.causes.length > 0) throw denied(webhook, found.causes);
    return [];
  };
}

function checkReplicaSet({ object }: AdmissionRequest, config: KubeVirtConfig, found: Findings): void {
  // The schema check came before, here and below.
  const { template, selector } = (object as InstanceReplicaSet).spec;
  if (!template) {
    found.required('spec.template', 'missing virtual machine template.');
    return;
  }
  validateVmiSpec('spec.template.spec', defaulted(template.spec, config), config, found);
  checkSelector(selector, template.metadata, found);
}

function checkPool(
  { object, oldObject, user }: AdmissionRequest,
  config: KubeVirtConfig,
  found: Findings,
): void {
  const { virtualMachineTemplate: template, selector, maxUnavailable } = (object as Pool).spec;
  if (!template?.spec?.template) {
    const field = template ? 'spec.virtualMachineTemplate.spec.template' : 'spec.template';
    found.required(field, 'missing virtual machine template.');
    return;
  }
  const { template: vmi } = template.spec;
  const spec = { ...template.spec, template: { ...vmi, spec: defaulted(vmi.spec, config) } };
  validateMachineSpec('spec.virtualMachineTemplate.spec', spec, config, isKubeVirt(user), found);
  checkSelector(selector, template.metadata, found);
  checkMaxUnavailable(maxUnavailable, found);
  if (oldObject && !isDeepStrictEqual((oldObject as Pool).spec.selector, selector)) {
    found.invalid('spec.selector', 'selector is immutable after creation.');
  }
}

/** Checks take the VMI's defaults for granted, which a template has not got. */
function defaulted(template: VmiSpec, config: KubeVirtConfig): VmiSpec {
  const spec = structuredClone(template);
  defaultVmiSpec(spec, config);
  return spec;
}

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

function checkSelector(
  selector: LabelSelection | undefined,
  template: TemplateMeta | undefined,
  found: Findings,
): void {
  const odd = selector?.matchExpressions?.find(({ operator }) => !OPERATORS.includes(operator));
  if (odd) found.invalid('spec.selector', `"${odd.operator}" is not a valid label selector operator`);
  else if (!selects(selector, template?.labels)) {
    found.invalid('spec.selector', 'selector does not match labels.');
  }
}

function checkMaxUnavailable(wanted: number | string | undefined, found: Findings): void {
  const refuse = (message: string) => found.invalid('spec.maxUnavailable', message);
  if (typeof wanted === 'number') {
    if (wanted <= 0) refuse('maxUnavailable must be greater than 0');
    return;
  }
  if (wanted === undefined) return;
  if (!wanted.endsWith('%')) {
    refuse('maxUnavailable percentage must end with %');
    return;
  }
  const number = wanted.slice(0, -1);
  if (!/^[+-]?\d+$/.test(number)) {
    const why = `strconv.Atoi: parsing "${number}": invalid syntax`;
    refuse(`maxUnavailable percentage value "${number}" is invalid: ${why}`);
  } else if (Number(number) <= 0 || Number(number) > 100) {
    refuse(`maxUnavailable percentage value ${Number(number)} must be between 1 and 100`);
  }
}

function checkPreset({ object }: AdmissionRequest, _config: KubeVirtConfig, found: Findings): void {
  if (!(object as Preset).spec.domain) found.required('spec.domain', 'missing domain.');
}
