import type { ClusterApi } from '../api/objects';
import { setCondition } from './conditions';
import { NodeUsage } from './node-usage';
import { type Preemption, preemptionFor } from './preemption';
import { place } from './scheduling';
import {
  type PersistentVolume,
  type PersistentVolumeClaim,
  PVCS,
  PVS,
  STORAGE_CLASSES,
  type StorageClass,
} from './storage-types';
import { now } from './time';
import type { Condition, Node, Pod } from './types';
import { claimsOf, hasEnded } from './volume-objects';
import { keyFor, splitKey, WorkQueue } from './work-queue';

const COMPONENT = 'default-scheduler';
const LATENCY_MS = 20;
/** Pods that found no node look again a moment after the cluster changed, not after every single change. */
const RETRY_LATENCY_MS = 250;
export const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

/** kube-scheduler: gives every pod without a node one, or says why there is none. */
export class Scheduler {
  private readonly queue = new WorkQueue('scheduler', (key) => this.reconcile(key), LATENCY_MS);
  private readonly waiting = new Set<string>();
  private readonly stops: (() => void)[];

  private readonly usage: NodeUsage;

  constructor(private readonly cluster: ClusterApi) {
    // First, so that it knows of a change before anybody is placed because of it.
    this.usage = new NodeUsage(cluster);
    this.stops = [
      cluster.watch<Pod>('pods', ({ type, object }) => {
        const ended =
          type === 'DELETED' || object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed';
        if (type === 'DELETED') this.waiting.delete(keyFor(object));
        if (ended && object.spec.nodeName) this.retryWaiting();
        else if (type === 'ADDED' && !object.spec.nodeName) this.queue.add(keyFor(object));
      }),
      cluster.watch<Node>('nodes', ({ object, previous }) => {
        if (!previous || schedulingFacts(object) !== schedulingFacts(previous)) this.retryWaiting();
      }),
      cluster.watch(PVCS, () => this.retryWaiting()),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.usage.close();
    this.queue.close();
  }

  private retryWaiting(): void {
    for (const key of this.waiting) this.queue.add(key, RETRY_LATENCY_MS);
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const pod = this.cluster.get<Pod>('pods', namespace, name);
    if (!pod || pod.spec.nodeName || pod.metadata.deletionTimestamp) return;
    if ((pod.spec.schedulerName ?? COMPONENT) !== COMPONENT) return;
    const claims = this.claimsOf(pod, namespace);
    const unboundImmediate = claims.some(
      (claim) => claim.status?.phase !== 'Bound' && !this.waitsForConsumer(claim),
    );
    const nodes = this.cluster.list<Node>('nodes');
    const placement = place(pod, nodes, this.usage.used(), {
      unboundImmediate,
      pods: this.usage.neighboursOf(pod),
      volumes: this.volumesOf(claims),
      taken: this.isTaken(pod, claims),
    });
    if ('message' in placement) {
      const helps = !unboundImmediate && this.usage.hasLower(pod);
      const preemption = helps ? preemptionFor(pod, nodes, this.cluster.list<Pod>('pods')) : undefined;
      if (preemption) this.preempt(pod, preemption);
      // What preemption found out is told only when it found nothing.
      const found = '. no new claims to deallocate, preemption:';
      this.refuse(pod, preemption ? `${placement.message.split(found)[0]}.` : placement.message);
      return;
    }
    const undecided = claims.filter((claim) => claim.status?.phase !== 'Bound');
    if (undecided.length > 0) {
      // The binder provisions where the pod will run; the claim's binding brings the pod back here.
      for (const claim of undecided) this.select(claim, placement.node);
      this.waiting.add(key);
      return;
    }
    this.bind(pod, placement.node);
  }

  /** Makes room: the victims go with their grace period, and their end brings the pod back here. */
  private preempt(pod: Pod, { node, victims }: Preemption): void {
    const time = now();
    for (const { metadata } of victims) {
      const victim = this.cluster.update<Pod>('pods', metadata.namespace, metadata.name, (draft) => {
        draft.status ??= {};
        setCondition(draft.status, {
          type: 'DisruptionTarget',
          status: 'True',
          reason: 'PreemptionByScheduler',
          message: `${COMPONENT}: preempting to accommodate a higher priority pod`,
          lastProbeTime: null,
          lastTransitionTime: time,
        });
      });
      if (!victim) continue;
      this.cluster.delete('pods', metadata.namespace, metadata.name);
      const message = `Preempted by pod ${pod.metadata.uid} on node ${node}`;
      this.cluster.event(victim, { type: 'Normal', reason: 'Preempted', message, component: COMPONENT });
    }
    this.cluster.update<Pod>('pods', pod.metadata.namespace, pod.metadata.name, (draft) => {
      draft.status = { ...draft.status, nominatedNodeName: node };
    });
  }

  private bind(pod: Pod, node: string): void {
    const { namespace, name } = pod.metadata;
    this.waiting.delete(keyFor(pod));
    this.cluster.update<Pod>('pods', namespace, name, (draft) => {
      draft.spec.nodeName = node;
      draft.status ??= {};
      delete draft.status.nominatedNodeName;
      setCondition(draft.status, scheduled(pod, 'True'));
    });
    const message = `Successfully assigned ${namespace}/${name} to ${node}`;
    this.cluster.event(pod, { type: 'Normal', reason: 'Scheduled', message, component: COMPONENT });
  }

  private refuse(pod: Pod, message: string): void {
    const { namespace, name } = pod.metadata;
    this.waiting.add(keyFor(pod));
    const before = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message;
    if (before === message) return;
    this.cluster.update<Pod>('pods', namespace, name, (draft) => {
      draft.status ??= {};
      setCondition(draft.status, { ...scheduled(pod, 'False'), reason: 'Unschedulable', message });
    });
    this.cluster.event(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: COMPONENT });
  }

