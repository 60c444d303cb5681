import { ApiError } from '../api/errors';
import type { ClusterApi } from '../api/objects';
import { migrationConfiguration } from '../controllers/migration/configuration';
import { requestMigration } from '../controllers/migration/request-migration';
import { type Node, type VirtualMachineInstance, VMIS } from '../controllers/types';
import type { InstanceAction, MachineAction } from './action';
import { ACCEPTED, DONE, refuse, statusReply } from './replies';
import { type CallOptions, isDryRun } from './request-body';

/** migrate and evacuate/cancel of VMs. */
export const MIGRATION_ACTIONS: Record<string, MachineAction> = {
  migrate({ cluster, vm, vmi, options }) {
    if (vmi?.status?.phase !== 'Running') {
      return statusReply(refuse.vmConflict(vm.metadata.name, 'VM is not running'));
    }
    const { addedNodeSelector } = options;
    const request = {
      generateName: 'kubevirt-migrate-vm-',
      ...(addedNodeSelector ? { addedNodeSelector } : {}),
    };
    try {
      requestMigration(cluster, vmi, request, { dryRun: isDryRun(options) });
    } catch (error) {
      // virt-api is a client like others here: what refuses its migration is, to the caller, its own failure.
      if (error instanceof ApiError) return statusReply(refuse.internalError(error.message));
      throw error;
    }
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
