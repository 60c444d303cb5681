import type { K8sObject, Ref } from '@/lib/k8s/object';
import { type Resource, resourcePath } from '@/lib/k8s/resource';
import type { ApiCall } from '@/lib/kinds/action';
import { RESOURCES } from '@/lib/kinds/resources';
import type { VmFacts } from './facts';

/** An object that the garbage collector removes with the VM because the VM owns it. */
export interface Dependent {
  resource: Resource;
  name: string;
  uid: string;
  /** Where in the object's metadata.ownerReferences the VM stands. */
  ownerIndex: number;
}

/** What the delete dialog asks for. */
export interface DeleteInput {
  /** Disks that must outlive the VM. */
  keep: Dependent[];
  /** Whether spec.dataVolumeTemplates is there to be removed. */
  hasTemplates: boolean;
}

/** Those of the objects that the VM of this uid owns: DataVolumes made from its templates, claims, snapshots, … */
export function dependentsOf(vmUid: string, resource: Resource, objects: K8sObject[]): Dependent[] {
  return objects.flatMap(({ metadata }) => {
    const ownerIndex = metadata.ownerReferences?.findIndex(({ uid }) => uid === vmUid) ?? -1;
    return ownerIndex < 0 ? [] : [{ resource, name: metadata.name, uid: metadata.uid, ownerIndex }];
  });
}

const JSON_PATCH = 'application/json-patch+json';

/**
 * Deletes a VM, and lets go of the disks to keep before that. `propagationPolicy: Orphan` would keep them too, but it
 * also leaves the VMI running without owner. Letting go is not enough by itself: KubeVirt adopts an ownerless
 * DataVolume again whose name stands in spec.dataVolumeTemplates, so the templates go first. Each step checks uids,
 * and a refusal half-way ends with too much left, never with a disk lost.
 */
export function deleteCalls(ref: Ref, facts: VmFacts, { keep, hasTemplates }: DeleteInput): ApiCall[] {
  const path = resourcePath(RESOURCES.virtualMachines, ref.namespace, ref.name);
  const calls: ApiCall[] = [];
  if (keep.length > 0 && hasTemplates) {
    calls.push({
      method: 'PATCH',
      path,
      contentType: JSON_PATCH,
      body: [
        { op: 'test', path: '/metadata/uid', value: facts.uid },
        { op: 'remove', path: '/spec/dataVolumeTemplates' },
      ],
    });
  }
  for (const { resource, name, uid, ownerIndex } of keep) {
    const owner = `/metadata/ownerReferences/${ownerIndex}`;
    calls.push({
      method: 'PATCH',
      path: resourcePath(resource, ref.namespace, name),
      contentType: JSON_PATCH,
      body: [
        { op: 'test', path: '/metadata/uid', value: uid },
        { op: 'test', path: `${owner}/uid`, value: facts.uid },
        { op: 'remove', path: owner },
      ],
    });
  }
  calls.push({
    method: 'DELETE',
    path,
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      // Not another VM that has taken the name meanwhile.
      preconditions: { uid: facts.uid },
    },
  });
  return calls;
}
