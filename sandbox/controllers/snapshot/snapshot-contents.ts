import type { ClusterApi, NewObject } from '../../api/objects';
import type { PersistentVolumeClaim } from '../storage-types';
import { PVCS } from '../storage-types';
import { now } from '../time';
import type { VirtualMachine } from '../types';
import type { VirtHandler } from '../virt-handler';
import { ownerReference } from '../vmi-factory';
import { keyFor, splitKey, WorkQueue } from '../work-queue';
import { Quiesce } from './quiesce';
import { contentName } from './snapshot-status';
import { snapshotClassFor } from './snapshotable';
import {
  CONTENT_FINALIZER,
  CONTENTS,
  SNAPSHOT_VERSION,
  type VmSnapshot,
  type VmSnapshotContent,
  VOLUME_SNAPSHOTS,
  type VolumeSnapshot,
} from './types';

const COMPONENT = 'snapshot-controller';
const LATENCY_MS = 50;
const FREEZE_RETRY_MS = 5_000;

/**
 * The content of a new snapshot: the whole VM, and a backup for each volume that can be copied. As in KubeVirt the VM
 * is stored without its kind and with an empty status, of which the schema's default is what remains.
 */
export function newContent(
  snapshot: VmSnapshot,
  vm: VirtualMachine,
  spec: VirtualMachine['spec'],
  included: { volume: string; claim: PersistentVolumeClaim }[],
): NewObject {
  const { managedFields: _managedFields, ...metadata } = vm.metadata;
  const { namespace, name } = snapshot.metadata;
  const backups = included.map(({ volume, claim }) => ({
    volumeName: volume,
    persistentVolumeClaim: {
      metadata: claimMetadata(claim),
      spec: structuredClone(claim.spec) as Record<string, unknown>,
    },
    volumeSnapshotName: `vmsnapshot-${snapshot.metadata.uid}-volume-${volume}`,
  }));
  return {
    apiVersion: SNAPSHOT_VERSION,
    kind: 'VirtualMachineSnapshotContent',
    metadata: {
      name: contentName(snapshot),
      ...(namespace ? { namespace } : {}),
      finalizers: [CONTENT_FINALIZER],
    },
    spec: {
      virtualMachineSnapshotName: name,
      source: { virtualMachine: { metadata, spec, status: { printableStatus: 'Stopped' } } },
      ...(backups.length > 0 ? { volumeBackups: backups } : {}),
    },
  };
}

function claimMetadata({ metadata }: PersistentVolumeClaim): Record<string, unknown> {
  const { name, namespace, labels, annotations, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    ...{ name, namespace, uid, resourceVersion, creationTimestamp },
    ...(labels ? { labels } : {}),
    ...(annotations ? { annotations } : {}),
  };
}

/** Has the volumes of contents copied, and says when all of them are. */
export class SnapshotContents {
  private readonly queue = new WorkQueue('vm snapshot contents', (key) => this.reconcile(key), LATENCY_MS);
  private readonly stops: (() => void)[];
  private readonly quiesce: Quiesce;

  constructor(
    private readonly cluster: ClusterApi,
    virtHandler: VirtHandler,
  ) {
    this.quiesce = new Quiesce(cluster, virtHandler);
    this.stops = [
      cluster.watch<VmSnapshotContent>(CONTENTS, ({ type, object }) => {
        if (type !== 'DELETED') this.queue.add(keyFor(object));
      }),
      cluster.watch<VolumeSnapshot>(VOLUME_SNAPSHOTS, ({ object }) => {
        const owner = object.metadata.ownerReferences?.find(
          ({ kind }) => kind === 'VirtualMachineSnapshotContent',
        );
        if (owner) this.queue.add(`${object.metadata.namespace}/${owner.name}`);
      }),
    ];
  }

  close(): void {
    for (const stop of this.stops) stop();
    this.queue.close();
  }

