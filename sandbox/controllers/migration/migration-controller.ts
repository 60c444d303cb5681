import { MIGRATION_FINALIZER } from '../../api/admission/migration';
import { ApiError } from '../../api/errors';
import type { ClusterApi, EventDetails } from '../../api/objects';
import { clock } from '../../clock';
import { findCondition, removeCondition, setCondition } from '../conditions';
import { createPod } from '../create-pod';
import { currentLauncher, isDown } from '../launchers';
import { now } from '../time';
import { type Condition, type Node, type Pod, type VirtualMachineInstance, VMIS } from '../types';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { configurationFor, migrationConfiguration } from './configuration';
import {
  enterPhase,
  isOver,
  MIGRATION_JOB,
  MIGRATION_TARGET_NODE,
  MIGRATIONS,
  type Migration,
  type MigrationStatus,
} from './migration';
import { isTargetReady, judgeMigration, type MigrationFacts } from './migration-progress';
import { backoffMs, mayStart, surplus } from './queueing';
import { hostModelSelector, targetPod } from './target-pod';

const COMPONENT = 'virtualmachine-controller';
/** Between two phases, so that each is seen. */
const LATENCY_MS = 100;
const RETRY_MS = 5_000;
const KEPT_FINISHED = 5;
const ABORT_CONDITION = 'migrationAbortRequested';
const QUOTA_CONDITION = 'migrationRejectedByResourceQuota';
const UNSCHEDULABLE_TIMEOUT_S = 300;
const PENDING_TIMEOUT_S = 900;
const UNSCHEDULABLE_TIMEOUT = 'kubevirt.io/migrationUnschedulablePodTimeoutSeconds';
const PENDING_TIMEOUT = 'kubevirt.io/migrationPendingPodTimeoutSeconds';

/**
 * virt-controller's part of migrations: makes the target's launcher when there is room for another migration, hands over
 * to the nodes' agents when it is ready, and follows what they report.
 */
export class MigrationController {
  private readonly queue = new WorkQueue('migration', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];

