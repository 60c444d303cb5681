import type { NewObject } from '../../api/objects';
import { findCondition } from '../conditions';
import { ownerReference } from '../vmi-factory';
import { portionOf } from './pods';
import { bareTemplate, templateHash } from './template-hash';
import { type Deployment, REVISION, type ReplicaSet, TEMPLATE_HASH, type WorkloadCondition } from './types';

const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';
const HISTORY = 'deployment.kubernetes.io/revision-history';
const DEFAULT_DEADLINE_S = 600;
/** Annotations that say something about the deployment alone and are not copied to its replica sets. */
const OWN_ANNOTATIONS = ['kubectl.kubernetes.io/last-applied-configuration', REVISION, HISTORY, DESIRED, MAX];

/** A deployment with the replica sets it controls. */
export interface Rollout {
  deployment: Deployment;
  current: ReplicaSet | undefined;
  /** Replica sets of other templates, oldest first. */
  old: ReplicaSet[];
}

/** How many pods a rollout may have beyond, and lack below, what is wanted. Mirrors ResolveFenceposts. */
export function bounds({ spec }: Deployment): { surge: number; unavailable: number } {
  const replicas = spec.replicas ?? 1;
  if (spec.strategy?.type === 'Recreate') return { surge: 0, unavailable: replicas };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec.strategy?.rollingUpdate ?? {};
  const surge = portionOf(maxSurge, replicas, 'up');
  const unavailable = portionOf(maxUnavailable, replicas, 'down');
  // Both 0 would make progress impossible.
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** Sorts the replica sets of a deployment by whether they have its present template. */
export function rolloutOf(deployment: Deployment, sets: readonly ReplicaSet[]): Rollout {
  const wanted = templateHash(deployment.spec.template);
  const byAge = [...sets].sort(
    (a, b) => Date.parse(a.metadata.creationTimestamp) - Date.parse(b.metadata.creationTimestamp),
  );
  const current = byAge.find(({ spec }) => templateHash(spec.template) === wanted);
  return { deployment, current, old: byAge.filter((set) => set !== current) };
}

/** The replica set for the deployment's present template, at revision `revision` and `replicas` strong. */
export function newReplicaSet(deployment: Deployment, revision: number, replicas: number): NewObject {
  const { name, namespace } = deployment.metadata;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template);
  const bare = bareTemplate(template);
  const labels = { ...bare.metadata?.labels, [TEMPLATE_HASH]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace ? { namespace } : {}),
      labels,
      annotations: annotationsFor(deployment, revision),
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      ...(minReadySeconds ? { minReadySeconds } : {}),
      replicas,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [TEMPLATE_HASH]: hash } },
      template: { ...bare, metadata: { ...bare.metadata, labels } },
    },
  };
}

/** What a deployment's replica set carries of the deployment. */
export function annotationsFor(deployment: Deployment, revision: number): Record<string, string> {
  const replicas = deployment.spec.replicas ?? 1;
  const inherited = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([name]) => !OWN_ANNOTATIONS.includes(name),
  );
  return {
    ...Object.fromEntries(inherited),
    [DESIRED]: String(replicas),
    [MAX]: String(replicas + bounds(deployment).surge),
    [REVISION]: String(revision),
  };
}

export function revisionOf({ metadata }: { metadata: ReplicaSet['metadata'] }): number {
  return Number(metadata.annotations?.[REVISION] ?? 0);
}

/** The revision that the present template has or gets: one more than any other. */
export function nextRevision({ current, old }: Rollout): number {
  const highest = Math.max(0, ...old.map(revisionOf));
  return current ? Math.max(revisionOf(current), highest + 1) : highest + 1;
}

