import { ApiError } from '@/lib/k8s/error';
import type { K8sObject, Ref } from '@/lib/k8s/object';
import { callApi } from '@/lib/k8s/request';
import { type Resource, resourcePath } from '@/lib/k8s/resource';
import { RESOURCES } from '@/lib/kinds/resources';
import { type Dependent, dependentsOf } from '@/lib/kinds/vm/delete';
import type { VirtualMachine } from '@/lib/kinds/vm/types';

/** What goes with a VM when it is deleted. */
export interface Dependents {
  disks: Dependent[];
  /** Kinds whose objects this user may not list. */
  hidden: Resource[];
  hasTemplates: boolean;
}

const DISK_KINDS = [RESOURCES.dataVolumes, RESOURCES.persistentVolumeClaims];

/** Lists the objects of a kind in a namespace; undefined where this user may not. @throws ApiError otherwise. */
export type ListObjects = (namespace: string, resource: Resource) => Promise<K8sObject[] | undefined>;

/** Asks the cluster anew each time: what is to be deleted must not be read from memory. */
export function listObjects(cluster: string, signal?: AbortSignal): ListObjects {
  return async (namespace, resource) => {
    try {
      const { body } = await callApi<{ items: K8sObject[] }>(cluster, resourcePath(resource, namespace), {
        ...(signal ? { signal } : {}),
      });
      return body.items;
    } catch (error) {
      // No CDI in this cluster: then there are no DataVolumes either.
      if (error instanceof ApiError && error.code === 404) return [];
      if (error instanceof ApiError && error.code === 403) return undefined;
      throw error;
    }
  };
}

/** The same, but each list is read once in a while: VMs of one namespace, deleted one by one, share their lists. */
export function sharedLists(list: ListObjects, keptMs: number): ListObjects {
  const known = new Map<string, { until: number; objects: ReturnType<ListObjects> }>();
  return (namespace, resource) => {
    const key = `${namespace}/${resource.plural}`;
    const last = known.get(key);
    if (last && last.until > Date.now()) return last.objects;
    const objects = list(namespace, resource);
    known.set(key, { until: Date.now() + keptMs, objects });
    // A failure is not kept.
    objects.catch(() => known.delete(key));
    return objects;
  };
}

/** Looks up what a VM owns. @throws ApiError */
export async function readDependents(
  { cluster, namespace, name }: Ref,
  vmUid: string,
  list: ListObjects,
  signal?: AbortSignal,
): Promise<Dependents> {
  const path = resourcePath(RESOURCES.virtualMachines, namespace, name);
  const { body } = await callApi<VirtualMachine>(cluster, path, signal ? { signal } : {});
  const hasTemplates = (body.spec.dataVolumeTemplates?.length ?? 0) > 0;
  // Without templates KubeVirt makes no DataVolumes, and a cluster without CDI need not be asked for them.
  const kinds = hasTemplates ? DISK_KINDS : [RESOURCES.persistentVolumeClaims];
  const lists = await Promise.all(kinds.map((resource) => list(namespace, resource)));
  const disks = kinds.flatMap((resource, index) => dependentsOf(vmUid, resource, lists[index] ?? []));
  const hidden = kinds.filter((_, index) => lists[index] === undefined);
  return { disks, hidden, hasTemplates };
}
