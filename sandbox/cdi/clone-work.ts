import type { ClusterApi } from '../api/objects';
import { parseQuantity } from '../controllers/quantity';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import type { Pod } from '../controllers/types';
import { claimsOf, classOf, hasEnded } from '../controllers/volume-objects';
import { annotate } from './claims';
import { helperClaim } from './helper-claim';
import { hostClone } from './host-clone';
import * as names from './names';
import { rebind } from './rebind';
import type { PopulatorSource, StorageProfile } from './types';

type Strategy = 'csi-clone' | 'snapshot' | 'copy';

/** CDI's clone populator: the driver clones, or restores a snapshot, and the new volume changes hands. */
export class CloneWork {
  constructor(private readonly cluster: ClusterApi) {}

  advance(target: PersistentVolumeClaim, source: PopulatorSource): void {
    const { kind, name = '' } = source.spec.source ?? {};
    const { namespace } = source.metadata;
    if (kind === 'VolumeSnapshot') {
      const snapshot = this.cluster.get(names.SNAPSHOTS, namespace, name);
      if (snapshot && isReady(snapshot))
        this.copyFrom(target, source, snapshotReference(name), 'SnapshotClone');
      else this.enter(target, 'Pending');
      return;
    }
    const from = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (from?.status?.phase !== 'Bound') {
      this.enter(target, 'Pending');
      return;
    }
    const user = this.writerOf(from);
    if (user) {
      this.tell(target, 'CloneSourceInUse', `pod ${namespace}/${user} using PersistentVolumeClaim ${name}`);
      this.enter(target, 'Pending');
      return;
    }
    const strategy = this.strategy(target, from);
    annotate(this.cluster, target, { [names.CLONE_TYPE]: strategy });
    if (strategy === 'snapshot') {
      this.viaSnapshot(target, source, name);
      return;
    }
    if (strategy === 'copy') this.viaHost(target, source, from);
    else this.copyFrom(target, source, { kind: 'PersistentVolumeClaim', name }, 'CSIClone');
  }

  /** Clears up after a clone; false when the target is none. */
  finish(target: PersistentVolumeClaim): boolean {
    const { annotations = {} } = target.metadata;
    if (target.spec.dataSourceRef?.kind !== 'VolumeCloneSource') return false;
    if (annotations[names.CLONE_PHASE] === 'Succeeded') return true;
    const namespace = annotations[names.SOURCE_NAMESPACE] ?? target.metadata.namespace;
    this.cluster.delete(names.SNAPSHOTS, namespace, snapshotName(target));
    this.cluster.delete(PVCS, namespace, helperName(target));
    this.enter(target, 'Succeeded');
    return true;
  }

  private viaSnapshot(target: PersistentVolumeClaim, source: PopulatorSource, claim: string): void {
    const { namespace } = source.metadata;
    const name = snapshotName(target);
    const snapshot = this.cluster.get(names.SNAPSHOTS, namespace, name);
    if (!snapshot) {
      this.enter(target, 'Snapshot');
      const { snapshotClass } = this.profileOf(target)?.status ?? {};
      this.cluster.create(names.SNAPSHOTS, {
        apiVersion: 'snapshot.storage.k8s.io/v1',
        kind: 'VolumeSnapshot',
        metadata: {
          name,
          ...(namespace ? { namespace } : {}),
          labels: { ...names.CDI_LABELS },
          annotations: { [names.FILLED_FOR]: `${target.metadata.namespace}/${target.metadata.name}` },
        },
        spec: {
          source: { persistentVolumeClaimName: claim },
          ...(snapshotClass ? { volumeSnapshotClassName: snapshotClass } : {}),
        },
      });
      return;
    }
    if (isReady(snapshot)) this.copyFrom(target, source, snapshotReference(name), 'SnapshotClone');
  }

