import type { ClusterApi, KubeObject } from '../../api/objects';
import { claimOf } from '../claims';
import { type PersistentVolumeClaim, STORAGE_CLASSES, type StorageClass } from '../storage-types';
import type { VirtualMachine, Volume } from '../types';
import { VOLUME_SNAPSHOT_CLASSES } from './types';

const DEFAULT_CLASS = 'snapshot.storage.kubernetes.io/is-default-class';

/**
 * The VolumeSnapshotClass for a claim: the one of its storage class' driver, the default one where there are several.
 * Mirrors getVolumeSnapshotClassName of virt-controller.
 */
export function snapshotClassFor(
  cluster: ClusterApi,
  claim: PersistentVolumeClaim | undefined,
): string | undefined {
  const name = claim?.spec.storageClassName;
  const driver = name && cluster.get<StorageClass>(STORAGE_CLASSES, undefined, name)?.provisioner;
  if (!driver) return undefined;
  const fitting = cluster
    .list<KubeObject>(VOLUME_SNAPSHOT_CLASSES)
    .filter((candidate) => candidate.driver === driver);
  const chosen = fitting.find(({ metadata }) => metadata.annotations?.[DEFAULT_CLASS] === 'true');
  return (chosen ?? fitting[0])?.metadata.name;
}

/** Whether a volume's source is of a kind that snapshots know. */
export function hasClaim({ persistentVolumeClaim, dataVolume, memoryDump }: Volume): boolean {
  return (persistentVolumeClaim ?? dataVolume ?? memoryDump) !== undefined;
}

export interface VolumeChoice {
  included: { volume: string; claim: PersistentVolumeClaim }[];
  excluded: string[];
}

/** Which volumes of a VM a snapshot takes along. */
export function chooseVolumes(
  cluster: ClusterApi,
  vm: VirtualMachine,
  spec: VirtualMachine['spec'],
): VolumeChoice {
  const choice: VolumeChoice = { included: [], excluded: [] };
  for (const volume of spec.template.spec.volumes ?? []) {
    const claim = hasClaim(volume) ? claimOf(cluster, vm.metadata.namespace ?? '', volume) : undefined;
    if (claim && snapshotClassFor(cluster, claim)) choice.included.push({ volume: volume.name, claim });
    else choice.excluded.push(volume.name);
  }
  return choice;
}
