import { isDeepStrictEqual } from 'node:util';
import { selects } from '../../api/label-selection';
import type { VirtualMachine, VirtualMachineInstance } from '../types';
import { POOL_REVISION, type PoolSpec } from './types';

/** The first `count` names `<pool>-<n>` that are free. */
export function newNames(pool: string, count: number, isTaken: (name: string) => boolean): string[] {
  const names: string[] = [];
  for (let index = 0; names.length < count; index += 1) {
    const name = `${pool}-${index}`;
    if (!isTaken(name)) names.push(name);
  }
  return names;
}

export function indexOf(name: string): number {
  return Number(name.slice(name.lastIndexOf('-') + 1));
}

/**
 * The VM spec that a pool's template gives for one index: what belongs to a single VM (its DataVolumes and, where that
 * is asked for, its ConfigMaps and Secrets) gets the index in its name. Mirrors indexVMSpec.
 */
export function indexedSpec(spec: PoolSpec, index: number, revision: string): VirtualMachine['spec'] {
  const vm = structuredClone(spec.virtualMachineTemplate.spec);
  const renamed = new Map<string, string>();
  for (const template of vm.dataVolumeTemplates ?? []) {
    const name = `${template.metadata.name}-${index}`;
    renamed.set(template.metadata.name, name);
    template.metadata.name = name;
  }
  const { appendIndexToConfigMapRefs, appendIndexToSecretRefs } = spec.nameGeneration ?? {};
  for (const { persistentVolumeClaim: claim, dataVolume, configMap, secret } of vm.template.spec.volumes ??
    []) {
    if (claim) claim.claimName = renamed.get(claim.claimName) ?? claim.claimName;
    else if (dataVolume) dataVolume.name = renamed.get(dataVolume.name) ?? dataVolume.name;
    else if (configMap && appendIndexToConfigMapRefs) configMap.name += `-${index}`;
    else if (secret && appendIndexToSecretRefs) secret.secretName += `-${index}`;
  }
  vm.template.metadata ??= {};
  vm.template.metadata.labels = { ...vm.template.metadata.labels, [POOL_REVISION]: revision };
  return vm;
}

/** How many VMs a rollout may take out of service at once; a tenth of a VM counts as one. */
export function maxUnavailable({ maxUnavailable: wanted = '100%', replicas = 1 }: PoolSpec): number {
  const count =
    typeof wanted === 'string' ? Math.floor((replicas * Number.parseInt(wanted, 10)) / 100) : wanted;
  return Math.max(1, count);
}

type Policy = NonNullable<NonNullable<PoolSpec['scaleInStrategy']>['proactive']>['selectionPolicy'];

/** VMs in the order in which a policy picks them. Those that its selectors name come first; `random` is in [0, 1). */
export function inPolicyOrder(
  vms: readonly VirtualMachine[],
  policy: Policy,
  random: () => number,
): VirtualMachine[] {
  const sorted = sortVms(vms, policy?.sortPolicy ?? 'Random', random);
  const labels = policy?.selectors?.labelSelector;
  if (!labels) return sorted;
  const named = (vm: VirtualMachine) => selects(labels, vm.metadata.labels);
  return [...sorted.filter(named), ...sorted.filter((vm) => !named(vm))];
}

function sortVms(vms: readonly VirtualMachine[], order: string, random: () => number): VirtualMachine[] {
  const by = (value: (vm: VirtualMachine) => number) => [...vms].sort((a, b) => value(a) - value(b));
  const age = ({ metadata }: VirtualMachine) => Date.parse(metadata.creationTimestamp);
  switch (order) {
    case 'AscendingOrder':
      return by(({ metadata }) => indexOf(metadata.name));
    case 'DescendingOrder':
      return by(({ metadata }) => -indexOf(metadata.name));
    case 'Oldest':
      return by(age);
    case 'Newest':
      return by((vm) => -age(vm));
    default: {
      const drawn = new Map(vms.map((vm) => [vm.metadata.uid, random()]));
      return by(({ metadata }) => drawn.get(metadata.uid) ?? 0);
    }
  }
}

/** Whether a VM comes from another template than the pool has now. */
export function isOutdated(
  { metadata }: VirtualMachine,
  spec: PoolSpec,
  specOf: (revision: string) => PoolSpec | undefined,
): boolean {
  const revision = metadata.labels?.[POOL_REVISION];
  const made = revision === undefined ? undefined : specOf(revision);
  return !made || !isDeepStrictEqual(made.virtualMachineTemplate, spec.virtualMachineTemplate);
}

/** What a running instance takes to come up with its VM. Mirrors isOutdatedVMI. */
export type InstanceUpdate = 'none' | 'relabel' | 'restart' | 'replace VM';

export function instanceUpdate(
  vm: VirtualMachine,
  vmi: VirtualMachineInstance,
  specOf: (revision: string) => PoolSpec | undefined,
): InstanceUpdate {
  const wanted = vm.metadata.labels?.[POOL_REVISION];
  const has = vmi.metadata.labels?.[POOL_REVISION];
  if (wanted === undefined || wanted === has) return 'none';
  if (has === undefined) return 'restart';
  const [to, from] = [specOf(wanted), specOf(has)].map((spec) => spec?.virtualMachineTemplate.spec);
  if (!to) return 'none';
  if (!from) return 'restart';
  if (!isDeepStrictEqual(from.dataVolumeTemplates, to.dataVolumeTemplates)) return 'replace VM';
  return isDeepStrictEqual(from.template, to.template) ? 'relabel' : 'restart';
}
