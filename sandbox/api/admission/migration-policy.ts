import type { AdmissionRequest } from '../admission';
import type { KubeObject } from '../objects';
import { Findings } from './findings';
import { quantityValue } from './quantity';
import { denied } from './webhook';

interface MigrationPolicy extends KubeObject {
  spec?: { bandwidthPerMigration?: string | number; completionTimeoutPerGiB?: number };
}

/** migration-policy-validator. @throws ApiError 422 in its words. */
export function admitMigrationPolicy({ object }: AdmissionRequest): string[] {
  const { bandwidthPerMigration, completionTimeoutPerGiB } = (object as MigrationPolicy).spec ?? {};
  const found = new Findings();
  const negative = (field: string) => found.invalid(`spec.${field}`, 'must not be negative');
  if (completionTimeoutPerGiB !== undefined && completionTimeoutPerGiB < 0)
    negative('completionTimeoutPerGiB');
  if (bandwidthPerMigration !== undefined && quantityValue(bandwidthPerMigration) < 0) {
    negative('bandwidthPerMigration');
  }
  if (found.causes.length > 0) throw denied('migration-policy-validator.kubevirt.io', found.causes);
  return [];
}
