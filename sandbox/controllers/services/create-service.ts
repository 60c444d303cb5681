import { allocateService } from '../../api/admission/service-address';
import type { ClusterApi, KubeObject, NewObject } from '../../api/objects';

/** Creates a service of a controller, with an address as the API server gives one to everybody's. */
export function createService(cluster: ClusterApi, service: NewObject): void {
  const made = structuredClone(service);
  made.spec = { type: 'ClusterIP', ...(made.spec as object) };
  // Only its spec is read; what else the store adds comes with the creation.
  allocateService(made as unknown as KubeObject, undefined, cluster.list('services'));
  cluster.create('services', made);
}
