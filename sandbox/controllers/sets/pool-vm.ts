import type { ClusterApi, NewObject } from '../../api/objects';
import { ownerReference } from '../vmi-factory';
import { indexedSpec, indexOf } from './pool-plan';
import { POOL_FINALIZER, POOL_REVISION, type Pool } from './types';

const COMPONENT = 'virtualmachinepool-controller';

/** What the condition ReplicaFailure is to say. */
export class SetError extends Error {
  constructor(
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

/** Records an event about a pool. */
export function tell(
  cluster: ClusterApi,
  pool: Pool,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
): void {
  cluster.event(pool, { type, reason, message, component: COMPONENT });
}

/** A VM of the pool, before its webhooks' defaults. */
export function vmOf({ metadata, spec, ...pool }: Pool, name: string, revision: string): NewObject {
  const { labels, annotations } = spec.virtualMachineTemplate.metadata ?? {};
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      labels: { ...labels, [POOL_REVISION]: revision },
      ...(annotations ? { annotations: { ...annotations } } : {}),
      finalizers: [POOL_FINALIZER],
      ownerReferences: [ownerReference({ ...pool, metadata })],
    },
    spec: indexedSpec(spec, indexOf(name), revision),
  };
}
