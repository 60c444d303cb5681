import type { ClusterApi, NewObject } from '../../api/objects';
import { clock } from '../../clock';
import { shouldRunDaemon } from '../scheduling';
import type { Node, Pod } from '../types';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { daemonPod, nodeOf } from './daemon-pod';
import {
  claimPods,
  controllerOf,
  createOwnedPod,
  deleteOwnedPod,
  isActive,
  isAvailable,
  isReady,
  portionOf,
} from './pods';
import { bareTemplate, templateHash } from './template-hash';
import { type ControllerRevision, DAEMON_SETS, type DaemonSet } from './types';

const COMPONENT = 'daemonset-controller';
const LATENCY_MS = 20;
const REVISIONS = 'controllerrevisions.apps';
const FAILED_POD_RETRY_MS = 1000;
export const REVISION_HASH = 'controller-revision-hash';

/** The daemon set controller: one pod on every node that its template fits. */
export class DaemonSetController {
  private readonly queue = new WorkQueue('daemonset', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<DaemonSet>(DAEMON_SETS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<Pod>('pods', ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'DaemonSet') this.queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
      cluster.watch<Node>('nodes', ({ type, object, previous }) => {
        const facts = ({ metadata, spec }: Node) => JSON.stringify([metadata.labels, spec]);
        if (type === 'MODIFIED' && previous && facts(object) === facts(previous)) return;
        for (const set of cluster.list(DAEMON_SETS)) this.queue.add(keyFor(set));
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const set = this.cluster.get<DaemonSet>(DAEMON_SETS, namespace, name);
    if (!set) return;
    const hash = this.revision(set);
    if (!set.metadata.deletionTimestamp) {
      this.place(key, set, hash);
      this.rollOut(set, hash);
    }
    this.report(set, hash);
  }

  /** Pods where they are missing; none where they do not belong, and one at most. */
  private place(key: string, set: DaemonSet, hash: string): void {
    const byNode = this.podsByNode(set);
    for (const node of this.cluster.list<Node>('nodes')) {
      const pods = byNode.get(node.metadata.name) ?? [];
      const { run, stay } = shouldRunDaemon(node, daemonPod(set, node.metadata.name, hash));
      for (const pod of pods.filter(
        ({ status }) => status?.phase === 'Failed' || status?.phase === 'Succeeded',
      )) {
        deleteOwnedPod(this.cluster, set, pod, COMPONENT);
        this.queue.add(key, FAILED_POD_RETRY_MS);
      }
      const active = pods.filter(isActive);
      if (run && pods.length === 0) {
        createOwnedPod(this.cluster, set, daemonPod(set, node.metadata.name, hash), COMPONENT);
      }
      for (const pod of stay ? active.slice(1) : active) deleteOwnedPod(this.cluster, set, pod, COMPONENT);
    }
  }

  /** Replaces pods of an older template, as many at once as may be missing. */
  private rollOut(set: DaemonSet, hash: string): void {
    if (set.spec.updateStrategy?.type === 'OnDelete') return;
    const pods = claimPods(this.cluster, set);
    const now = clock.millis();
    const serves = (pod: Pod) => isActive(pod) && isAvailable(pod, set.spec.minReadySeconds ?? 0, now);
    const total = this.desired(set, hash).length;
    const allowed = Math.max(
      1,
      portionOf(set.spec.updateStrategy?.rollingUpdate?.maxUnavailable ?? 1, total, 'up'),
    );
    let missing = total - pods.filter(serves).length;
    for (const pod of pods.filter(isActive)) {
      if (pod.metadata.labels?.[REVISION_HASH] === hash) continue;
      if (serves(pod) && missing >= allowed) continue;
      if (serves(pod)) missing += 1;
      deleteOwnedPod(this.cluster, set, pod, COMPONENT);
    }
  }

  private desired(set: DaemonSet, hash: string): Node[] {
    return this.cluster
      .list<Node>('nodes')
      .filter((node) => shouldRunDaemon(node, daemonPod(set, node.metadata.name, hash)).run);
  }

  private podsByNode(set: DaemonSet): Map<string, Pod[]> {
    const byNode = new Map<string, Pod[]>();
    for (const pod of claimPods(this.cluster, set)) {
      const node = nodeOf(pod);
      byNode.set(node, [...(byNode.get(node) ?? []), pod]);
    }
    return byNode;
  }

  /** The hash of the present template, kept as a ControllerRevision. */
  private revision(set: DaemonSet): string {
    const hash = templateHash(set.spec.template);
    const { namespace, uid } = set.metadata;
    const known = this.cluster
      .list<ControllerRevision>(REVISIONS, namespace)
      .filter((revision) => controllerOf(revision)?.uid === uid);
    const highest = Math.max(0, ...known.map(({ revision }) => revision));
    const present = known.find(({ metadata }) => metadata.labels?.[REVISION_HASH] === hash);
    if (!present) {
      this.cluster.create(REVISIONS, daemonRevision(set, hash, highest + 1));
    } else if (present.revision < highest) {
      this.cluster.update<ControllerRevision>(REVISIONS, namespace, present.metadata.name, (draft) => {
        draft.revision = highest + 1;
      });
    }
    return hash;
  }

  private report(set: DaemonSet, hash: string): void {
    const { namespace, name } = set.metadata;
    const status = daemonStatus(set, {
      wanted: this.desired(set, hash).map(({ metadata }) => metadata.name),
      pods: claimPods(this.cluster, set),
      hash,
      now: clock.millis(),
    });
    this.cluster.update<DaemonSet>(DAEMON_SETS, namespace, name, (draft) => {
      draft.status = status;
    });
  }
}

/** The record of a template that `kubectl rollout history` and `undo` read. */
export function daemonRevision(set: DaemonSet, hash: string, revision: number): NewObject {
  const { name, namespace } = set.metadata;
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace ? { namespace } : {}),
      labels: { ...set.spec.template.metadata?.labels, [REVISION_HASH]: hash },
      annotations: { ...set.metadata.annotations },
      ownerReferences: [ownerReference(set)],
    },
    data: { spec: { template: { ...bareTemplate(set.spec.template), $patch: 'replace' } } },
    revision,
  };
}

/** What a daemon set reports: the nodes it belongs on against the pods that are there. */
export function daemonStatus(
  set: DaemonSet,
  { wanted, pods, hash, now }: { wanted: readonly string[]; pods: readonly Pod[]; hash: string; now: number },
): NonNullable<DaemonSet['status']> {
  const there = pods.filter((pod) => isActive(pod) && wanted.includes(nodeOf(pod)));
  const available = there.filter((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)).length;
  const updated = there.filter(({ metadata }) => metadata.labels?.[REVISION_HASH] === hash).length;
  const unavailable = wanted.length - available;
  return {
    currentNumberScheduled: new Set(there.map(nodeOf)).size,
    desiredNumberScheduled: wanted.length,
    ...(available > 0 ? { numberAvailable: available } : {}),
    numberMisscheduled: pods.filter((pod) => isActive(pod) && !wanted.includes(nodeOf(pod))).length,
    numberReady: there.filter(isReady).length,
    ...(unavailable > 0 ? { numberUnavailable: unavailable } : {}),
    observedGeneration: set.metadata.generation ?? 1,
    ...(updated > 0 ? { updatedNumberScheduled: updated } : {}),
  };
}
