import { ApiError } from '../../api/errors';
import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { createPod } from '../create-pod';
import type { Pod } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { claimPods, controllerOf, isActive, isAvailable, isReady, podFromTemplate } from './pods';
import { some } from './replica-set';
import { templateHash } from './template-hash';
import { STATEFUL_SETS, type StatefulSet } from './types';

const COMPONENT = 'statefulset-controller';
const LATENCY_MS = 20;
const RETRY_MS = 1000;
const REVISION_HASH = 'controller-revision-hash';
const PVCS = 'persistentvolumeclaims';

/** The stateful set controller: numbered pods, each with its claims, one after the other. */
export class StatefulSetController {
  private readonly queue = new WorkQueue('statefulset', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<StatefulSet>(STATEFUL_SETS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'StatefulSet') this.queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const set = this.cluster.get<StatefulSet>(STATEFUL_SETS, namespace, name);
    if (!set) return;
    const revision = `${name}-${templateHash(set.spec.template)}`;
    if (!set.metadata.deletionTimestamp) this.step(key, set, revision);
    this.report(set, revision);
  }

  /** One pod at a time, unless the set says Parallel: fill gaps from below, then shrink, then update from above. */
  private step(key: string, set: StatefulSet, revision: string): void {
    const pods = new Map(claimPods(this.cluster, set).map((pod) => [ordinalOf(pod), pod]));
    const wanted = set.spec.replicas ?? 1;
    const parallel = set.spec.podManagementPolicy === 'Parallel';
    const now = clock.millis();
    const serves = (pod: Pod) => isActive(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
    for (let ordinal = 0; ordinal < wanted; ordinal += 1) {
      const pod = pods.get(ordinal);
      if (!pod && !this.add(key, set, ordinal, revision)) return;
      if (pod && !isActive(pod) && !pod.metadata.deletionTimestamp) this.remove(set, pod);
      if (!parallel && (!pod || !serves(pod))) return;
    }
    const surplus = [...pods].filter(([ordinal]) => ordinal >= wanted).sort(([a], [b]) => b - a);
    for (const [, pod] of surplus) {
      if (!pod.metadata.deletionTimestamp) this.remove(set, pod);
      if (!parallel) return;
    }
    this.update(set, [...pods.values()], revision, serves);
  }

  private update(set: StatefulSet, pods: Pod[], revision: string, serves: (pod: Pod) => boolean): void {
    const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
    if (type === 'OnDelete' || !pods.every(serves)) return;
    const old = pods
      .filter((pod) => pod.metadata.labels?.[REVISION_HASH] !== revision)
      .filter((pod) => ordinalOf(pod) >= (rollingUpdate?.partition ?? 0))
      .sort((a, b) => ordinalOf(b) - ordinalOf(a))[0];
    if (old) this.remove(set, old);
  }

  private add(key: string, set: StatefulSet, ordinal: number, revision: string): boolean {
    const name = `${set.metadata.name}-${ordinal}`;
    const draft = podFromTemplate(set, set.spec.template, {
      name,
      labels: {
        'apps.kubernetes.io/pod-index': String(ordinal),
        [REVISION_HASH]: revision,
        'statefulset.kubernetes.io/pod-name': name,
      },
    });
    draft.spec.hostname = name;
    if (set.spec.serviceName) draft.spec.subdomain = set.spec.serviceName;
    try {
      for (const claim of set.spec.volumeClaimTemplates ?? []) this.claim(set, claim, name, draft.spec);
      createPod(this.cluster, draft);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const what = `create Pod ${name} in StatefulSet ${set.metadata.name} failed error: ${error.message}`;
      this.tell(set, 'Warning', 'FailedCreate', what);
      this.queue.add(key, RETRY_MS);
      return false;
    }
    const what = `create Pod ${name} in StatefulSet ${set.metadata.name} successful`;
    this.tell(set, 'Normal', 'SuccessfulCreate', what);
    return true;
  }

  /** Makes a claim of the set for a pod, unless it was kept from before, and mounts it. Edits `spec`. */
  private claim(
    set: StatefulSet,
    template: NonNullable<StatefulSet['spec']['volumeClaimTemplates']>[number],
    pod: string,
    spec: Pod['spec'],
  ): void {
    const { namespace } = set.metadata;
    const volume = template.metadata.name;
    const name = `${volume}-${pod}`;
    if (!this.cluster.get(PVCS, namespace, name)) {
      const labels = { ...template.metadata.labels, ...set.spec.selector.matchLabels };
      this.cluster.create(PVCS, {
        ...structuredClone(template),
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...template.metadata, name, ...(namespace ? { namespace } : {}), labels },
      });
      const what = `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} success`;
      this.tell(set, 'Normal', 'SuccessfulCreate', what);
    }
    const others = (spec.volumes ?? []).filter((known) => known.name !== volume);
    spec.volumes = [...others, { name: volume, persistentVolumeClaim: { claimName: name } }];
  }

  private remove(set: StatefulSet, { metadata }: Pod): void {
    this.cluster.delete('pods', metadata.namespace, metadata.name);
    const what = `delete Pod ${metadata.name} in StatefulSet ${set.metadata.name} successful`;
    this.tell(set, 'Normal', 'SuccessfulDelete', what);
  }

  private report(set: StatefulSet, revision: string): void {
    const { namespace, name } = set.metadata;
    const now = clock.millis();
    const pods = claimPods(this.cluster, set).filter(isActive);
    const updated = pods.filter(({ metadata }) => metadata.labels?.[REVISION_HASH] === revision).length;
    const done = updated === pods.length && pods.length === (set.spec.replicas ?? 1);
    this.cluster.update<StatefulSet>(STATEFUL_SETS, namespace, name, (draft) => {
      const current = done ? revision : String(draft.status?.currentRevision ?? revision);
      const ofCurrent = pods.filter(({ metadata }) => metadata.labels?.[REVISION_HASH] === current).length;
      draft.status = {
        availableReplicas: pods.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length,
        collisionCount: 0,
        ...some('currentReplicas', ofCurrent),
        currentRevision: current,
        observedGeneration: set.metadata.generation ?? 1,
        ...some('readyReplicas', pods.filter(isReady).length),
        replicas: pods.length,
        updateRevision: revision,
        ...some('updatedReplicas', updated),
      };
    });
  }

  private tell(set: StatefulSet, type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.cluster.event(set, { type, reason, message, component: COMPONENT });
  }
}

function ordinalOf({ metadata }: Pod): number {
  return Number(metadata.name.slice(metadata.name.lastIndexOf('-') + 1));
}
