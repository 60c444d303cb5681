import { isDeepStrictEqual } from 'node:util';
import type { Choice } from '../../instancetype/types';
import type { AdmissionRequest } from '../admission';
import type { ClusterApi } from '../objects';
import { checkSockets } from './check-cpu';
import { checkMaxGuest } from './check-memory';
import type { KubeVirtConfig } from './config';
import { Findings } from './findings';
import type { VirtualMachine } from './types';
import { isKubeVirt } from './user';
import { validateVmiMetadata, validateVmiSpec } from './validate-vmi-spec';
import { defaultVirtualMachine } from './vm-defaults';
import { applyForValidation, checkRequirements, choiceOf, resolveReferences } from './vm-references';
import { defaultVmiSpec } from './vmi-defaults';
import { denied } from './webhook';

const RUN_STRATEGIES = ['Halted', 'Manual', 'Always', 'RerunOnFailure', 'Once', 'WaitAsReceiver'];
const RUNNING_WARNING = 'spec.running is deprecated, please use spec.runStrategy instead.';

/** Runs KubeVirt's webhooks for a VirtualMachine that conforms to its schema. Returns the warnings. */
export function admitVirtualMachine(
  request: AdmissionRequest,
  cluster: ClusterApi,
  config: KubeVirtConfig,
): string[] {
  const vm = request.object as VirtualMachine;
  // Go has no absent structs: a template without a spec has an empty one, a VM's that is being deleted too.
  vm.spec.template.spec ??= { domain: { devices: {} } };
  if (vm.metadata.deletionTimestamp) return [];
  resolveReferences(vm, request, cluster);
  defaultVirtualMachine(vm, config, request.operation === 'CREATE');
  const found = new Findings();
  const choice = choiceOf(vm, cluster);
  validateVirtualMachine(vm, choice, config, isKubeVirt(request.user), found);
  if (found.causes.length === 0) checkTemplateNamespaces(vm, request, found);
  if (found.causes.length === 0) checkLocks(vm, request, found);
  if (found.causes.length > 0) throw denied('virtualmachine-validator.kubevirt.io', found.causes);
  return vm.spec.running === undefined ? [] : [RUNNING_WARNING];
}

/**
 * KubeVirt's validation of a VM, which looks at the template with its instance type and preference applied and the
 * VMI's defaults filled in.
 */
function validateVirtualMachine(
  vm: VirtualMachine,
  choice: Choice,
  config: KubeVirtConfig,
  byKubeVirt: boolean,
  found: Findings,
): void {
  const template = structuredClone(vm.spec.template);
  applyForValidation(choice, template, found);
  if (found.causes.length > 0) return;
  defaultVmiSpec(template.spec, config);
  checkRequirements(choice, template, found);
  if (found.causes.length > 0) return;
  validateMachineSpec('spec', { ...vm.spec, template }, config, byKubeVirt, found);
}

/**
 * KubeVirt's ValidateVirtualMachineSpec, for a spec with the VMI's defaults filled in. `at` is where it stands: pools
 * hold one too.
 */
export function validateMachineSpec(
  at: string,
  spec: VirtualMachine['spec'],
  config: KubeVirtConfig,
  byKubeVirt: boolean,
  found: Findings,
): void {
  const { template } = spec;
  const templateSpec = `${at}.template.spec`;
  validateVmiMetadata(`${at}.template.metadata`, template.metadata, config, byKubeVirt, found);
  validateVmiSpec(templateSpec, template.spec, config, found);
  checkDataVolumeTemplates(at, spec, found);
  checkRunStrategy(at, spec, found);
  if (!config.liveUpdate) return;
  checkSockets(templateSpec, template.spec, found);
  checkMaxGuest(templateSpec, template.spec, found);
}

