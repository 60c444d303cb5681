import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { setCondition } from '../conditions';
import { timestamp } from '../time';
import type { Pod } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import {
  byWorth,
  claimPods,
  controllerOf,
  createOwnedPod,
  deleteOwnedPod,
  isActive,
  isAvailable,
  isReady,
  podFromTemplate,
} from './pods';
import { REPLICA_SETS, type ReplicaCounts, type ReplicaSet } from './types';

const COMPONENT = 'replicaset-controller';
const LATENCY_MS = 20;
const BURST = 500;
const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 60_000;

/** The replica set controller: as many pods as each set wants. */
export class ReplicaSetController {
  private readonly queue = new WorkQueue('replicaset', (key) => this.reconcile(key), LATENCY_MS);
  private readonly refusals = new Map<string, number>();
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<ReplicaSet>(REPLICA_SETS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'ReplicaSet') this.queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const set = this.cluster.get<ReplicaSet>(REPLICA_SETS, namespace, name);
    if (!set) return;
    const pods = claimPods(this.cluster, set);
    const refusal = set.metadata.deletionTimestamp ? undefined : this.manage(key, set, pods.filter(isActive));
    this.report(key, set, refusal);
  }

  private manage(key: string, set: ReplicaSet, active: Pod[]): string | undefined {
    const missing = (set.spec.replicas ?? 1) - active.length;
    for (let count = 0; count < Math.min(missing, BURST); count += 1) {
      const pod = podFromTemplate(set, set.spec.template);
      const { refusal } = createOwnedPod(this.cluster, set, pod, COMPONENT);
      if (refusal === undefined) continue;
      const times = (this.refusals.get(key) ?? 0) + 1;
      this.refusals.set(key, times);
      this.queue.add(key, Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** times));
      return refusal;
    }
    this.refusals.delete(key);
    for (const pod of [...active].sort(byWorth).slice(0, Math.max(0, -missing))) {
      deleteOwnedPod(this.cluster, set, pod, COMPONENT);
    }
    return undefined;
  }

  private report(key: string, set: ReplicaSet, refusal: string | undefined): void {
    const { namespace, name } = set.metadata;
    const now = clock.millis();
    const pods = claimPods(this.cluster, set);
    this.cluster.update<ReplicaSet>(REPLICA_SETS, namespace, name, (draft) => {
      const { conditions } = draft.status ?? {};
      draft.status = {
        ...replicaCounts(set, pods, now),
        observedGeneration: set.metadata.generation ?? 1,
        ...(conditions ? { conditions } : {}),
      };
      if (refusal !== undefined) {
        const failure = { type: 'ReplicaFailure', status: 'True' as const, reason: 'FailedCreate' };
        setCondition(draft.status, { ...failure, message: refusal, lastTransitionTime: timestamp(now) });
      } else if (conditions) {
        delete draft.status.conditions;
      }
    });
    const waiting = pods.some((pod) => isReady(pod) && !isAvailable(pod, set.spec.minReadySeconds ?? 0, now));
    if (waiting) this.queue.add(key, 1000);
  }
}

/** What a replica set reports of its pods at `now` (milliseconds). */
export function replicaCounts({ spec }: ReplicaSet, pods: readonly Pod[], now: number): ReplicaCounts {
  const active = pods.filter(isActive);
  const labels = Object.entries(spec.template.metadata?.labels ?? {});
  const labelled = active.filter(({ metadata }) =>
    labels.every(([key, value]) => metadata.labels?.[key] === value),
  );
  const ready = active.filter(isReady);
  const available = active.filter((pod) => isAvailable(pod, spec.minReadySeconds ?? 0, now));
  return {
    ...some('availableReplicas', available.length),
    ...some('fullyLabeledReplicas', labelled.length),
    ...some('readyReplicas', ready.length),
    replicas: active.length,
    terminatingReplicas: pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length,
  };
}

/** A count, left out when it is 0 as Go's omitempty does. */
export function some(name: string, count: number): Record<string, number> {
  return count === 0 ? {} : { [name]: count };
}
