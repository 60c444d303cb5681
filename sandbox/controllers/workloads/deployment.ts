import { selects } from '../../api/label-selection';
import type { ClusterApi } from '../../api/objects';
import { clock } from '../../clock';
import { timestamp } from '../time';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { controllerOf } from './pods';
import {
  annotationsFor,
  bounds,
  newReplicaSet,
  nextRevision,
  nextSizes,
  type Rollout,
  rolloutOf,
  rolloutStatus,
  sizeOf,
  timeToDeadline,
} from './rollout';
import { DEPLOYMENTS, type Deployment, REPLICA_SETS, REVISION, type ReplicaSet } from './types';

const COMPONENT = 'deployment-controller';
const LATENCY_MS = 20;
const DEFAULT_HISTORY = 10;

/** The deployment controller: brings the replica set of the present template up and the others down. */
export class DeploymentController {
  private readonly queue = new WorkQueue('deployment', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<Deployment>(DEPLOYMENTS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<ReplicaSet>(REPLICA_SETS, ({ object }) => {
        const owner = controllerOf(object);
        if (owner?.kind === 'Deployment') this.queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const deployment = this.cluster.get<Deployment>(DEPLOYMENTS, namespace, name);
    if (!deployment) return;
    const rollout = this.look(deployment);
    if (!deployment.metadata.deletionTimestamp) this.move(rollout);
    this.report(key);
  }

  private look(deployment: Deployment): Rollout {
    const { uid, namespace, deletionTimestamp } = deployment.metadata;
    const sets = this.cluster.list<ReplicaSet>(REPLICA_SETS, namespace).filter((set) => {
      const owner = controllerOf(set);
      if (owner) return owner.uid === uid;
      const covered = selects(deployment.spec.selector, set.metadata.labels);
      if (covered && !deletionTimestamp) this.adopt(set, deployment);
      return covered;
    });
    return rolloutOf(deployment, sets);
  }

  private adopt({ metadata }: ReplicaSet, deployment: Deployment): void {
    this.cluster.update<ReplicaSet>(REPLICA_SETS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.ownerReferences = [
        ...(draft.metadata.ownerReferences ?? []),
        ownerReference(deployment),
      ];
    });
  }

  private move(rollout: Rollout): void {
    const { deployment, current, old } = rollout;
    if (deployment.spec.paused) {
      this.follow(rollout);
      return;
    }
    const revision = nextRevision(rollout);
    if (!current) this.createSet(rollout, revision);
    else this.annotate(current, deployment, revision);
    this.number(deployment, revision);
    const sizes = nextSizes(rollout);
    for (const set of current ? [current, ...old] : old) {
      const size = sizes.get(set.metadata.name);
      if (size !== undefined) this.resize(deployment, set, size);
    }
    if (current && sizes.size === 0) this.forgetHistory(rollout);
  }

  /** A paused deployment still takes a new size, and rolls nothing out. */
  private follow({ deployment, current, old }: Rollout): void {
    const only = current ?? old.find((set) => sizeOf(set) > 0);
    if (only && old.filter((set) => sizeOf(set) > 0 && set !== only).length === 0)
      this.resize(deployment, only, deployment.spec.replicas ?? 1);
  }

  private createSet({ deployment, old }: Rollout, revision: number): void {
    const wanted = deployment.spec.replicas ?? 1;
    const total = old.reduce((sum, set) => sum + sizeOf(set), 0);
    const recreate = deployment.spec.strategy?.type === 'Recreate';
    const room = recreate ? (total > 0 ? 0 : wanted) : wanted + bounds(deployment).surge - total;
    const size = Math.max(0, Math.min(wanted, room));
    const draft = newReplicaSet(deployment, revision, size);
    const { name = '', namespace } = draft.metadata;
    if (this.cluster.get(REPLICA_SETS, namespace, name)) return;
    this.cluster.create(REPLICA_SETS, draft);
    if (size > 0) this.tell(deployment, `Scaled up replica set ${name} from 0 to ${size}`);
  }

  private annotate({ metadata }: ReplicaSet, deployment: Deployment, revision: number): void {
    this.cluster.update<ReplicaSet>(REPLICA_SETS, metadata.namespace, metadata.name, (draft) => {
      const said = draft.metadata.annotations?.[REVISION];
      draft.metadata.annotations = { ...draft.metadata.annotations, ...annotationsFor(deployment, revision) };
      const history = 'deployment.kubernetes.io/revision-history';
      if (said && said !== String(revision)) {
        const earlier = draft.metadata.annotations[history];
        draft.metadata.annotations[history] = earlier ? `${earlier},${said}` : said;
      }
    });
  }

  private number({ metadata }: Deployment, revision: number): void {
    this.cluster.update<Deployment>(DEPLOYMENTS, metadata.namespace, metadata.name, (draft) => {
      draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
    });
  }

  private resize(deployment: Deployment, set: ReplicaSet, size: number): void {
    const from = sizeOf(set);
    if (from === size) return;
    const { namespace, name } = set.metadata;
    this.cluster.update<ReplicaSet>(REPLICA_SETS, namespace, name, (draft) => {
      draft.spec.replicas = size;
    });
    this.tell(
      deployment,
      `Scaled ${size > from ? 'up' : 'down'} replica set ${name} from ${from} to ${size}`,
    );
  }

  private forgetHistory({ deployment, old }: Rollout): void {
    const limit = deployment.spec.revisionHistoryLimit ?? DEFAULT_HISTORY;
    const idle = old.filter(
      (set) => sizeOf(set) === 0 && (set.status?.replicas ?? 0) === 0 && !set.metadata.deletionTimestamp,
    );
    for (const { metadata } of idle.slice(0, Math.max(0, idle.length - limit)))
      this.cluster.delete(REPLICA_SETS, metadata.namespace, metadata.name);
  }

  private report(key: string): void {
    const { namespace, name } = splitKey(key);
    const deployment = this.cluster.get<Deployment>(DEPLOYMENTS, namespace, name);
    if (!deployment) return;
    const now = clock.millis();
    const status = rolloutStatus(this.look(deployment), timestamp(now));
    const after = this.cluster.update<Deployment>(DEPLOYMENTS, namespace, name, (draft) => {
      draft.status = status;
    });
    const left = after && timeToDeadline(after, now);
    if (left !== undefined) this.queue.add(key, left + 1000);
  }

  private tell(deployment: Deployment, message: string): void {
    const event = { type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT } as const;
    this.cluster.event(deployment, event);
  }
}
