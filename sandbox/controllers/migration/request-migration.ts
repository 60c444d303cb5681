import { admitMigration } from '../../api/admission/migration';
import type { ClusterApi, KubeObject, NewObject } from '../../api/objects';
import type { VirtualMachineInstance } from '../types';
import { MIGRATIONS, type Migration } from './migration';

export interface MigrationRequest {
  generateName: string;
  annotations?: Record<string, string>;
  priority?: Migration['spec']['priority'];
  addedNodeSelector?: Record<string, string>;
}

/**
 * Asks for a migration as any client does: through the webhooks. With `dryRun` nothing is stored.
 * @throws ApiError as migration-create-validator refuses.
 */
export function requestMigration(
  cluster: ClusterApi,
  { metadata }: Pick<VirtualMachineInstance, 'metadata'>,
  request: MigrationRequest,
  { dryRun = false } = {},
): Migration | undefined {
  const { generateName, annotations, priority, addedNodeSelector } = request;
  const { namespace, name } = metadata;
  const draft: NewObject = {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceMigration',
    metadata: {
      generateName,
      ...(namespace ? { namespace } : {}),
      ...(annotations ? { annotations } : {}),
    },
    spec: {
      vmiName: name,
      ...(addedNodeSelector ? { addedNodeSelector } : {}),
      ...(priority ? { priority } : {}),
    },
  };
  admitMigration(
    {
      resource: 'virtualmachineinstancemigrations',
      group: 'kubevirt.io',
      operation: 'CREATE',
      ...(namespace ? { namespace } : {}),
      // The server fills in the rest of the metadata later; the webhooks look at none of it.
      object: draft as KubeObject,
      user: { username: 'system:serviceaccount:kubevirt:kubevirt-controller', groups: [] },
      fieldValidation: 'Ignore',
      dryRun,
    },
    cluster,
  );
  return dryRun ? undefined : cluster.create<Migration>(MIGRATIONS, draft);
}
