import { type JsonObject, mappingsAt, valueAt, withValueAt, wordAt } from '@/lib/k8s/json';
import { renamed, VM_NAME } from '@/lib/kinds/vm/create/rename';
import { DEVICES, DOMAIN, GUEST, type VmManifest } from '@/lib/kinds/vm/form/field';
import { editable } from '@/lib/manifest/edit';

/** Annotations that KubeVirt writes about one VM's life. */
const OWN_ANNOTATION = /^(kubevirt\.io\/|kubemacpool\.io\/|kubectl\.kubernetes\.io\/)/;

/**
 * A copy of a VM that exists, for a form to start from: what makes it that one machine (its addresses, serial numbers,
 * finalizers) is left out, and each of its disks becomes a new volume that is cloned from it.
 */
export function cloneOf(vm: JsonObject, name: string): VmManifest {
  const namespace = wordAt(vm, ['metadata', 'namespace']);
  const old = wordAt(vm, VM_NAME);
  let made: VmManifest = editable(vm);
  for (const field of ['finalizers', 'ownerReferences', 'generateName'])
    made = withValueAt(made, ['metadata', field], undefined);
  const annotations = valueAt(made, ['metadata', 'annotations']);
  for (const key of Object.keys((annotations ?? {}) as JsonObject)) {
    if (OWN_ANNOTATION.test(key)) made = withValueAt(made, ['metadata', 'annotations', key], undefined);
  }
  for (const field of ['uuid', 'serial']) made = withValueAt(made, [...DOMAIN, 'firmware', field], undefined);
  mappingsAt(made, [...DEVICES, 'interfaces']).forEach((_, index) => {
    made = withValueAt(made, [...DEVICES, 'interfaces', index, 'macAddress'], undefined);
  });
  made = withClonedDisks(made, namespace, old);
  return renamed({ vm: made, others: [] }, name, { apart: true }).vm;
}

function withClonedDisks(vm: VmManifest, namespace: string, name: string): VmManifest {
  const templates = mappingsAt(vm, ['spec', 'dataVolumeTemplates']);
  const volumes = valueAt(vm, [...GUEST, 'volumes']);
  if (!Array.isArray(volumes)) return vm;
  const made: JsonObject[] = [];
  const after = volumes.map((volume: unknown) => {
    const claim =
      wordAt(volume, ['dataVolume', 'name']) || wordAt(volume, ['persistentVolumeClaim', 'claimName']);
    if (!claim) return volume;
    const template = templates.find((each) => wordAt(each, VM_NAME) === claim);
    const clone = claim.startsWith(`${name}-`) || claim === name ? claim : `${name}-${claim}`;
    made.push(clonedTemplate(template, clone, { namespace, name: claim }));
    return { name: wordAt(volume, ['name']), dataVolume: { name: clone } };
  });
  if (made.length === 0) return vm;
  return withValueAt(withValueAt(vm, ['spec', 'dataVolumeTemplates'], made), [...GUEST, 'volumes'], after);
}

/** CDI takes the size from the source where none is asked for. */
function clonedTemplate(
  template: JsonObject | undefined,
  name: string,
  pvc: { namespace: string; name: string },
): JsonObject {
  const shape = template && valueAt(template, ['spec', 'pvc']) !== undefined ? 'pvc' : 'storage';
  return {
    metadata: { name },
    spec: { source: { pvc }, [shape]: (template && valueAt(template, ['spec', shape])) ?? {} },
  };
}
