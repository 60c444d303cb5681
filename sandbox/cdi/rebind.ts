import type { ClusterApi } from '../api/objects';
import { type PersistentVolume, type PersistentVolumeClaim, PVS } from '../controllers/storage-types';

/**
 * Hands the volume of a filled claim over to the claim it was filled for: the binder finds it reserved. Returns false
 * while there is no volume to hand over. Mirrors Rebind of CDI's populators.
 */
export function rebind(
  cluster: ClusterApi,
  filled: PersistentVolumeClaim,
  target: PersistentVolumeClaim,
): boolean {
  const name = filled.spec.volumeName;
  const volume = name && cluster.get<PersistentVolume>(PVS, undefined, name);
  if (!volume) return false;
  const { uid } = volume.spec.claimRef ?? {};
  if (uid === target.metadata.uid) return true;
  if (uid !== filled.metadata.uid) return false;
  cluster.update<PersistentVolume>(PVS, undefined, name, ({ spec }) => {
    spec.claimRef = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      namespace: target.metadata.namespace ?? 'default',
      name: target.metadata.name,
      uid: target.metadata.uid,
      resourceVersion: target.metadata.resourceVersion,
    };
  });
  return true;
}