/** The sizes that a step of the rollout gives to replica sets, by name; those not named stay. Pure. */
export function nextSizes(rollout: Rollout): Map<string, number> {
  const { deployment, current, old } = rollout;
  const wanted = deployment.spec.replicas ?? 1;
  const sizes = new Map<string, number>();
  const active = old.filter((set) => sizeOf(set) > 0);
  if (deployment.spec.strategy?.type === 'Recreate') {
    for (const set of active) sizes.set(set.metadata.name, 0);
    const ended = old.every(
      ({ status }) => (status?.replicas ?? 0) === 0 && (status?.terminatingReplicas ?? 0) === 0,
    );
    if (current && active.length === 0 && ended && sizeOf(current) !== wanted)
      sizes.set(current.metadata.name, wanted);
    return sizes;
  }
  const { surge, unavailable } = bounds(deployment);
  if (!current) return sizes;
  const total = [current, ...active].reduce((sum, set) => sum + sizeOf(set), 0);
  if (sizeOf(current) > wanted) sizes.set(current.metadata.name, wanted);
  else if (sizeOf(current) < wanted && total < wanted + surge) {
    const more = Math.min(wanted + surge - total, wanted - sizeOf(current));
    sizes.set(current.metadata.name, sizeOf(current) + more);
    return sizes;
  }
  shrinkOld(active, current, { wanted, unavailable }, sizes);
  return sizes;
}

/** Takes from old replica sets what serves nobody first, then as much as availability allows. Edits `sizes`. */
function shrinkOld(
  active: readonly ReplicaSet[],
  current: ReplicaSet,
  { wanted, unavailable }: { wanted: number; unavailable: number },
  sizes: Map<string, number>,
): void {
  const floor = wanted - unavailable;
  const unready = sizeOf(current) - (current.status?.availableReplicas ?? 0);
  const total = [current, ...active].reduce((sum, set) => sum + sizeOf(set), 0);
  let spare = total - floor - Math.max(0, unready);
  for (const set of active) {
    const useless = Math.min(spare, sizeOf(set) - (set.status?.availableReplicas ?? 0));
    if (useless <= 0) continue;
    sizes.set(set.metadata.name, sizeOf(set) - useless);
    spare -= useless;
  }
  const available = [current, ...active].reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
  let surplus = Math.min(spare, available - floor);
  for (const set of active) {
    const size = sizes.get(set.metadata.name) ?? sizeOf(set);
    const less = Math.min(surplus, size);
    if (less <= 0) continue;
    sizes.set(set.metadata.name, size - less);
    surplus -= less;
  }
}

/** The deployment's status at `time`, given that of its replica sets. Pure; mirrors syncRolloutStatus. */
export function rolloutStatus(rollout: Rollout, time: string): NonNullable<Deployment['status']> {
  const { deployment, current, old } = rollout;
  const sets = current ? [current, ...old] : old;
  const sum = (field: 'replicas' | 'readyReplicas' | 'availableReplicas' | 'terminatingReplicas') =>
    sets.reduce((count, { status }) => count + (status?.[field] ?? 0), 0);
  const wanted = deployment.spec.replicas ?? 1;
  const counts = {
    availableReplicas: sum('availableReplicas'),
    readyReplicas: sum('readyReplicas'),
    replicas: sum('replicas'),
    unavailableReplicas: Math.max(
      0,
      sets.reduce((count, set) => count + sizeOf(set), 0) - sum('availableReplicas'),
    ),
    updatedReplicas: current?.status?.replicas ?? 0,
  };
  const shown = Object.entries(counts).filter(([, count]) => count > 0);
  const status: NonNullable<Deployment['status']> = {
    ...Object.fromEntries(shown),
    terminatingReplicas: sum('terminatingReplicas'),
    observedGeneration: deployment.metadata.generation ?? 1,
  };
  const before = deployment.status?.conditions ?? [];
  const conditions = [...before.filter(({ type }) => type !== 'Available' && type !== 'ReplicaFailure')];
  const progress = progressing(rollout, counts, time);
  if (progress) put(conditions, progress, before);
  const enough = counts.availableReplicas >= wanted - bounds(deployment).unavailable;
  put(conditions, availability(enough, time), before);
  const failure = findCondition(current?.status, 'ReplicaFailure');
  if (failure) put(conditions, { ...failure, lastUpdateTime: time }, before);
  status.conditions = conditions;
  return status;
}

