import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest } from '../admission';
import type { ClusterApi, KubeObject } from '../objects';
import { Findings } from './findings';
import type { VirtualMachineInstance } from './types';
import { isKubeVirt } from './user';
import { denied, deniedPlainly } from './webhook';

const VMI_LABEL = 'kubevirt.io/vmi-name';
export const MIGRATION_FINALIZER = 'kubevirt.io/migrationJobFinalize';

interface Migration extends KubeObject {
  spec: { vmiName?: string };
  status?: { phase?: string };
}

/** Runs KubeVirt's webhooks for a VirtualMachineInstanceMigration: label and finalizer, then the simple refusals. */
export function admitMigration(request: AdmissionRequest, cluster: ClusterApi): void {
  const migration = request.object as Migration;
  if (request.operation === 'CREATE') {
    defaultMigration(migration);
    validateNewMigration(migration, request.namespace ?? '', cluster);
    return;
  }
  const old = request.oldObject as Migration;
  const found = new Findings();
  if (!isDeepStrictEqual(migration.spec, old.spec)) {
    found.notSupported(undefined, "update of Migration object's spec is restricted");
  } else if (
    !isKubeVirt(request.user) &&
    migration.metadata.labels?.[VMI_LABEL] !== old.metadata.labels?.[VMI_LABEL]
  ) {
    found.notSupported(undefined, "selector label can't be modified");
  }
  if (found.causes.length > 0) throw denied('migration-update-validator.kubevirt.io', found.causes);
}

function defaultMigration({ metadata, spec }: Migration): void {
  metadata.labels = { ...metadata.labels, [VMI_LABEL]: spec.vmiName ?? '' };
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(MIGRATION_FINALIZER)) metadata.finalizers = [...finalizers, MIGRATION_FINALIZER];
}

function validateNewMigration({ spec }: Migration, namespace: string, cluster: ClusterApi): void {
  const refuse = (message: string) => deniedPlainly('migration-create-validator.kubevirt.io', message);
  const name = spec.vmiName;
  if (!name) {
    const found = new Findings();
    found.required('spec.vmiName', 'vmiName is missing');
    throw denied('migration-create-validator.kubevirt.io', found.causes);
  }
  const vmi = cluster.get<VirtualMachineInstance>('virtualmachineinstances.kubevirt.io', namespace, name);
  if (!vmi) throw refuse(`the VMI "${namespace}/${name}" does not exist`);
  const phase = vmi.status?.phase;
  if (phase === 'Succeeded' || phase === 'Failed') throw refuse('Cannot migrate VMI in finalized state.');
  const migratable = vmi.status?.conditions?.find(({ type }) => type === 'LiveMigratable');
  if (migratable?.status === 'False') {
    throw refuse(`Cannot migrate VMI, Reason: ${migratable.reason}, Message: ${migratable.message}`);
  }
  const running = cluster
    .list<Migration>('virtualmachineinstancemigrations.kubevirt.io', namespace)
    .find(
      (other) => other.spec.vmiName === name && !['Succeeded', 'Failed'].includes(other.status?.phase ?? ''),
    );
  if (!running) return;
  const job = `Active migration job (${running.metadata.uid}) is currently already in progress for VMI ${name}.`;
  throw refuse(`in-flight migration detected. ${job}`);
}
