import { mutatePod, validatePod } from '../api/admission/pod-plugins';
import { generatedName } from '../api/metadata';
import type { ClusterApi, KubeObject, NewObject } from '../api/objects';
import type { Pod } from './types';

/**
 * Creates a pod as a controller's request to the API does: through admission, so that quotas, limit ranges and missing
 * priority classes refuse it. @throws ApiError 403
 */
export function createPod(cluster: ClusterApi, draft: NewObject): Pod {
  const { metadata } = draft;
  mutatePod(cluster, draft);
  const name = metadata.name || generatedName(metadata.generateName ?? '');
  const named = { ...draft, metadata: { ...metadata, name } };
  // The plugins look only at the name, the namespace and the spec.
  validatePod(cluster, named as unknown as KubeObject);
  return cluster.create<Pod>('pods', named);
}
