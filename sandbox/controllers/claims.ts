import type { ClusterApi, ResourceName } from '../api/objects';
import type { DataVolumeFacts } from './printable-status';
import { DATA_VOLUMES, type PersistentVolumeClaim, PVCS } from './storage-types';
import type { Condition, Volume } from './types';

/** The claim that a volume stands for: its own name for a PVC, the DataVolume's name for a DataVolume. */
export function claimName(volume: Volume): string | undefined {
  return (
    volume.persistentVolumeClaim?.claimName ??
    volume.dataVolume?.name ??
    volume.memoryDump?.claimName ??
    volume.ephemeral?.persistentVolumeClaim?.claimName
  );
}

export function claimOf(
  cluster: ClusterApi,
  namespace: string,
  volume: Volume,
): PersistentVolumeClaim | undefined {
  const name = claimName(volume);
  return name === undefined ? undefined : cluster.get<PersistentVolumeClaim>(PVCS, namespace, name);
}

/** Whether the API serves a resource: CDI's kinds are there only where CDI is. */
export function serves(cluster: ClusterApi, resource: ResourceName): boolean {
  try {
    cluster.get(resource, 'default', 'x');
    return true;
  } catch {
    return false;
  }
}

/** The named DataVolumes that exist. */
export function dataVolumeFacts(
  cluster: ClusterApi,
  namespace: string,
  names: readonly string[],
): DataVolumeFacts[] {
  if (names.length === 0 || !serves(cluster, DATA_VOLUMES)) return [];
  return names.flatMap((name) => {
    const found = cluster.get(DATA_VOLUMES, namespace, name);
    if (!found) return [];
    const status = found.status as { phase?: string; conditions?: Condition[] } | undefined;
    const running = status?.conditions?.find(({ type }) => type === 'Running');
    return [{ name, phase: status?.phase ?? '', ...(running ? { running } : {}) }];
  });
}

/** Of a claim beside a VM, by its name. */
export function volumeMode(
  cluster: ClusterApi,
  { metadata }: { metadata: { namespace?: string } },
  name: string,
): string | undefined {
  const claim = cluster.get<PersistentVolumeClaim>(PVCS, metadata.namespace, name);
  return claim && (claim.spec.volumeMode ?? 'Filesystem');
}
