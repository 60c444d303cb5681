import type { VmiSpec } from '../api/admission/types';
import { defaultDisksAndNetwork } from '../api/admission/vmi-defaults';
import type { ClusterApi, KubeObject, NewObject } from '../api/objects';
import { applyChoice } from '../instancetype/apply';
import { applyDevicePreferences } from '../instancetype/apply-device-preferences';
import { applyToMachine, expandMachine } from '../instancetype/expand';
import {
  findChoice,
  findObject,
  findSpec,
  isSameReference,
  statusField,
  statusRef,
} from '../instancetype/find';
import { API_VERSION, type Aspect, GROUP, type SizedMachine, type StatusRef } from '../instancetype/types';
import { REVISIONS, type VirtualMachine, VMS } from './types';
import { ownerReference } from './vmi-factory';

const ASPECTS: readonly Aspect[] = ['instancetype', 'preference'];
const FIND_FAILURES = { instancetype: 'FailedFindInstancetype', preference: 'FailedFindPreference' } as const;
const VERSION = API_VERSION.slice(GROUP.length + 1);

/** The resources whose objects a VM may refer to. */
export const REFERRED = ['instancetype', 'clusterinstancetype', 'preference', 'clusterpreference'].map(
  (kind) => `virtualmachine${kind}s.${GROUP}`,
);

/** Why a VM can go no further, with the reason that its Failure condition gives. */
export class SyncFailure extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** Whether a Failure condition tells of a reference that stands for nothing. */
export function isFindFailure(reason: string | undefined): boolean {
  return Object.values(FIND_FAILURES).some((failure) => failure === reason);
}

interface KubeVirt extends KubeObject {
  spec?: { configuration?: { instancetype?: { referencePolicy?: string } } };
}

/**
 * Keeps what a VM's instance type and preference are now in revisions of its own and points to them in its status, or
 * writes them into its template where the KubeVirt resource says so. Mirrors Sync of KubeVirt's instance type
 * controller. Returns the VM as stored.
 * @throws SyncFailure when a reference stands for nothing or conflicts with the VM.
 */
export function syncReferences(cluster: ClusterApi, vm: VirtualMachine): VirtualMachine {
  const cleared = clearRefs(cluster, vm);
  if (!cleared.spec.instancetype && !cleared.spec.preference) return cleared;
  for (const aspect of ASPECTS) {
    attempt(FIND_FAILURES[aspect], () => findSpec(cluster, sized(cleared), aspect));
  }
  const policy =
    cluster.list<KubeVirt>('kubevirts.kubevirt.io')[0]?.spec?.configuration?.instancetype?.referencePolicy;
  if (policy === 'expand' || policy === 'expandAll') return expandStored(cluster, cleared, policy);
  return attempt('FailedCreate', () => storeRevisions(cluster, cleared));
}

function attempt<Result>(reason: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new SyncFailure(reason, error instanceof Error ? error.message : String(error));
  }
}

/** The controllers' view of a VM and the published type are two views of one object. */
function sized(vm: VirtualMachine): SizedMachine {
  return vm as unknown as SizedMachine;
}

/** A status does not speak of what the spec no longer names. */
function clearRefs(cluster: ClusterApi, vm: VirtualMachine): VirtualMachine {
  const stale = ASPECTS.filter((aspect) => !vm.spec[aspect] && statusRef(sized(vm), aspect));
  if (stale.length === 0) return vm;
  return update(cluster, vm, (draft) => {
    for (const aspect of stale) delete draft.status?.[statusField(aspect)];
  });
}

function storeRevisions(cluster: ClusterApi, vm: VirtualMachine): VirtualMachine {
  const refs = ASPECTS.flatMap((aspect): [Aspect, StatusRef][] => {
    const matcher = vm.spec[aspect];
    if (!matcher) return [];
    const current = statusRef(sized(vm), aspect);
    const named = { ...(matcher.kind ? { kind: matcher.kind } : {}), name: matcher.name ?? '' };
    const kept = current && isSameReference(current, named) ? current.controllerRevisionRef?.name : undefined;
    const revision = matcher.revisionName || kept || storeRevision(cluster, vm, aspect);
    return [[aspect, { ...named, controllerRevisionRef: { name: revision } }]];
  });
  return update(cluster, vm, (draft) => {
    draft.status ??= {};
    for (const [aspect, ref] of refs) draft.status[statusField(aspect)] = ref;
  });
}

/** Stores the object as it is now, unless that was done before, and returns the revision's name. */
function storeRevision(cluster: ClusterApi, vm: VirtualMachine, aspect: Aspect): string {
  const revision = revisionOf(cluster, vm, aspect);
  const { namespace, name } = revision.metadata;
  if (!cluster.get(REVISIONS, namespace, name)) cluster.create(REVISIONS, revision);
  return name;
}

/**
 * The revision that keeps what a VM's instance type or preference is now.
 * @throws Error in KubeVirt's words when it is not found.
 */