function checkDataVolumeTemplates(at: string, spec: VirtualMachine['spec'], found: Findings): void {
  const volumes = spec.template.spec.volumes ?? [];
  for (const [index, template] of (spec.dataVolumeTemplates ?? []).entries()) {
    // Their path lacks the s.
    const path = `${at}.dataVolumeTemplate[${index}]`;
    const name = template.metadata?.name;
    if (!name) {
      found.required(
        `${path}.name`,
        `'name' field must not be empty for DataVolumeTemplate entry ${path}.name.`,
      );
      continue;
    }
    const problem = dataVolumeProblem(template.spec);
    if (problem) {
      found.invalid(`${path}.${problem[0]}`, problem[1]);
      continue;
    }
    const used = volumes.some(
      ({ persistentVolumeClaim, dataVolume }) =>
        persistentVolumeClaim?.claimName === name || dataVolume?.name === name,
    );
    if (used) continue;
    const text = `DataVolumeTemplate entry ${path} must be referenced in the VMI template's 'volumes' list`;
    found.required(path, text);
  }
}

type DataVolumeSpec = NonNullable<VirtualMachine['spec']['dataVolumeTemplates']>[number]['spec'];

/** Which field of a data volume's spec is wrong, and why. */
function dataVolumeProblem({
  pvc,
  storage,
  source,
  sourceRef,
}: DataVolumeSpec): [string, string] | undefined {
  if (!pvc && !storage) return ['PVC.Storage', 'Missing Data volume PVC or Storage'];
  if (pvc && storage) {
    return ['PVC.Storage', 'Duplicate storage definition, both target storage and target pvc defined'];
  }
  const target = pvc ?? storage;
  const external = target?.dataSource || target?.dataSourceRef;
  if (external && (source || sourceRef)) {
    return ['source', 'External population is incompatible with Source and SourceRef'];
  }
  if (!external && !source && !sourceRef) {
    return [
      'source.sourceRef',
      'Data volume should have either Source, SourceRef, or be externally populated',
    ];
  }
  if (!source) return undefined;
  const kinds = Object.values(source).filter((value) => value !== undefined && value !== null).length;
  if (kinds === 0) return ['source', 'Missing dataVolume valid source'];
  return kinds > 1 ? ['source', 'Multiple dataVolume sources'] : undefined;
}

function checkRunStrategy(
  at: string,
  { running, runStrategy }: VirtualMachine['spec'],
  found: Findings,
): void {
  if (running !== undefined && runStrategy !== undefined) {
    const text =
      'Running and RunStrategy are mutually exclusive. Note that Running is deprecated, please use RunStrategy instead';
    found.invalid(`${at}.running`, text);
  }
  if (running === undefined && runStrategy === undefined) {
    found.invalid(`${at}.running`, 'RunStrategy must be specified');
  }
  if (runStrategy !== undefined && !RUN_STRATEGIES.includes(runStrategy)) {
    found.invalid(`${at}.runStrategy`, `Invalid RunStrategy (${runStrategy})`);
  }
}

function checkTemplateNamespaces(vm: VirtualMachine, request: AdmissionRequest, found: Findings): void {
  const old = request.oldObject as VirtualMachine | undefined;
  if (old && isDeepStrictEqual(old.spec.dataVolumeTemplates, vm.spec.dataVolumeTemplates)) return;
  const target = vm.metadata.namespace ?? request.namespace ?? '';
  for (const [index, { metadata }] of (vm.spec.dataVolumeTemplates ?? []).entries()) {
    if (!metadata?.namespace || metadata.namespace === target) continue;
    const text = `Embedded DataVolume namespace ${metadata.namespace} differs from VM namespace ${target}`;
    found.invalid(`spec.dataVolumeTemplates[${index}]`, text);
  }
}

interface Locks {
  snapshotInProgress?: string;
  restoreInProgress?: string;
}

/** A snapshot or restore under way holds the spec. */
function checkLocks(vm: VirtualMachine, request: AdmissionRequest, found: Findings): void {
  const old = request.oldObject as VirtualMachine | undefined;
  if (!old || isDeepStrictEqual(old.spec, vm.spec)) return;
  const { snapshotInProgress, restoreInProgress } = (vm.status ?? {}) as Locks;
  const halted = vm.spec.runStrategy === 'Halted' || vm.spec.running === false;
  if (snapshotInProgress !== undefined) {
    found.notSupported('spec', `Cannot update VM spec until snapshot "${snapshotInProgress}" completes`);
  } else if (restoreInProgress !== undefined && !halted) {
    found.notSupported('spec', `Cannot start VM until restore "${restoreInProgress}" completes`);
  }
}
