import { DEFINITIONS, type Definition, holdForCleanup } from './custom/definition';
import { dropEmpty, timestamp } from './metadata';
import type { DeleteOptions, KubeObject } from './objects';
import type { ResourceType } from './resource-type';

const POD_GRACE_SECONDS = 30;

/** Sets deletionTimestamp, grace period and the finalizers that the propagation policy asks for. Edits `draft`. */
export function markDeleted(type: ResourceType, draft: KubeObject, options: DeleteOptions, now: Date): void {
  const { metadata } = draft;
  const first = metadata.deletionTimestamp === undefined;
  const grace = type.id === 'pods' ? podGrace(draft, options) : 0;
  if (first || grace < (metadata.deletionGracePeriodSeconds ?? 0)) {
    metadata.deletionTimestamp = timestamp(secondsAfter(now, grace));
    metadata.deletionGracePeriodSeconds = grace;
    if (metadata.generation) metadata.generation += 1;
  }
  const policy = options.propagationPolicy;
  if (first && policy) {
    const kept = (metadata.finalizers ?? []).filter(
      (name) => name !== 'foregroundDeletion' && name !== 'orphan',
    );
    if (policy === 'Foreground') kept.push('foregroundDeletion');
    if (policy === 'Orphan') kept.push('orphan');
    metadata.finalizers = kept;
  }
  if (type.id === DEFINITIONS && first) holdForCleanup(draft as Definition, timestamp(now));
  dropEmpty(metadata);
  if (type.id === 'namespaces')
    draft.status = { ...(draft.status as object | undefined), phase: 'Terminating' };
}

/** As Go adds a duration, which is nanoseconds in an int64: what takes longer than 292 years wraps around. */
function secondsAfter(now: Date, seconds: number): Date {
  const nanoseconds = BigInt.asIntN(64, BigInt(Math.trunc(seconds)) * 1_000_000_000n);
  return new Date(now.getTime() + Number(nanoseconds / 1_000_000n));
}

/** Whether an object that is being deleted has nothing left to wait for. */
export function mayGo(type: ResourceType, { metadata, spec }: KubeObject): boolean {
  if (metadata.finalizers?.length) return false;
  if (type.id === 'pods' && (metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  if (type.id !== 'namespaces') return true;
  return ((spec as { finalizers?: string[] } | undefined)?.finalizers?.length ?? 0) === 0;
}

/** Pods end at once when nothing runs; otherwise after the grace period of the request or of the spec. */
function podGrace(pod: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  const spec = pod.spec as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined;
  const phase = (pod.status as { phase?: string } | undefined)?.phase;
  if (!spec?.nodeName || phase === 'Succeeded' || phase === 'Failed') return 0;
  return Math.max(0, gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? POD_GRACE_SECONDS);
}
