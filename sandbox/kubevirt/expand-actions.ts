import type { ApiError } from '../api/errors';
import type { ClusterApi } from '../api/objects';
import { deviations } from '../api/schema/conformance';
import { definition, schemaName } from '../api/schema/definitions';
import type { SubresourceCall, SubresourceReply } from '../api/subresource';
import type { VirtualMachine } from '../controllers/types';
import { expandMachine } from '../instancetype/expand';
import type { SizedMachine } from '../instancetype/types';
import type { MachineAction } from './action';
import { jsonReply, NOT_ROUTED, refuse, statusReply } from './replies';
import { readOptions } from './request-body';

/** expand-spec. */
export const EXPAND_ACTIONS: Record<string, MachineAction> = {
  'expand-spec': ({ call, cluster, vm }) =>
    call.method === 'GET' ? expand(cluster, vm, refuse.internalError) : NOT_ROUTED,
};

/** PUT expand-vm-spec of a namespace, whose body is a whole VM. */
export function expandVmSpec(
  { method, body, namespace }: SubresourceCall,
  cluster: ClusterApi,
): SubresourceReply {
  if (method !== 'PUT') return NOT_ROUTED;
  if (body.toString('utf8').trim() === '') return statusReply(refuse.badRequest('empty request body'));
  // What it is was not checked yet: that comes now.
  const vm = readOptions(body) as Partial<VirtualMachine>;
  const causes = deviationsOf(vm);
  if (causes.length > 0) {
    const refusal = refuse.badRequest('Object is not a valid VirtualMachine');
    refusal.status.details = { causes };
    return statusReply(refusal);
  }
  const named = vm.metadata?.namespace;
  if (named && named !== namespace) {
    return statusReply(refuse.badRequest(`VM namespace must be empty or ${namespace}`));
  }
  const placed = { ...vm, metadata: { ...vm.metadata, ...(namespace ? { namespace } : {}) } };
  return expand(cluster, placed as VirtualMachine, refuse.badRequest);
}

/** A missing instance type is the server's fault where it is the VM's, and the caller's where the body names it. */
function expand(
  cluster: ClusterApi,
  vm: VirtualMachine,
  refusal: (why: string) => ApiError,
): SubresourceReply {
  try {
    // The controllers' view of a VM and the published type are two views of one object.
    return jsonReply(expandMachine(cluster, vm as unknown as SizedMachine));
  } catch (error) {
    return statusReply(refusal(error instanceof Error ? error.message : String(error)));
  }
}

function deviationsOf({ spec }: Partial<VirtualMachine>): { message: string }[] {
  const name = schemaName('kubevirt.io', 'VirtualMachine');
  const schema = name ? definition(name).properties?.spec : undefined;
  if (!spec) return [{ message: 'spec in body is required' }];
  return deviations(spec, schema ?? {}, 'spec').map(({ message }) => ({ message }));
}
