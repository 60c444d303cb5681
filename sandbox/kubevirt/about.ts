import type { ClusterApi } from '../api/objects';
import type { SubresourceCall, SubresourceReply } from '../api/subresource';
import { KUBERNETES_VERSION, KUBEVIRT_REGISTRY, KUBEVIRT_VERSION } from '../controllers/release';
import type { VirtualMachine } from '../controllers/types';
import { NOT_ROUTED, refuse, statusReply } from './replies';
import { readOptions } from './request-body';

const BUILD = {
  gitCommit: '4b1d6b8b3a1f0e7c5d2a9f8e6c7b0d1e2f3a4b5c',
  gitTreeState: 'clean',
  buildDate: '2026-07-29T12:00:00Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: 'linux/amd64',
};

/** The calls that name no object: versions, health, and what a whole manifest expands to. */
export function about(call: SubresourceCall, cluster: ClusterApi): SubresourceReply {
  switch (call.action) {
    case 'version':
      return json({ gitVersion: KUBEVIRT_VERSION, ...BUILD });
    case 'guestfs':
      return json({ registry: KUBEVIRT_REGISTRY, tag: KUBEVIRT_VERSION, imagePrefix: '', gsImage: '' });
    case 'healthz':
      return json({
        apiserver: { connectivity: 'ok', version: KUBERNETES_VERSION },
        'config-resource-version': cluster.list('kubevirts.kubevirt.io')[0]?.metadata.resourceVersion ?? '0',
      });
    case 'expand-vm-spec':
      return call.method === 'PUT' ? expand(call) : NOT_ROUTED;
    default:
      return NOT_ROUTED;
  }
}

/** Without instance types a VM is already what it expands to. */
function expand({ body, namespace }: SubresourceCall): SubresourceReply {
  const vm = readOptions(body) as Partial<VirtualMachine>;
  if (!vm.spec?.template) return statusReply(refuse.badRequest('Object is not a valid VirtualMachine'));
  const named = vm.metadata?.namespace;
  if (named && named !== namespace) {
    return statusReply(refuse.badRequest(`VM namespace must be empty or ${namespace}`));
  }
  return json(vm);
}

function json(body: object): SubresourceReply {
  return { status: 200, body, contentType: 'application/json' };
}