  private async reconcile(key: string): Promise<void> {
    const { namespace, name } = splitKey(key);
    const content = this.cluster.get<VmSnapshotContent>(CONTENTS, namespace, name);
    if (!content) return;
    if (content.metadata.deletionTimestamp) {
      await this.quiesce.thaw(content);
      // Its VolumeSnapshots are owned by it and go with it.
      this.cluster.update<VmSnapshotContent>(CONTENTS, namespace, name, ({ metadata }) => {
        metadata.finalizers =
          metadata.finalizers?.filter((finalizer) => finalizer !== CONTENT_FINALIZER) ?? [];
      });
      return;
    }
    if (content.status?.readyToUse) return;
    const backups = content.spec.volumeBackups ?? [];
    const begun = backups.some(({ volumeSnapshotName }) =>
      this.cluster.get(VOLUME_SNAPSHOTS, namespace, volumeSnapshotName),
    );
    if (backups.length > 0 && !begun && !(await this.freeze(key, content))) return;
    for (const { volumeSnapshotName, persistentVolumeClaim } of backups) {
      this.copyVolume(content, volumeSnapshotName, String(persistentVolumeClaim.metadata.name));
    }
    if (this.report(content)) await this.quiesce.thaw(content);
  }

  private async freeze(key: string, content: VmSnapshotContent): Promise<boolean> {
    try {
      await this.quiesce.freeze(content);
      return true;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const { message } = error;
      const { namespace, name } = content.metadata;
      this.cluster.update<VmSnapshotContent>(CONTENTS, namespace, name, (draft) => {
        draft.status = { ...draft.status, readyToUse: false, error: { time: now(), message } };
      });
      this.queue.add(key, FREEZE_RETRY_MS);
      return false;
    }
  }

  private copyVolume(content: VmSnapshotContent, name: string, claimName: string): void {
    const { namespace } = content.metadata;
    if (this.cluster.get(VOLUME_SNAPSHOTS, namespace, name)) return;
    const claim = this.cluster.get<PersistentVolumeClaim>(PVCS, namespace, claimName);
    const volumeSnapshotClassName = snapshotClassFor(this.cluster, claim);
    this.cluster.create(VOLUME_SNAPSHOTS, {
      apiVersion: 'snapshot.storage.k8s.io/v1',
      kind: 'VolumeSnapshot',
      metadata: { name, ...(namespace ? { namespace } : {}), ownerReferences: [ownerReference(content)] },
      spec: {
        source: { persistentVolumeClaimName: claimName },
        ...(volumeSnapshotClassName ? { volumeSnapshotClassName } : {}),
      },
    });
    this.cluster.event(content, {
      type: 'Normal',
      reason: 'SuccessfulVolumeSnapshotCreate',
      message: `Successfully created VolumeSnapshot ${name}`,
      component: COMPONENT,
    });
  }

  /** Whether the bytes of all volumes are safe, so that the guest may write again. */
  private report(content: VmSnapshotContent): boolean {
    const { namespace, name } = content.metadata;
    const copies = (content.spec.volumeBackups ?? []).map(({ volumeSnapshotName }) => {
      const status = this.cluster.get<VolumeSnapshot>(
        VOLUME_SNAPSHOTS,
        namespace,
        volumeSnapshotName,
      )?.status;
      return {
        volumeSnapshotName,
        readyToUse: status?.readyToUse ?? false,
        ...(status?.creationTime ? { creationTime: status.creationTime } : {}),
        ...(status?.error ? { error: status.error } : {}),
      };
    });
    const isReady = copies.every(({ readyToUse }) => readyToUse);
    const failed = copies.find(({ error }) => error);
    this.cluster.update<VmSnapshotContent>(CONTENTS, namespace, name, (draft) => {
      draft.status = {
        ...draft.status,
        readyToUse: isReady,
        ...(isReady ? { creationTime: now() } : {}),
        ...(copies.length > 0 ? { volumeSnapshotStatus: copies } : {}),
        ...(failed ? { error: { time: now(), message: failed.error?.message ?? '' } } : {}),
      };
      if (isReady) delete draft.status.error;
    });
    return copies.every(({ creationTime }) => creationTime !== undefined);
  }
}
