import type { Ref } from '@/lib/k8s/object';
import type { ApiRequest } from '@/lib/k8s/request';
import { resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { isPlugged, type PlugCall } from '@/lib/kinds/vm/plug-calls';
import type { ManifestObject } from '@/lib/manifest/manifest';

const LOOK_MS = 500;
/** virt-controller writes the template in its next turn. */
const LOOKS = 30;

/**
 * Plugs volumes in and out one by one, and waits until the VM's template has them so.
 * @returns the VM as it is then.
 * @throws ApiError of the first call that is refused; those before it stay.
 */
export async function plugVolumes(
  { namespace, name }: Ref,
  plugs: readonly PlugCall[],
  call: (path: string, request?: ApiRequest) => Promise<unknown>,
): Promise<ManifestObject> {
  for (const { call: plug } of plugs) {
    const { path, ...request } = plug;
    await call(path, request);
  }
  const path = resourcePath(RESOURCES.virtualMachines, namespace, name);
  for (let look = 1; ; look += 1) {
    const vm = (await call(path)) as ManifestObject;
    if (look === LOOKS || plugs.every((plug) => isPlugged(vm, plug))) return vm;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
