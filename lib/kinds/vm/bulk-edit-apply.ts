import { mappingsAt, withValueAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import type { VmBulkEdit } from './bulk-edit-input';
import { GUEST, type VmManifest } from './form/field';
import { RUN_STRATEGY } from './form/general-fields';
import { withInstanceType } from './form/instance-type';
import { EVICTION_STRATEGY } from './form/scheduling-fields';
import { MEMORY_GUEST, VCPUS } from './form/size-fields';

/** A VM with what is changed of many; the same object when nothing of it is new. */
export function withBulkEdit(vm: VmManifest, edit: VmBulkEdit): VmManifest {
  const steps: ((before: VmManifest) => VmManifest)[] = [
    (before) => withPairs(before, ['metadata', 'labels'], edit.labels),
    (before) => withPairs(before, ['metadata', 'annotations'], edit.annotations),
    (before) => (edit.runStrategy ? RUN_STRATEGY.write(before, edit.runStrategy) : before),
    (before) =>
      edit.instancetype ? withInstanceType(before, edit.instancetype, edit.instancetype.spec).vm : before,
    (before) => (edit.vcpus === undefined ? before : VCPUS.write(before, edit.vcpus)),
    (before) => (edit.memory ? MEMORY_GUEST.write(before, edit.memory) : before),
    (before) => withPairs(before, [...GUEST, 'nodeSelector'], edit.nodeSelector),
    (before) => withToleration(before, edit.toleration),
    (before) => (edit.evictionStrategy ? EVICTION_STRATEGY.write(before, edit.evictionStrategy) : before),
  ];
  const after = steps.reduce((before, step) => step(before), vm);
  return sameJson(vm, after) ? vm : after;
}

function withPairs(
  vm: VmManifest,
  path: readonly string[],
  pairs: Record<string, string | null> = {},
): VmManifest {
  return Object.entries(pairs).reduce(
    (before, [key, value]) => withValueAt(before, [...path, key], value ?? undefined),
    vm,
  );
}

function withToleration(vm: VmManifest, toleration: Record<string, string> | undefined): VmManifest {
  if (!toleration) return vm;
  const path = [...GUEST, 'tolerations'];
  const present = mappingsAt(vm, path);
  if (present.some((each) => sameJson(each, toleration))) return vm;
  return withValueAt(vm, path, [...present, toleration]);
}
