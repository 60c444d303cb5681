import { withValueAt, wordAt } from '@/lib/k8s/json';
import type { VmDraft } from '@/lib/kinds/vm/form/field';

export const VM_NAMESPACE = ['metadata', 'namespace'] as const;

/** The draft in another namespace: the VM, and with it what names the namespace that it was in. */
export function inNamespace(draft: VmDraft, namespace: string): VmDraft {
  const old = wordAt(draft.vm, VM_NAMESPACE);
  if (old === namespace) return draft;
  return {
    vm: withValueAt(draft.vm, VM_NAMESPACE, namespace),
    others: draft.others.map((each) => {
      if (old && each.kind === 'Namespace' && wordAt(each, ['metadata', 'name']) === old)
        return withValueAt(each, ['metadata', 'name'], namespace);
      return old && wordAt(each, VM_NAMESPACE) === old ? withValueAt(each, VM_NAMESPACE, namespace) : each;
    }),
  };
}
