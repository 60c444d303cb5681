import type { ClusterApi, NewObject } from '../../api/objects';
import { serves } from '../claims';
import {
  DATA_VOLUMES,
  type PersistentVolumeClaim,
  PVCS,
  STORAGE_CLASSES,
  type StorageClass,
} from '../storage-types';
import { RESTORES, type VmRestore, type VmSnapshotContent, type VolumeRestore } from './types';

const RESTORE_NAME = 'restore.kubevirt.io/name';
const POPULATED_FOR = 'cdi.kubevirt.io/storage.populatedFor';

/**
 * Makes a claim of each copy of a snapshot's volumes. Mirrors reconcileVolumeRestores of virt-controller.
 * Returns whether all of them are there, as far as they can be without a pod.
 */
export function makeClaims(
  cluster: ClusterApi,
  restore: VmRestore,
  content: VmSnapshotContent,
  restores: readonly VolumeRestore[],
): boolean {
  const { namespace } = restore.metadata;
  let isWaiting = false;
  for (const { volumeName, persistentVolumeClaim: name, volumeSnapshotName, dataVolumeName } of restores) {
    const claim = cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
    if (claim && restore.spec.volumeRestorePolicy === 'InPlace' && !isMadeBy(restore, claim)) {
      discard(cluster, restore, claim);
      isWaiting = true;
      continue;
    }
    if (claim) {
      isWaiting ||= claim.status?.phase !== 'Bound' && !waitsForConsumer(cluster, claim);
      continue;
    }
    const backup = content.spec.volumeBackups?.find((candidate) => candidate.volumeName === volumeName);
    const override = restore.spec.volumeRestoreOverrides?.find((entry) => entry.volumeName === volumeName);
    const {
      volumeName: _volume,
      dataSource: _source,
      dataSourceRef: _ref,
      ...spec
    } = backup?.persistentVolumeClaim.spec ?? {};
    cluster.create(PVCS, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        ...(namespace ? { namespace } : {}),
        labels: { ...override?.labels, 'restore.kubevirt.io/source-vm-name': restore.spec.target.name },
        annotations: {
          ...override?.annotations,
          [RESTORE_NAME]: restore.metadata.name,
          // Lets the VM's DataVolume have it, which would refuse a claim of its name otherwise.
          ...(dataVolumeName ? { [POPULATED_FOR]: dataVolumeName } : {}),
        },
      },
      spec: {
        ...spec,
        dataSource: {
          apiGroup: 'snapshot.storage.k8s.io',
          kind: 'VolumeSnapshot',
          name: volumeSnapshotName,
        },
      },
    } as NewObject);
    isWaiting = true;
  }
  return !isWaiting;
}

/** What lies where a restore puts a claim goes first, and the DataVolume that would make it again. */
function discard(cluster: ClusterApi, restore: VmRestore, { metadata }: PersistentVolumeClaim): void {
  const { namespace, name } = metadata;
  if (serves(cluster, DATA_VOLUMES) && cluster.get(DATA_VOLUMES, namespace, name)) {
    cluster.delete(DATA_VOLUMES, namespace, name);
    cluster.update<VmRestore>(RESTORES, namespace, restore.metadata.name, (draft) => {
      const gone = new Set(draft.status?.deletedDataVolumes).add(name);
      draft.status = { ...draft.status, deletedDataVolumes: [...gone] };
    });
  }
  if (!metadata.deletionTimestamp && cluster.get(PVCS, namespace, name))
    cluster.delete(PVCS, namespace, name);
}

/** A claim that binds with its first pod is as good as bound. */
function waitsForConsumer(cluster: ClusterApi, { spec }: PersistentVolumeClaim): boolean {
  const storageClass = cluster.get<StorageClass>(STORAGE_CLASSES, undefined, spec.storageClassName ?? '');
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** Not by an earlier restore of the same name. */
function isMadeBy({ metadata }: VmRestore, claim: PersistentVolumeClaim): boolean {
  const { annotations, creationTimestamp } = claim.metadata;
  return annotations?.[RESTORE_NAME] === metadata.name && creationTimestamp >= metadata.creationTimestamp;
}
