import type { ClusterApi } from '../../api/objects';
import { REVISIONS, type VirtualMachine, VMIS } from '../types';
import { ownerReference } from '../vmi-factory';
import { controllerOf } from '../workloads/pods';
import { POOL_REVISION, type Pool, type PoolSpec } from './types';

/** Keeps the pool's spec as it is now, unless that was done before, and returns the revision's name. */
export function ensureRevision(cluster: ClusterApi, pool: Pool): string {
  const { namespace, generation = 1 } = pool.metadata;
  const name = `${pool.metadata.name}-${generation}`;
  if (cluster.get(REVISIONS, namespace, name)) return name;
  cluster.create(REVISIONS, {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name, ...(namespace ? { namespace } : {}), ownerReferences: [ownerReference(pool)] },
    data: structuredClone(pool.spec),
    revision: generation,
  });
  return name;
}

/** The pool's spec as a revision keeps it. */
export function specOf(cluster: ClusterApi, { metadata }: Pool, revision: string): PoolSpec | undefined {
  // Written by ensureRevision above.
  return cluster.get(REVISIONS, metadata.namespace, revision)?.data as PoolSpec | undefined;
}

/** Deletes the revisions that neither a VM of the pool nor its instance comes from any more. */
export function pruneRevisions(
  cluster: ClusterApi,
  { metadata: { namespace, uid } }: Pool,
  vms: VirtualMachine[],
): void {
  const instances = vms.map(({ metadata: { name } }) => cluster.get(VMIS, namespace, name));
  const used = [...vms, ...instances].map((object) => object?.metadata.labels?.[POOL_REVISION]);
  for (const revision of cluster.list(REVISIONS, namespace)) {
    if (controllerOf(revision)?.uid !== uid || used.includes(revision.metadata.name)) continue;
    cluster.delete(REVISIONS, namespace, revision.metadata.name);
  }
}
