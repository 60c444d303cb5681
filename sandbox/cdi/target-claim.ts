import { parseQuantity } from '../controllers/quantity';
import type { PersistentVolumeClaim } from '../controllers/storage-types';
import type { ClaimPropertySet, ClaimTemplate, DataVolumeSpec, Overhead } from './types';

const DEFAULT_OVERHEAD = '0.06';

export interface StorageFacts {
  /** The class that the claim will have, if any. */
  storageClass: string | undefined;
  /** What the class's StorageProfile recommends, best first. */
  claimPropertySets: readonly ClaimPropertySet[];
  overhead: Overhead;
  /** The size of what is cloned, when the volume names none of its own. */
  sourceSize: string | undefined;
}

export type TargetClaim = { spec: PersistentVolumeClaim['spec'] } | { refusal: string };

/**
 * The spec of the claim behind a DataVolume: `pvc` as it stands, `storage` with what the profile of its class adds and
 * room for the file system. Mirrors RenderPvc of CDI.
 */
export function targetClaim({ pvc, storage, contentType }: DataVolumeSpec, facts: StorageFacts): TargetClaim {
  if (pvc) return { spec: structuredClone(pvc) };
  const wanted: ClaimTemplate = structuredClone(storage ?? {});
  const { storageClass } = facts;
  const modes = claimModes(wanted, contentType, facts.claimPropertySets);
  if (!modes) {
    return {
      refusal: storageClass
        ? `Spec is missing accessMode and cannot get access mode from StorageProfile ${storageClass}`
        : 'DataVolume.storage spec is missing accessMode and no storageClass to choose profile',
    };
  }
  const size = wanted.resources?.requests?.storage ?? facts.sourceSize;
  if (size === undefined) return { refusal: 'DataVolume.storage spec is missing a storage size' };
  // A size that comes from the source has room for a file system already.
  const isInflated = modes.volumeMode === 'Filesystem' && wanted.resources?.requests?.storage !== undefined;
  const requested = isInflated ? withOverhead(size, overheadOf(facts.overhead, storageClass)) : size;
  return {
    spec: {
      ...wanted,
      ...modes,
      resources: { ...wanted.resources, requests: { ...wanted.resources?.requests, storage: requested } },
      ...(storageClass ? { storageClassName: storageClass } : {}),
    },
  };
}

/** Whatever the volume leaves open comes from the first set that goes with what it says. */
function claimModes(
  { accessModes, volumeMode }: ClaimTemplate,
  contentType: string | undefined,
  sets: readonly ClaimPropertySet[],
): ClaimPropertySet | undefined {
  const mayBeBlock = contentType !== 'archive';
  const suitable = sets.filter(
    (set) =>
      (!volumeMode || set.volumeMode === volumeMode) &&
      (!accessModes?.length || accessModes.every((mode) => set.accessModes.includes(mode))) &&
      (mayBeBlock || set.volumeMode !== 'Block'),
  )[0];
  if (accessModes?.length) {
    return { accessModes, volumeMode: volumeMode ?? suitable?.volumeMode ?? 'Filesystem' };
  }
  if (!suitable) return undefined;
  return { accessModes: suitable.accessModes, volumeMode: volumeMode ?? suitable.volumeMode };
}

/** The share of a file system of the class that cannot hold the image. */
export function overheadOf({ global, storageClass }: Overhead, name: string | undefined): number {
  return Number((name && storageClass?.[name]) ?? global ?? DEFAULT_OVERHEAD);
}

/** Bytes of a file system that holds `size`. */
export function withOverhead(size: string, overhead: number): string {
  return String(Math.ceil(parseQuantity(size) / (1 - overhead)));
}
