import { stat } from 'node:fs/promises';
import { claimFile } from './guest-files';
import { parseQuantity } from './quantity';
import type { PersistentVolumeClaim } from './storage-types';

/** Of st_blocks, whatever the file system's own blocks are. */
const BLOCK_BYTES = 512;

export interface VolumeUse {
  capacityBytes: number;
  /** Really allocated, not what the image pretends to hold. */
  usedBytes: number;
  availableBytes: number;
}

/** What a claim's volume takes of the storage behind it, as a kubelet tells of volumes; all free when nothing is on it. */
export async function volumeUse(directory: string, claim: PersistentVolumeClaim): Promise<VolumeUse> {
  const { spec, status } = claim;
  const capacityBytes = parseQuantity(status?.capacity?.storage ?? spec.resources?.requests?.storage);
  const file = await stat(claimFile(directory, claim)).catch(() => undefined);
  const usedBytes = file ? file.blocks * BLOCK_BYTES : 0;
  return { capacityBytes, usedBytes, availableBytes: Math.max(0, capacityBytes - usedBytes) };
}
