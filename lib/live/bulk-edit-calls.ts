import { ApiError } from '@/lib/k8s/error';
import type { Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import type { Prepared } from '@/lib/kinds/vm/bulk-action';
import { withBulkEdit } from '@/lib/kinds/vm/bulk-edit-apply';
import type { VmBulkEdit } from '@/lib/kinds/vm/bulk-edit-input';
import { JSON_PATCH, patchOf } from '@/lib/manifest/json-patch';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';

/**
 * Reads a VM as it is now and makes the small patch that edits it; its tests make the API refuse when somebody changes
 * the same fields in between.
 * @throws ApiError when it can't be read, or is another one by now.
 */
export async function prepareEdit(ref: Ref, uid: string, edit: VmBulkEdit): Promise<Prepared> {
  const path = resourcePath(RESOURCES.virtualMachines, ref.namespace, ref.name);
  const { body: vm } = await callApi<ManifestObject>(ref.cluster, path);
  if (isMapping(vm.metadata) && vm.metadata.uid !== uid) {
    throw new ApiError(404, 'NotFound', `virtualmachines.kubevirt.io "${ref.name}" not found`, {
      method: 'GET',
      path,
    });
  }
  const after = withBulkEdit(vm, edit);
  if (after === vm) return {};
  const guard = { op: 'test', path: '/metadata/uid', value: uid };
  return {
    edit: { method: 'PATCH', path, contentType: JSON_PATCH, body: [guard, ...patchOf(vm, after)] },
  };
}