export function revisionOf(
  cluster: ClusterApi,
  vm: VirtualMachine,
  aspect: Aspect,
): NewObject & { metadata: { name: string } } {
  const { metadata, kind, spec } = findObject<object>(cluster, sized(vm), aspect);
  const generation = metadata.generation ?? 1;
  const name = `${vm.metadata.name}-${metadata.name}-${VERSION}-${metadata.uid}-${generation}`;
  const { namespace } = vm.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      labels: {
        [`${GROUP}/object-generation`]: String(generation),
        [`${GROUP}/object-kind`]: kind,
        [`${GROUP}/object-name`]: metadata.name,
        [`${GROUP}/object-uid`]: metadata.uid,
        [`${GROUP}/object-version`]: VERSION,
      },
      ownerReferences: [ownerReference(vm)],
    },
    data: {
      kind,
      apiVersion: API_VERSION,
      metadata: {
        name: metadata.name,
        ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
        generation,
        creationTimestamp: metadata.creationTimestamp,
      },
      spec: structuredClone(spec),
    },
    revision: 0,
  };
}

/** `expand` leaves VMs alone that got revisions under another policy; `expandAll` does not. */
function expandStored(
  cluster: ClusterApi,
  vm: VirtualMachine,
  policy: 'expand' | 'expandAll',
): VirtualMachine {
  const stored = ASPECTS.flatMap((aspect) => statusRef(sized(vm), aspect)?.controllerRevisionRef?.name ?? []);
  if (policy === 'expand' && stored.length > 0) return vm;
  const expanded = attempt('FailedCreate', () => expandMachine(cluster, sized(vm)));
  const updated = update(cluster, vm, (draft) => {
    // As above: two views of one object.
    draft.spec = expanded.spec as unknown as VirtualMachine['spec'];
    for (const aspect of ASPECTS) delete draft.status?.[statusField(aspect)];
  });
  for (const name of stored) cluster.delete(REVISIONS, vm.metadata.namespace, name);
  return updated;
}

function update(
  cluster: ClusterApi,
  vm: VirtualMachine,
  change: (draft: VirtualMachine) => void,
): VirtualMachine {
  return cluster.update<VirtualMachine>(VMS, vm.metadata.namespace, vm.metadata.name, change) ?? vm;
}

/** The spec of a VM with the revisions named that it runs by, as the revision of its start keeps it. */
export function pinnedSpec(vm: VirtualMachine): VirtualMachine['spec'] {
  const pinned = { ...vm.spec };
  for (const aspect of ASPECTS) {
    const matcher = vm.spec[aspect];
    const revision = statusRef(sized(vm), aspect)?.controllerRevisionRef?.name;
    if (matcher && revision) pinned[aspect] = { ...matcher, revisionName: revision };
  }
  return pinned;
}

/**
 * The spec with what its references stand for written into the template, for comparing what a VM was started with to
 * what it is now. What stands for nothing (any more) counts for nothing.
 */
export function appliedSpec(
  cluster: ClusterApi,
  vm: VirtualMachine,
  spec: VirtualMachine['spec'] = vm.spec,
): VirtualMachine['spec'] {
  try {
    // As above: two views of one object.
    return applyToMachine(cluster, sized({ ...vm, spec })).spec as unknown as VirtualMachine['spec'];
  } catch {
    return spec;
  }
}

/**
 * Gives a new instance what its VM's references stand for, before the mutating webhook's defaults: in place, with the
 * annotations that name them. Mirrors setupVMIFromVM and ApplyToVMI.
 * @throws Error when the VM decides what its instance type decides.
 */
export function applyToInstance(cluster: ClusterApi, vm: VirtualMachine, draft: NewObject): void {
  const choice = findChoice(cluster, sized(vm));
  // Built from the template, which has passed its schema.
  const spec = draft.spec as VmiSpec;
  spec.domain.devices ??= {};
  if (choice.preference) applyDevicePreferences(choice.preference, spec);
  attachInput(spec);
  if (!choice.instancetype && !choice.preference) return;
  defaultDisksAndNetwork(spec);
  draft.metadata.annotations = { ...draft.metadata.annotations, ...nameAnnotations(vm) };
  const conflicts = applyChoice('spec', choice, spec, draft.metadata).map(({ field }) => field);
  if (conflicts.length > 0) {
    throw new Error(`VMI conflicts with instancetype spec in fields: [${conflicts.join(', ')}]`);
  }
}

/** Bus and type follow from the preference, or else from the webhook's defaults. */
function attachInput({ domain: { devices } }: VmiSpec): void {
  if (!devices.autoattachInputDevice || devices.inputs?.length) return;
  // The published type wants bus and type, which are filled in later.
  Object.assign(devices, { inputs: [{ name: 'default-0' }] });
}

function nameAnnotations({ spec }: VirtualMachine): Record<string, string> {
  return Object.fromEntries(
    ASPECTS.flatMap((aspect) => {
      const { name, kind = '' } = spec[aspect] ?? {};
      if (!name) return [];
      const clusterWide = kind === '' || kind.toLowerCase().startsWith('virtualmachinecluster');
      return [[`kubevirt.io/${clusterWide ? 'cluster-' : ''}${aspect}-name`, name]];
    }),
  );
}
