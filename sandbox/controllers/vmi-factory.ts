import type { NewObject } from '../api/objects';
import { hasCompleted } from './memory-dump/memory-dump-request';
import { runStrategyOf } from './run-strategy';
import { type InstanceSpec, type VirtualMachine, VM_FINALIZER, VM_GENERATION, VMI_FINALIZER } from './types';

const START_REVISION = 'revision-start-vm-';

/** Whether a ControllerRevision keeps the spec that an instance was started with; others keep instance types. */
export function isStartRevision(name: string): boolean {
  return name.startsWith(START_REVISION);
}

/** The ControllerRevision that keeps the spec an instance was started with. */
export function revisionName(vm: VirtualMachine): string {
  return `${START_REVISION}${vm.metadata.uid}-${vm.metadata.generation ?? 1}`;
}

/**
 * The instance as virt-controller creates it from a VM (setupVMIFromVM), before the mutating webhook's defaults.
 * Labels and annotations come from the template alone.
 */
export function instanceFrom(vm: VirtualMachine, { paused }: { paused: boolean }): NewObject {
  const { template } = vm.spec;
  const spec: InstanceSpec = structuredClone(template.spec);
  const dump = vm.status?.memoryDumpRequest;
  if (dump && hasCompleted(dump))
    spec.volumes = spec.volumes?.filter(({ name }) => name !== dump.claimName) ?? [];
  if (paused) spec.startStrategy = 'Paused';
  if (runStrategyOf(vm) === 'WaitAsReceiver') delete spec.startStrategy;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name: vm.metadata.name,
      ...(vm.metadata.namespace ? { namespace: vm.metadata.namespace } : {}),
      ...(template.metadata?.labels ? { labels: { ...template.metadata.labels } } : {}),
      annotations: {
        ...template.metadata?.annotations,
        [VM_GENERATION]: String(vm.metadata.generation ?? 1),
      },
      finalizers: [VM_FINALIZER, VMI_FINALIZER],
      ownerReferences: [ownerReference(vm)],
    },
    spec,
    status: { virtualMachineRevisionName: revisionName(vm) },
  };
}

/** The controlling reference that KubeVirt's objects carry to what made them. */
export function ownerReference(owner: {
  apiVersion: string;
  kind: string;
  metadata: { name: string; uid: string };
}) {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}
