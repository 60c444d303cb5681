import type { SubresourceCall, SubresourceReply } from '../api/subresource';
import type { VirtualMachine } from '../controllers/types';
import type { MachineAction } from './action';
import { jsonReply, NOT_ROUTED, refuse, statusReply } from './replies';
import { readOptions } from './request-body';

/** expand-spec. Without instance types a VM is already what it expands to. */
export const EXPAND_ACTIONS: Record<string, MachineAction> = {
  'expand-spec': ({ call, vm }) => (call.method === 'GET' ? jsonReply(vm) : NOT_ROUTED),
};

/** PUT expand-vm-spec of a namespace, whose body is a whole VM. */
export function expandVmSpec({ method, body, namespace }: SubresourceCall): SubresourceReply {
  if (method !== 'PUT') return NOT_ROUTED;
  const vm = readOptions(body) as Partial<VirtualMachine>;
  if (!vm.spec?.template) return statusReply(refuse.badRequest('Object is not a valid VirtualMachine'));
  const named = vm.metadata?.namespace;
  if (named && named !== namespace) {
    return statusReply(refuse.badRequest(`VM namespace must be empty or ${namespace}`));
  }
  return jsonReply(vm);
}