  private select({ metadata }: PersistentVolumeClaim, node: string): void {
    this.cluster.update<PersistentVolumeClaim>(PVCS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [SELECTED_NODE]: node };
    });
  }

  private claimsOf(pod: Pod, namespace: string): PersistentVolumeClaim[] {
    return (pod.spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
      const name = persistentVolumeClaim?.claimName;
      const claim = name && this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
      return claim ? [claim] : [];
    });
  }

  /** Whether another pod has a claim that is for one pod only. Mirrors VolumeRestrictions. */
  private isTaken(pod: Pod, claims: readonly PersistentVolumeClaim[]): boolean {
    const single = claims.filter(({ spec }) => spec.accessModes?.includes('ReadWriteOncePod'));
    if (single.length === 0) return false;
    const names = new Set(single.map(({ metadata }) => metadata.name));
    return this.cluster.list<Pod>('pods', pod.metadata.namespace).some((other) => {
      if (other.metadata.uid === pod.metadata.uid || !other.spec.nodeName || hasEnded(other)) return false;
      return claimsOf(other).some((name) => names.has(name));
    });
  }

  private volumesOf(claims: readonly PersistentVolumeClaim[]): PersistentVolume[] {
    return claims.flatMap(({ spec }) => {
      const found = spec.volumeName && this.cluster.get<PersistentVolume>(PVS, undefined, spec.volumeName);
      return found ? [found] : [];
    });
  }

  private waitsForConsumer({ spec }: PersistentVolumeClaim): boolean {
    const name = spec.storageClassName;
    const found = name && this.cluster.get<StorageClass>(STORAGE_CLASSES, undefined, name);
    return found ? found.volumeBindingMode === 'WaitForFirstConsumer' : false;
  }
}

function scheduled({ metadata }: Pod, status: 'True' | 'False'): Condition & { observedGeneration: number } {
  const observedGeneration = metadata.generation ?? 1;
  return { type: 'PodScheduled', status, observedGeneration, lastProbeTime: null, lastTransitionTime: now() };
}

/** What of a node matters to placement; heartbeats do not. */
function schedulingFacts({ metadata, spec, status }: Node): string {
  return JSON.stringify([metadata.labels, spec.taints, spec.unschedulable, status?.allocatable]);
}
