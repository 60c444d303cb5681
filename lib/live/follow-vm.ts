import type { Ref } from '@/lib/k8s/object';
import { RESOURCES } from '@/lib/kinds/resources';
import { type VmFacts, vmFacts } from '@/lib/kinds/vm/facts';
import { vmReason } from '@/lib/kinds/vm/reason';
import type { VirtualMachine, VirtualMachineInstance } from '@/lib/kinds/vm/types';
import type { LiveClient } from './live-client';
import { objectSubscription } from './use-live';

/** What the watch says about a VM now; undefined when there is none. */
export type VmSeen = { facts: VmFacts; reason: string } | undefined;

/** Calls `listener` with each state of a VM and its VMI that the watch shows, until the returned function is called. */
export function followVm(
  client: LiveClient,
  { cluster, namespace, name }: Ref,
  listener: (seen: VmSeen) => void,
): () => void {
  const vms = client.view(cluster, objectSubscription(RESOURCES.virtualMachines, namespace, name));
  const vmis = client.view(cluster, objectSubscription(RESOURCES.virtualMachineInstances, namespace, name));
  const report = () => {
    // A VM without its VMI would look stopped.
    if (!vms.get().arrived || !vmis.get().arrived) return;
    const vm = vms.get().objects[0] as VirtualMachine | undefined;
    const vmi = vmis.get().objects[0] as VirtualMachineInstance | undefined;
    listener(vm && { facts: vmFacts(vm, vmi), reason: vmReason(vm, vmi) });
  };
  const detach = [vms.subscribe(report), vmis.subscribe(report)];
  report();
  return () => {
    for (const each of detach) each();
  };
}