  /** A pod copies, into an empty volume beside the source. */
  private viaHost(
    target: PersistentVolumeClaim,
    { metadata: { namespace } }: PopulatorSource,
    source: PersistentVolumeClaim,
  ): void {
    const name = helperName(target);
    const helper = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!helper) {
      this.enter(target, 'HostClone');
      this.cluster.create(PVCS, helperClaim(target, name, {}, namespace ? { namespace } : {}));
      return;
    }
    if (!hostClone(this.cluster, { source, helper, target })) return;
    this.enter(target, 'Rebind');
    rebind(this.cluster, helper, target);
  }

  /** Lets the driver make a volume from the source, beside it, and hands that to the target. */
  private copyFrom(
    target: PersistentVolumeClaim,
    { metadata }: PopulatorSource,
    dataSource: object,
    phase: string,
  ): void {
    const name = helperName(target);
    const { namespace } = metadata;
    const helper = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (!helper) {
      this.enter(target, phase);
      this.cluster.create(
        PVCS,
        helperClaim(target, name, {}, { ...(namespace ? { namespace } : {}), dataSource }),
      );
      return;
    }
    if (helper.status?.phase !== 'Bound') return;
    this.enter(target, 'Rebind');
    rebind(this.cluster, helper, target);
  }

  private enter(target: PersistentVolumeClaim, phase: string): void {
    const done = phase === 'Succeeded';
    const pending = phase === 'Pending';
    annotate(this.cluster, target, {
      [names.CLONE_PHASE]: phase,
      [names.RUNNING]: String(!done && !pending),
      [names.RUNNING_REASON]: done ? 'Completed' : pending ? 'Pending' : 'Populator is running',
      [names.RUNNING_MESSAGE]: done ? 'Clone Complete' : '',
    });
  }

  /** What the profile prefers, as far as both ends allow it. Mirrors the clone planner. */
  private strategy(target: PersistentVolumeClaim, from: PersistentVolumeClaim): Strategy {
    const wanted = this.profileOf(target)?.status?.cloneStrategy ?? 'snapshot';
    const same =
      classOf(this.cluster, target)?.provisioner === classOf(this.cluster, from)?.provisioner &&
      (target.spec.volumeMode ?? 'Filesystem') === (from.spec.volumeMode ?? 'Filesystem');
    const large =
      parseQuantity(target.spec.resources?.requests?.storage) >=
      parseQuantity(from.status?.capacity?.storage);
    if (!same || !large || wanted === 'copy') return 'copy';
    if (wanted === 'csi-clone') return wanted;
    const { snapshotClass } = this.profileOf(target)?.status ?? {};
    return snapshotClass ? 'snapshot' : 'copy';
  }

  private profileOf(target: PersistentVolumeClaim): StorageProfile | undefined {
    return this.cluster.get<StorageProfile>(
      names.STORAGE_PROFILES,
      undefined,
      target.spec.storageClassName ?? '',
    );
  }

  /** A pod that may write to the source: a clone waits for it to end. */
  private writerOf({ metadata }: PersistentVolumeClaim): string | undefined {
    const users = this.cluster
      .list<Pod>('pods', metadata.namespace)
      .filter((pod) => pod.metadata.labels?.[names.WORKER_LABEL] !== 'cdi-cloner')
      .filter((pod) => !hasEnded(pod) && claimsOf(pod).includes(metadata.name));
    return users[0]?.metadata.name;
  }

  private tell(target: PersistentVolumeClaim, reason: string, message: string): void {
    this.cluster.event(target, { type: 'Warning', reason, message, component: 'clone-populator' });
  }
}

function isReady(snapshot: { [field: string]: unknown }): boolean {
  return (snapshot.status as { readyToUse?: boolean } | undefined)?.readyToUse === true;
}

function snapshotReference(name: string) {
  return { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name };
}

function snapshotName({ metadata }: PersistentVolumeClaim): string {
  return `tmp-snapshot-${metadata.uid}`;
}

function helperName({ metadata }: PersistentVolumeClaim): string {
  return `tmp-pvc-${metadata.uid}`;
}
