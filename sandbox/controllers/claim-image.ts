import type { ClusterApi } from '../api/objects';
import { serves } from './claims';
import { parseQuantity } from './quantity';
import type { PersistentVolumeClaim } from './storage-types';

const CDI_CONFIGS = 'cdiconfigs.cdi.kubevirt.io';
/** KubeVirt's own, where no CDI says otherwise. */
const DEFAULT_OVERHEAD = '0.055';
const MIB = 2 ** 20;

/** The share of a claim's file system that is not for images: CDI's configuration, or KubeVirt's own figure. */
export function filesystemOverhead(cluster: ClusterApi, { spec }: PersistentVolumeClaim): number {
  if (spec.volumeMode === 'Block') return 0;
  const config = serves(cluster, CDI_CONFIGS) ? cluster.get(CDI_CONFIGS, undefined, 'config') : undefined;
  // Written by CDI's controller.
  const overhead = (
    config?.status as
      | { filesystemOverhead?: { global?: string; storageClass?: Record<string, string> } }
      | undefined
  )?.filesystemOverhead;
  const own = overhead?.storageClass?.[spec.storageClassName ?? ''];
  return Number(own ?? overhead?.global ?? DEFAULT_OVERHEAD);
}

/**
 * Bytes of the image on a claim: all of a block device, of a file system what is left beside its own needs, in whole
 * MiB. Mirrors CDI's GetUsableSpace and KubeVirt's possibleGuestSize, which agree so far.
 */
export function imageBytes(cluster: ClusterApi, claim: PersistentVolumeClaim): number {
  const { spec, status } = claim;
  const bytes = parseQuantity(status?.capacity?.storage ?? spec.resources?.requests?.storage);
  if (spec.volumeMode === 'Block') return bytes;
  // Claims are sized by the inverse of this: the byte makes good what both divisions may lose.
  const usable = Math.floor(bytes * (1 - filesystemOverhead(cluster, claim)) + 1);
  return usable < MIB ? usable : usable - (usable % MIB);
}
