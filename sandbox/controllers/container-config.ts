import type { ClusterApi, KubeObject } from '../api/objects';
import type { Container, Pod } from './types';

interface KeyReference {
  name: string;
  key: string;
  optional?: boolean;
}

interface Variable {
  valueFrom?: { secretKeyRef?: KeyReference; configMapKeyRef?: KeyReference };
}

interface Keyed extends KubeObject {
  data?: Record<string, string>;
}

/** The container of a pod whose environment cannot be made, and why, in the kubelet's words. */
export function configTrouble(
  cluster: ClusterApi,
  { metadata, spec }: Pod,
): { container: Container; message: string } | undefined {
  const { namespace } = metadata;
  for (const container of spec.containers) {
    for (const { valueFrom } of (container.env as Variable[] | undefined) ?? []) {
      const message =
        missing(cluster, namespace, 'secrets', valueFrom?.secretKeyRef) ??
        missing(cluster, namespace, 'configmaps', valueFrom?.configMapKeyRef);
      if (message) return { container, message };
    }
  }
  return undefined;
}

function missing(
  cluster: ClusterApi,
  namespace: string | undefined,
  resource: 'secrets' | 'configmaps',
  reference: KeyReference | undefined,
): string | undefined {
  if (!reference || reference.optional) return undefined;
  const { name, key } = reference;
  const found = cluster.get<Keyed>(resource, namespace, name);
  if (!found) return `${resource === 'secrets' ? 'secret' : 'configmap'} "${name}" not found`;
  if (found.data?.[key] !== undefined) return undefined;
  return `couldn't find key ${key} in ${resource === 'secrets' ? 'Secret' : 'ConfigMap'} ${namespace}/${name}`;
}
