import { notFound } from '../api/errors';
import type { ClusterApi, KubeObject } from '../api/objects';
import {
  type Aspect,
  type Choice,
  GROUP,
  type InstancetypeSpec,
  type Matcher,
  type PreferenceSpec,
  type SizedMachine,
  type SpecObject,
  type StatusRef,
} from './types';

const REVISIONS = 'controllerrevisions.apps';

/** The words for each aspect: the last part of its kinds, its status field, and KubeVirt's name for its reference. */
const WORDS = {
  instancetype: { plural: 'instancetypes', status: 'instancetypeRef', matcher: 'InstancetypeMatcher' },
  preference: { plural: 'preferences', status: 'preferenceRef', matcher: 'PreferenceMatcher' },
} as const;

/** The specs that a VM's references stand for; undefined for what it does not name. @throws Error as `findSpec` does. */
export function findChoice(cluster: ClusterApi, vm: SizedMachine): Choice {
  return {
    instancetype: findSpec<InstancetypeSpec>(cluster, vm, 'instancetype'),
    preference: findSpec<PreferenceSpec>(cluster, vm, 'preference'),
  };
}

/**
 * The spec that a VM's reference stands for: of the revision it names, of the one that virt-controller stored, or of
 * the object as it is now. Mirrors the spec finders of KubeVirt.
 * @throws Error in KubeVirt's words, which end up in conditions and refusals.
 */
export function findSpec<Spec>(cluster: ClusterApi, vm: SizedMachine, aspect: Aspect): Spec | undefined {
  const matcher = vm.spec[aspect];
  if (!matcher) return undefined;
  const revision = matcher.revisionName || storedRevision(vm, aspect);
  if (!revision) return findObject<Spec>(cluster, vm, aspect).spec;
  const found = cluster.get<KubeObject & { data?: SpecObject<Spec> }>(
    REVISIONS,
    vm.metadata.namespace,
    revision,
  );
  if (!found) throw notFound({ plural: 'controllerrevisions', group: 'apps' }, revision);
  if (!found.data?.spec) throw new Error(`unexpected type in ControllerRevision: ${revision}`);
  return found.data.spec;
}

/** The object that a VM's reference names now. @throws Error in KubeVirt's words. */
export function findObject<Spec>(cluster: ClusterApi, vm: SizedMachine, aspect: Aspect): SpecObject<Spec> {
  const { kind = '', name = '' } = vm.spec[aspect] ?? {};
  const { plural, matcher } = WORDS[aspect];
  const wanted = kind.toLowerCase();
  const named = [`virtualmachine${plural}`, `virtualmachinecluster${plural}`].find(
    (candidate) => wanted === candidate || `${wanted}s` === candidate,
  );
  const resource = kind === '' ? `virtualmachinecluster${plural}` : named;
  if (!resource) throw new Error(`got unexpected kind in ${matcher}: ${kind}`);
  const namespace = resource.startsWith('virtualmachinecluster') ? undefined : vm.metadata.namespace;
  const found = cluster.get<SpecObject<Spec>>(`${resource}.${GROUP}`, namespace, name);
  if (!found) throw notFound({ plural: resource, group: GROUP }, name);
  return found;
}

/** The revision that virt-controller stored for what the VM's reference still names. */
export function storedRevision(vm: SizedMachine, aspect: Aspect): string | undefined {
  const ref = statusRef(vm, aspect);
  const matcher = vm.spec[aspect];
  return ref && matcher && isSameReference(ref, matcher) ? ref.controllerRevisionRef?.name : undefined;
}

export function statusRef(vm: SizedMachine, aspect: Aspect): StatusRef | undefined {
  return vm.status?.[WORDS[aspect].status];
}

export function statusField(aspect: Aspect): 'instancetypeRef' | 'preferenceRef' {
  return WORDS[aspect].status;
}

/** Whether a status still speaks of what the spec names. */
export function isSameReference(ref: StatusRef, { name, kind }: Matcher): boolean {
  return ref.name === name && (ref.kind ?? '') === (kind ?? '');
}
