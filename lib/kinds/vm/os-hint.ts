import type { VirtualMachine } from './types';

const OS_ANNOTATION = 'vm.kubevirt.io/os';
const OS_LABEL_PREFIX = 'os.template.kubevirt.io/';

/** Which system a VM is made for, by labels, annotations or its preference; empty when they do not say. */
export function osHint(vm: VirtualMachine): string {
  const template = vm.spec.template?.metadata as VirtualMachine['metadata'] | undefined;
  const hints = {
    ...vm.metadata.labels,
    ...template?.labels,
    ...vm.metadata.annotations,
    ...template?.annotations,
  };
  for (const [key, value] of Object.entries(hints)) {
    if (key === OS_ANNOTATION) return value;
    if (key.startsWith(OS_LABEL_PREFIX)) return key.slice(OS_LABEL_PREFIX.length);
  }
  return vm.spec.preference?.name ?? '';
}
