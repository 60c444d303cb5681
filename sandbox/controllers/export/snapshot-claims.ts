import type { ClusterApi, NewObject } from '../../api/objects';
import { parseQuantity } from '../quantity';
import { type StoredMachine, VOLUME_SNAPSHOTS, type VolumeBackup } from '../snapshot/types';
import { type PersistentVolumeClaim, PVCS } from '../storage-types';
import { ownerReference } from '../vmi-factory';
import { CONTENT_TYPE, type VmExport } from './types';

/**
 * The claim that a volume of a snapshot is exported from, made when it is not there. It belongs to the export and goes
 * with it.
 */
export function claimFromBackup(
  cluster: ClusterApi,
  vmExport: VmExport,
  backup: VolumeBackup,
  source: StoredMachine,
): PersistentVolumeClaim {
  const { namespace } = vmExport.metadata;
  const { persistentVolumeClaim, volumeSnapshotName } = backup;
  const name = `${vmExport.metadata.name}-${persistentVolumeClaim.metadata.name}`;
  const present = cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
  if (present) return present;
  const {
    volumeName: _volume,
    dataSource: _source,
    dataSourceRef: _ref,
    ...spec
  } = persistentVolumeClaim.spec;
  const labels = persistentVolumeClaim.metadata.labels as Record<string, string> | undefined;
  return cluster.create<PersistentVolumeClaim>(PVCS, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(labels ? { labels } : {}),
      ...(isDisk(backup, source) ? { annotations: { [CONTENT_TYPE]: 'kubevirt' } } : {}),
      ownerReferences: [ownerReference(vmExport)],
    },
    spec: {
      ...spec,
      resources: { requests: { storage: sizeOf(cluster, namespace, volumeSnapshotName, spec) } },
      dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: volumeSnapshotName },
    },
  } as NewObject);
}

/** As large as the claim was, or as the copy has become since. */
function sizeOf(
  cluster: ClusterApi,
  namespace: string | undefined,
  volumeSnapshot: string,
  spec: Record<string, unknown>,
): string {
  const { resources } = spec as PersistentVolumeClaim['spec'];
  const asked = resources?.requests?.storage ?? '1Gi';
  const status = cluster.get(VOLUME_SNAPSHOTS, namespace, volumeSnapshot)?.status as
    | { restoreSize?: string }
    | undefined;
  const { restoreSize } = status ?? {};
  return restoreSize && parseQuantity(restoreSize) > parseQuantity(asked) ? restoreSize : asked;
}

/** Volumes that a VM has a disk of hold one disk image; a memory dump holds files. */
function isDisk({ volumeName }: VolumeBackup, { spec }: StoredMachine): boolean {
  const volume = spec.template.spec.volumes?.find(({ name }) => name === volumeName);
  return (volume?.dataVolume ?? volume?.persistentVolumeClaim) !== undefined;
}