function progressing(
  { deployment, current }: Rollout,
  counts: { updatedReplicas: number; replicas: number; availableReplicas: number },
  time: string,
): WorkloadCondition | undefined {
  const wanted = deployment.spec.replicas ?? 1;
  const before = deployment.status?.conditions?.find(({ type }) => type === 'Progressing') as
    | WorkloadCondition
    | undefined;
  if (deployment.spec.paused) {
    const message = 'Deployment is paused';
    return said('Unknown', 'DeploymentPaused', message, time);
  }
  if (!current) return before;
  const set = `ReplicaSet "${current.metadata.name}"`;
  const complete =
    counts.updatedReplicas === wanted &&
    counts.replicas === wanted &&
    counts.availableReplicas === wanted &&
    (deployment.status?.observedGeneration ?? 0) >= (deployment.metadata.generation ?? 1);
  const finished = before?.reason === 'NewReplicaSetAvailable' && before.message?.startsWith(set);
  if (complete) return said('True', 'NewReplicaSetAvailable', `${set} has successfully progressed.`, time);
  // Pods that come and go after a finished rollout are no progress of it.
  if (finished) return before;
  if (!before || before.reason === 'DeploymentPaused' || !before.message?.includes(current.metadata.name)) {
    return said('True', 'NewReplicaSetCreated', `Created new replica set "${current.metadata.name}"`, time);
  }
  const moved =
    counts.updatedReplicas > (deployment.status?.updatedReplicas ?? 0) ||
    counts.availableReplicas > (deployment.status?.availableReplicas ?? 0) ||
    counts.replicas - counts.updatedReplicas <
      (deployment.status?.replicas ?? 0) - (deployment.status?.updatedReplicas ?? 0);
  if (moved)
    return { ...said('True', 'ReplicaSetUpdated', `${set} is progressing.`, time), lastUpdateTime: time };
  const deadline = (deployment.spec.progressDeadlineSeconds ?? DEFAULT_DEADLINE_S) * 1000;
  if (Date.parse(time) - Date.parse(before.lastUpdateTime ?? time) < deadline) return before;
  return said('False', 'ProgressDeadlineExceeded', `${set} has timed out progressing.`, time);
}

/** How long until an unfinished rollout counts as stuck, in milliseconds; undefined when it is not under way. */
export function timeToDeadline({ spec, status }: Deployment, now: number): number | undefined {
  const progress = status?.conditions?.find(({ type }) => type === 'Progressing') as
    | WorkloadCondition
    | undefined;
  if (progress?.status !== 'True' || progress.reason === 'NewReplicaSetAvailable') return undefined;
  const deadline = (spec.progressDeadlineSeconds ?? DEFAULT_DEADLINE_S) * 1000;
  return Math.max(0, Date.parse(progress.lastUpdateTime ?? '') + deadline - now);
}

function availability(enough: boolean, time: string): WorkloadCondition {
  const [status, reason, message] = enough
    ? (['True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.'] as const)
    : (['False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'] as const);
  return { type: 'Available', status, reason, message, lastUpdateTime: time, lastTransitionTime: time };
}

function said(
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  time: string,
): WorkloadCondition {
  return { type: 'Progressing', status, reason, message, lastUpdateTime: time, lastTransitionTime: time };
}

/** Puts a condition in its place; times move only with what they tell of. Edits `conditions`. */
function put(
  conditions: WorkloadCondition[],
  next: WorkloadCondition,
  before: readonly WorkloadCondition[],
): void {
  const known = before.find(({ type }) => type === next.type);
  const at = conditions.findIndex(({ type }) => type === next.type);
  const same =
    known?.status === next.status && known.reason === next.reason && known.message === next.message;
  const kept =
    same && next.reason !== 'ReplicaSetUpdated'
      ? known
      : {
          ...next,
          ...(known?.status === next.status ? { lastTransitionTime: known.lastTransitionTime } : {}),
        };
  // The condition keeps a transition time once it has one.
  const entry = kept as WorkloadCondition;
  if (at >= 0) conditions[at] = entry;
  else conditions.push(entry);
}

export function sizeOf({ spec }: ReplicaSet): number {
  return spec.replicas ?? 1;
}
