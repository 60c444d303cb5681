import type { ClusterApi, KubeObject } from '../api/objects';
import { type PersistentVolumeClaim, PVCS } from '../controllers/storage-types';
import * as names from './names';
import type { DataSource, DataSourceSource, DataVolume, NamespacedName } from './types';

/** A DataSource may stand for another one, and that for a claim or snapshot; not more. */
const MAX_DEPTH = 1;

export interface Origin {
  namespace: string;
  /** What a VolumeCloneSource names. */
  reference: { kind: 'PersistentVolumeClaim' | 'VolumeSnapshot'; name: string; apiGroup?: string };
  /** The least size of the copy. */
  size: string | undefined;
  volumeMode?: string;
}

export type OriginOrRefusal = Origin | { refusal: string; reason: string };

/** What a DataVolume is cloned from, DataSources followed. */
export function cloneOrigin(cluster: ClusterApi, { metadata, spec }: DataVolume): OriginOrRefusal {
  const own = metadata.namespace ?? 'default';
  if (!spec.sourceRef) {
    const { pvc, snapshot } = spec.source ?? {};
    return originIn(cluster, { ...(pvc ? { pvc } : {}), ...(snapshot ? { snapshot } : {}) }, own);
  }
  const { namespace = own, name } = spec.sourceRef;
  const found = cluster.get<DataSource>(names.DATA_SOURCES, namespace, name);
  if (!found) return { reason: 'NotFound', refusal: `SourceRef DataSource/${namespace}/${name} not found` };
  return originIn(cluster, resolveSource(cluster, found).source, namespace);
}

function originIn(cluster: ClusterApi, { pvc, snapshot }: DataSourceSource, own: string): OriginOrRefusal {
  if (pvc) {
    const namespace = pvc.namespace || own;
    const claim = cluster.get<PersistentVolumeClaim>(PVCS, namespace, pvc.name);
    if (!claim)
      return { reason: 'CloneSourceNotFound', refusal: `Source PVC ${namespace}/${pvc.name} not found` };
    const size = claim.spec.resources?.requests?.storage;
    const { volumeMode = 'Filesystem' } = claim.spec;
    return { namespace, reference: { kind: 'PersistentVolumeClaim', name: pvc.name }, size, volumeMode };
  }
  if (snapshot) {
    const namespace = snapshot.namespace || own;
    const found = cluster.get<KubeObject & { status?: { restoreSize?: string } }>(
      names.SNAPSHOTS,
      namespace,
      snapshot.name,
    );
    if (!found)
      return {
        reason: 'SnapshotNotFound',
        refusal: `Source snapshot ${namespace}/${snapshot.name} not found`,
      };
    const reference = {
      apiGroup: 'snapshot.storage.k8s.io',
      kind: 'VolumeSnapshot',
      name: snapshot.name,
    } as const;
    return { namespace, reference, size: found.status?.restoreSize };
  }
  return { reason: 'NoSource', refusal: 'DataSource has no source' };
}

export type ChainProblem =
  | 'NotFound'
  | 'MaxReferenceDepthReached'
  | 'SelfReference'
  | 'CrossNamespaceReference';

/** Follows a DataSource that stands for another one. */
export function resolveSource(
  cluster: ClusterApi,
  dataSource: DataSource,
): { source: DataSourceSource; problem?: ChainProblem } {
  let current = dataSource;
  for (let depth = 0; ; depth += 1) {
    const next: NamespacedName | undefined = current.spec.source?.dataSource;
    if (!next) return { source: current.spec.source ?? {} };
    const { namespace = '', name } = current.metadata;
    const target = next.namespace || namespace;
    if (target === namespace && next.name === name) return { source: {}, problem: 'SelfReference' };
    if (target !== namespace) return { source: {}, problem: 'CrossNamespaceReference' };
    if (depth >= MAX_DEPTH) return { source: {}, problem: 'MaxReferenceDepthReached' };
    const found = cluster.get<DataSource>(names.DATA_SOURCES, target, next.name);
    if (!found) return { source: {}, problem: 'NotFound' };
    current = found;
  }
}
