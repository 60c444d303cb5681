import type { ClusterApi } from '../api/objects';
import type { SubresourceCall, SubresourceReply } from '../api/subresource';
import { KUBERNETES_VERSION, KUBEVIRT_REGISTRY, KUBEVIRT_VERSION } from '../controllers/release';
import { expandVmSpec } from './expand-actions';
import { jsonReply, NOT_ROUTED } from './replies';

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
      return jsonReply({ gitVersion: KUBEVIRT_VERSION, ...BUILD });
    case 'guestfs':
      return jsonReply({ registry: KUBEVIRT_REGISTRY, tag: KUBEVIRT_VERSION, imagePrefix: '', gsImage: '' });
    case 'healthz':
      return jsonReply({
        apiserver: { connectivity: 'ok', version: KUBERNETES_VERSION },
        'config-resource-version': cluster.list('kubevirts.kubevirt.io')[0]?.metadata.resourceVersion ?? '0',
      });
    case 'expand-vm-spec':
      return expandVmSpec(call, cluster);
    default:
      return NOT_ROUTED;
  }
}
