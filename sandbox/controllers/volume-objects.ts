import type { ClusterApi, NewObject } from '../api/objects';
import { parseQuantity } from './quantity';
import {
  type ObjectReference,
  type PersistentVolume,
  type PersistentVolumeClaim,
  PVS,
  STORAGE_CLASSES,
  type StorageClass,
} from './storage-types';
import type { Pod } from './types';

/** The driver behind the sandbox's own storage classes. */
export const DRIVER = 'csi.sandbox.portlight.io';
export const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
/** Wins over the default class for the disks of VMs. */
export const DEFAULT_VIRT_CLASS = 'storageclass.kubevirt.io/is-default-virt-class';
const ANYBODY = 'kubernetes.io/no-provisioner';

/** The claim's class; one that names none gets the default class, also after the fact. An empty name means none. */
export function classOf(cluster: ClusterApi, { spec }: PersistentVolumeClaim): StorageClass | undefined {
  const classes = cluster.list<StorageClass>(STORAGE_CLASSES);
  if (spec.storageClassName === undefined) return defaultClass(classes);
  return classes.find(({ metadata }) => metadata.name === spec.storageClassName);
}

/** The newest of the classes that are marked as the default, as the DefaultStorageClass plugin chooses. */
export function defaultClass(
  classes: readonly StorageClass[],
  annotation = DEFAULT_CLASS,
): StorageClass | undefined {
  return classes
    .filter(({ metadata }) => metadata.annotations?.[annotation] === 'true')
    .sort((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))[0];
}

/** Whether volumes of the class are made here; all others are somebody else's to make. */
export function isOurs({ provisioner }: StorageClass): boolean {
  return provisioner !== ANYBODY;
}

/** What the claim is to be filled from; `dataSourceRef` is the newer field and includes the older. */
export function dataSourceOf({ spec }: PersistentVolumeClaim): ObjectReference | undefined {
  return spec.dataSourceRef ?? spec.dataSource;
}

/** Whether a populator fills the claim, so that no driver may make its volume. */
export function isPopulated(claim: PersistentVolumeClaim): boolean {
  const source = dataSourceOf(claim);
  if (!source) return false;
  const group = source.apiGroup ?? '';
  return !(
    (group === '' && source.kind === 'PersistentVolumeClaim') ||
    (group === 'snapshot.storage.k8s.io' && source.kind === 'VolumeSnapshot')
  );
}

/** The volume that is meant for the claim: named by it, reserved for it, or free and large enough. */
export function matchingVolume(
  cluster: ClusterApi,
  claim: PersistentVolumeClaim,
): PersistentVolume | undefined {
  const volumes = cluster.list<PersistentVolume>(PVS).filter(({ metadata }) => !metadata.deletionTimestamp);
  const reserved = volumes.find((volume) => isReservedFor(volume, claim));
  if (reserved) return reserved;
  const { volumeName } = claim.spec;
  if (volumeName) {
    return volumes.find(({ metadata, spec }) => metadata.name === volumeName && !spec.claimRef);
  }
  if (dataSourceOf(claim)) return undefined;
  return volumes
    .filter((volume) => fits(volume, claim))
    .sort((a, b) => sizeOf(a) - sizeOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

/** A volume's claimRef names the claim, by uid when it has one. */
export function isReservedFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = spec;
  if (claimRef?.namespace !== metadata.namespace || claimRef?.name !== metadata.name) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

function fits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec } = volume;
  const modes = claim.spec.accessModes ?? [];
  return (
    !spec.claimRef &&
    (spec.storageClassName ?? '') === (claim.spec.storageClassName ?? '') &&
    (spec.volumeMode ?? 'Filesystem') === (claim.spec.volumeMode ?? 'Filesystem') &&
    modes.every((mode) => spec.accessModes?.includes(mode)) &&
    sizeOf(volume) >= parseQuantity(claim.spec.resources?.requests?.storage)
  );
}

function sizeOf({ spec }: PersistentVolume): number {
  return parseQuantity(spec.capacity?.storage);
}

/** The volume that the driver makes for a claim, as external-provisioner writes it. */
export function provisionedVolume(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  name: string,
): NewObject {
  const { metadata, spec } = claim;
  const volumeMode = spec.volumeMode ?? 'Filesystem';
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name,
      annotations: {
        'pv.kubernetes.io/provisioned-by': storageClass.provisioner,
        'volume.kubernetes.io/provisioner-deletion-secret-name': '',
        'volume.kubernetes.io/provisioner-deletion-secret-namespace': '',
      },
      finalizers: ['external-provisioner.volume.kubernetes.io/finalizer', 'kubernetes.io/pv-protection'],
    },
    spec: {
      accessModes: spec.accessModes ?? ['ReadWriteOnce'],
      capacity: { storage: spec.resources?.requests?.storage ?? '1Gi' },
      claimRef: {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        namespace: metadata.namespace ?? 'default',
        name: metadata.name,
        uid: metadata.uid,
        resourceVersion: metadata.resourceVersion,
      },
      csi: {
        driver: storageClass.provisioner,
        volumeHandle: name,
        ...(volumeMode === 'Filesystem' ? { fsType: 'ext4' } : {}),
      },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode,
    },
    status: { phase: 'Bound' },
  };
}

/** Names of the claims that a pod mounts. */
export function claimsOf({ spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

/** Whether a pod needs its claims no more. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}
