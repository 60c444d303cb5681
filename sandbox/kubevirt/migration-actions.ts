import { admitMigration } from '../api/admission/migration';
import { ApiError } from '../api/errors';
import type { ClusterApi, KubeObject, NewObject } from '../api/objects';
import { migrationConfiguration } from '../controllers/migration/configuration';
import { MIGRATIONS } from '../controllers/migration/migration';
import { type Node, type VirtualMachine, type VirtualMachineInstance, VMIS } from '../controllers/types';
import type { InstanceAction, MachineAction } from './action';
import { ACCEPTED, DONE, refuse, statusReply } from './replies';
import { type CallOptions, isDryRun } from './request-body';

/** migrate and evacuate/cancel of VMs. */
export const MIGRATION_ACTIONS: Record<string, MachineAction> = {
  migrate({ cluster, vm, vmi, options }) {
    if (vmi?.status?.phase !== 'Running') {
      return statusReply(refuse.vmConflict(vm.metadata.name, 'VM is not running'));
    }
    const draft = migrationOf(vm, options);
    try {
      admitAsClient(draft, cluster);
    } catch (error) {
      // virt-api is a client like others here: what refuses its migration is, to the caller, its own failure.
      if (error instanceof ApiError) return statusReply(refuse.internalError(error.message));
      throw error;
    }
    if (!isDryRun(options)) cluster.create(MIGRATIONS, draft);
    return ACCEPTED;
  },
  'evacuate/cancel'({ cluster, vm, vmi, options }) {
    if (!vm.status?.created || !vmi) {
      return statusReply(refuse.vmConflict(vm.metadata.name, 'VMI is not started'));
    }
    return cancelEvacuation(cluster, vmi, options);
  },
};

export const INSTANCE_MIGRATION_ACTIONS: Record<string, InstanceAction> = {
  'evacuate/cancel': ({ cluster, vmi, options }) => cancelEvacuation(cluster, vmi, options),
};

function migrationOf({ metadata }: VirtualMachine, { addedNodeSelector }: CallOptions): NewObject {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstanceMigration',
    metadata: {
      generateName: 'kubevirt-migrate-vm-',
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
    },
    spec: { vmiName: metadata.name, ...(addedNodeSelector ? { addedNodeSelector } : {}) },
  };
}

/** Runs the webhooks, which edit the draft. @throws ApiError as they refuse. */
function admitAsClient(draft: NewObject, cluster: ClusterApi): void {
  const namespace = draft.metadata.namespace;
  admitMigration(
    {
      resource: 'virtualmachineinstancemigrations',
      group: 'kubevirt.io',
      operation: 'CREATE',
      ...(namespace ? { namespace } : {}),
      // The server fills in the rest of the metadata later; the webhooks look at none of it.
      object: draft as KubeObject,
      user: { username: 'system:serviceaccount:kubevirt:kubevirt-apiserver', groups: [] },
      fieldValidation: 'Ignore',
      dryRun: false,
    },
    cluster,
  );
}

/** Nothing to cancel is fine; a node that is being drained would ask again at once. */
function cancelEvacuation(cluster: ClusterApi, vmi: VirtualMachineInstance, options: CallOptions) {
  const { namespace, name } = vmi.metadata;
  const leaving = vmi.status?.evacuationNodeName;
  if (!leaving) return DONE;
  const taint = migrationConfiguration(cluster).nodeDrainTaintKey;
  const node = cluster.get<Node>('nodes', undefined, leaving);
  if (node?.spec.taints?.some(({ key }) => key === taint)) {
    return statusReply(refuse.badRequest(`Node "${leaving}" has NodeDrainTaintKey ${taint}`));
  }
  if (isDryRun(options)) return DONE;
  cluster.update<VirtualMachineInstance>(VMIS, namespace, name, ({ status }) => {
    delete status?.evacuationNodeName;
  });
  return DONE;
}