  constructor(private readonly cluster: ClusterApi) {
    this.stops = [
      cluster.watch<Migration>(MIGRATIONS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
        // Somebody's end makes room for somebody else.
        if (type === 'DELETED' || isOver(object)) this.touch(() => true);
      }),
      cluster.watch<VirtualMachineInstance>(VMIS, ({ object: { metadata } }) =>
        this.touch(
          (other) => other.spec.vmiName === metadata.name && other.metadata.namespace === metadata.namespace,
        ),
      ),
      cluster.watch<Pod>('pods', ({ object: { metadata } }) => {
        const uid = metadata.labels?.[MIGRATION_JOB];
        const attaches = metadata.labels?.['kubevirt.io'] === 'hotplug-disk';
        if (uid || attaches) this.touch((other) => attaches || other.metadata.uid === uid);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private touch(which: (migration: Migration) => boolean): void {
    for (const migration of this.cluster.list<Migration>(MIGRATIONS)) {
      if (!isOver(migration) && which(migration)) this.queue.add(keyFor(migration));
    }
  }

  private reconcile(key: string): void {
    const { namespace, name } = splitKey(key);
    const migration = this.cluster.get<Migration>(MIGRATIONS, namespace, name);
    if (!migration) return;
    if (isOver(migration)) {
      this.finish(migration);
      return;
    }
    const facts = this.factsOf(migration);
    const verdict = judgeMigration(facts);
    if (verdict) {
      if (verdict.phase === 'Failed') this.endTarget(facts);
      this.write(migration, (status) => enterPhase(status, verdict.phase, now()));
      if (verdict.event) this.tell(migration, verdict.event);
      return;
    }
    this.act(key, facts);
  }

  private factsOf(migration: Migration): MigrationFacts {
    const { namespace = '', uid } = migration.metadata;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, migration.spec.vmiName ?? '');
    const pods = this.cluster.list<Pod>('pods', namespace);
    const pod = pods.find(({ metadata }) => metadata.labels?.[MIGRATION_JOB] === uid);
    return {
      migration,
      vmi,
      pod,
      volumesReady: !vmi || !pod || this.areVolumesReady(vmi, pod, pods),
      rivalled: this.siblings(migration).some(
        (other) => other.metadata.uid !== uid && !isOver(other) && other.status?.phase !== undefined,
      ),
    };
  }

  private areVolumesReady(vmi: VirtualMachineInstance, pod: Pod, pods: readonly Pod[]): boolean {
    if (!vmi.status?.volumeStatus?.some(({ hotplugVolume }) => hotplugVolume)) return true;
    const attachment = pods.find(({ metadata }) =>
      metadata.ownerReferences?.some(({ uid }) => uid === pod.metadata.uid),
    );
    return findCondition(attachment?.status, 'Ready')?.status === 'True';
  }

  private act(key: string, facts: MigrationFacts): void {
    const { migration, vmi, pod } = facts;
    if (!vmi) return;
    if (migration.metadata.deletionTimestamp) this.abort(migration, vmi);
    else if (migration.status?.phase === 'Pending' && !pod) this.makeTarget(key, migration, vmi);
    else if (migration.status?.phase === 'Scheduling' && pod) this.watchTarget(key, facts, pod);
    else if (migration.status?.phase === 'Scheduled' && isTargetReady(facts) && pod) {
      this.handOver(migration, vmi, pod);
    }
  }

  private makeTarget(key: string, migration: Migration, vmi: VirtualMachineInstance): void {
    if (vmi.status?.phase !== 'Running' || vmi.metadata.deletionTimestamp) return;
    const all = this.cluster.list<Migration>(MIGRATIONS);
    const pause = backoffMs(migration, this.siblings(migration), clock.millis());
    if (pause > 0) {
      const message = `backoff migrating vmi ${vmi.metadata.namespace}/${vmi.metadata.name}`;
      this.tellInstance(vmi, 'MigrationBackoff', message);
      this.queue.add(key, pause);
      return;
    }
    if (!mayStart(migration, all, (other) => this.nodeOf(other), migrationConfiguration(this.cluster))) {
      this.queue.add(key, RETRY_MS);
      return;
    }
    const node = this.cluster.get<Node>('nodes', undefined, vmi.status.nodeName ?? '');
    const source = currentLauncher(this.cluster, vmi);
    const pod = this.createTarget(key, migration, vmi, node);
    if (!pod) return;
    this.write(migration, (status) => {
      status.migrationState = { ...(source ? { sourcePod: source.metadata.name } : {}) };
    });
    const message = `Created migration target pod ${pod.metadata.name}`;
    this.tell(migration, { type: 'Normal', reason: 'SuccessfulCreate', message });
    this.warnOfModel(vmi, node);
  }

  /** A quota may refuse it: then it is tried again. */
  private createTarget(
    key: string,
    migration: Migration,
    vmi: VirtualMachineInstance,
    node: Node | undefined,
  ): Pod | undefined {
    try {
      const pod = createPod(this.cluster, targetPod(migration, vmi, node));
      this.write(migration, (status) => removeCondition(status, QUOTA_CONDITION));
      return pod;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.tellInstance(vmi, 'FailedCreate', `Error creating pod: ${error.message}`);
      if (error.message.includes('exceeded quota')) {
        this.write(migration, (status) => setCondition(status, lasting(QUOTA_CONDITION)));
      }
      this.queue.add(key, RETRY_MS);
      return undefined;
    }
  }

  private warnOfModel(vmi: VirtualMachineInstance, source: Node | undefined): void {
    const wanted = Object.entries(hostModelSelector(vmi, source)).sort(([a], [b]) => (a < b ? -1 : 1));
    const suits = ({ metadata }: Node) => wanted.every(([key, value]) => metadata.labels?.[key] === value);
    if (this.cluster.list<Node>('nodes').some(suits)) return;
    const map = wanted.map(([key, value]) => `${key}:${value}`).join(' ');
    const why = 'Migration cannot proceed since no node is suitable to run the required CPU model';
    const message = `${why} / required features: map[${map}]`;
    this.tellInstance(vmi, 'NoSuitableNodesForHostModelMigration', message);
  }

  /** A target that finds no node, or doesn't come up, is given up after a while. */
  private watchTarget(key: string, { migration, vmi }: MigrationFacts, pod: Pod): void {
    if (pod.status?.phase !== 'Pending') return;
    const unschedulable = findCondition(pod.status, 'PodScheduled')?.reason === 'Unschedulable';
    if (unschedulable) {
      const place = `${vmi?.metadata.namespace}/${vmi?.metadata.name}`;
      const message = `Migration target pod for VMI [${place}] is currently unschedulable.`;
      this.tell(migration, { type: 'Warning', reason: 'migrationTargetPodUnschedulable', message });
    }
    const waits: [string, number][] = [['pending', secondsOf(migration, PENDING_TIMEOUT, PENDING_TIMEOUT_S)]];
    if (unschedulable) {
      waits.unshift(['unschedulable', secondsOf(migration, UNSCHEDULABLE_TIMEOUT, UNSCHEDULABLE_TIMEOUT_S)]);
    }
    for (const [what, seconds] of waits) {
      const left = Date.parse(pod.metadata.creationTimestamp) + seconds * 1000 - clock.millis();
      if (left > 0) {
        this.queue.add(key, left);
        continue;
      }
      const { namespace, name, uid } = pod.metadata;
      this.cluster.delete('pods', namespace, name);
      const who = `${migration.metadata.name} with uuid ${migration.metadata.uid}`;
      const reason = `${what} pod ${namespace}/${name} timeout period exceeded`;
      const message = `Deleted ${what} migration target pod with uuid ${uid} for migration ${who} with reason [${reason}]`;
      this.tell(migration, { type: 'Normal', reason: 'SuccessfulDelete', message });
      return;
    }
  }

  private handOver(migration: Migration, vmi: VirtualMachineInstance, pod: Pod): void {
    const { uid, namespace, name } = vmi.metadata;
    const source = currentLauncher(this.cluster, vmi);
    const end = { domainName: name, domainNamespace: namespace ?? '', virtualMachineInstanceUID: uid };
    const job = migration.metadata.uid;
    const targetNode = pod.spec.nodeName ?? '';
    const sourceNode = vmi.status?.nodeName ?? '';
    const sourcePod = source?.metadata.name ?? '';
    const attachment = this.attachmentOf(pod);
    this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, (draft) => {
      draft.metadata.labels = { ...draft.metadata.labels, [MIGRATION_TARGET_NODE]: targetNode };
      draft.status = {
        ...draft.status,
        migrationState: {
          migrationUid: job,
          sourceNode,
          sourcePod,
          targetNode,
          targetPod: pod.metadata.name,
          ...(attachment ? { targetAttachmentPodUID: attachment.metadata.uid } : {}),
          ...configurationFor(this.cluster, vmi),
          sourceState: { ...end, migrationUID: job, node: sourceNode, pod: sourcePod },
          targetState: { ...end, migrationUID: job, node: targetNode, pod: pod.metadata.name },
        },
      };
    });
    const message = 'Migration target pod is ready for preparation by virt-handler.';
    this.tell(migration, { type: 'Normal', reason: 'SuccessfulHandOver', message });
  }

  private attachmentOf(launcher: Pod): Pod | undefined {
    return this.cluster
      .list<Pod>('pods', launcher.metadata.namespace)
      .find((pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === launcher.metadata.uid));
  }

  /** Canceled after the hand-over: the source's agent is asked to stop, and reports the end. */
  private abort(migration: Migration, vmi: VirtualMachineInstance): void {
    const { namespace, name } = vmi.metadata;
    if (!findCondition(migration.status, ABORT_CONDITION)) {
      this.write(migration, (status) => setCondition(status, lasting(ABORT_CONDITION)));
    }
    if (vmi.status?.migrationState?.abortRequested) return;
    this.cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ status }) => {
      if (status?.migrationState) status.migrationState.abortRequested = true;
    });
    const message = 'Migration is ready to be canceled by virt-handler.';
    this.tell(migration, { type: 'Normal', reason: 'SuccessfulAbortMigration', message });
  }

  /** It failed: a target that nobody prepared goes at once, and the instance is told if its agents were not. */
  private endTarget({ migration, vmi, pod }: MigrationFacts): void {
    const { uid, deletionTimestamp } = migration.metadata;
    const state = vmi?.status?.migrationState;
    const handedOff = state?.migrationUid === uid;
    if (deletionTimestamp && !handedOff) {
      this.write(migration, (status) => setCondition(status, lasting(ABORT_CONDITION)));
    }
    if (pod && !handedOff && !isDown(pod) && !pod.metadata.deletionTimestamp) {
      const { namespace, name } = pod.metadata;
      this.cluster.delete('pods', namespace, name);
      const message = `migration canceled and pod ${namespace}/${name} is deleted`;
      this.tell(migration, { type: 'Normal', reason: 'SuccessfulDelete', message });
    }
    if (!vmi || !handedOff || state?.endTimestamp) return;
    const failureReason = 'Target pod is down';
    this.cluster.update<VirtualMachineInstance>(VMIS, vmi.metadata.namespace, vmi.metadata.name, (draft) => {
      delete draft.metadata.labels?.[MIGRATION_TARGET_NODE];
      const status = draft.status ?? {};
      const { startTimestamp = now() } = state;
      const end = { startTimestamp, endTimestamp: now(), completed: true, failed: true };
      draft.status = { ...status, migrationState: { failureReason, ...status.migrationState, ...end } };
    });
    const message = `VirtualMachineInstance migration uid ${uid} failed. reason: ${failureReason}`;
    this.tellInstance(vmi, 'FailedMigration', message);
  }

  /** Keeps how it went, lets it go, and leaves the latest few of each guest. */
  private finish(migration: Migration): void {
    const { namespace, name, uid } = migration.metadata;
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, namespace, migration.spec.vmiName ?? '');
    const state = vmi?.status?.migrationState;
    this.cluster.update<Migration>(MIGRATIONS, namespace, name, (draft) => {
      if (state?.migrationUid === uid) draft.status = { ...draft.status, migrationState: state };
      const { finalizers } = draft.metadata;
      draft.metadata.finalizers = finalizers?.filter((finalizer) => finalizer !== MIGRATION_FINALIZER) ?? [];
    });
    for (const old of surplus(this.siblings(migration), migration.spec.vmiName, KEPT_FINISHED)) {
      this.cluster.delete(MIGRATIONS, namespace, old.metadata.name);
    }
  }

  private siblings({ metadata, spec }: Migration): Migration[] {
    return this.cluster
      .list<Migration>(MIGRATIONS, metadata.namespace)
      .filter((other) => other.spec.vmiName === spec.vmiName);
  }

  private nodeOf({ metadata, spec }: Migration): string | undefined {
    const vmi = this.cluster.get<VirtualMachineInstance>(VMIS, metadata.namespace, spec.vmiName ?? '');
    return vmi?.status?.nodeName;
  }

  private write({ metadata }: Migration, change: (status: MigrationStatus) => void): void {
    this.cluster.update<Migration>(MIGRATIONS, metadata.namespace, metadata.name, (draft) => {
      draft.status ??= {};
      change(draft.status);
    });
  }

  private tell(migration: Migration, event: Pick<EventDetails, 'type' | 'reason' | 'message'>): void {
    this.cluster.event(migration, { ...event, component: COMPONENT });
  }

  private tellInstance(vmi: VirtualMachineInstance, reason: string, message: string): void {
    this.cluster.event(vmi, { type: 'Warning', reason, message, component: COMPONENT });
  }
}

function secondsOf({ metadata }: Migration, annotation: string, otherwise: number): number {
  const set = Number(metadata.annotations?.[annotation]);
  return Number.isInteger(set) && set >= 0 ? set : otherwise;
}

function lasting(type: string): Condition {
  return { type, status: 'True', lastProbeTime: now(), lastTransitionTime: null };
}
