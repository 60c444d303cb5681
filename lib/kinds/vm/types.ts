import type {
  V1VirtualMachine,
  V1VirtualMachineInstance,
  V1VirtualMachineInstanceSpec,
} from '@kubevirt-ui-ext/kubevirt-api/kubevirt';
import type { Condition, ObjectMeta } from '@/lib/k8s/object';

/** The published wire types; metadata and conditions narrowed to what every stored object has. */
export type VirtualMachine = Omit<V1VirtualMachine, 'metadata' | 'status'> & {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  status?: Omit<NonNullable<V1VirtualMachine['status']>, 'conditions'> & { conditions?: Condition[] };
};

export type VirtualMachineInstance = Omit<V1VirtualMachineInstance, 'metadata' | 'status'> & {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  status?: Omit<NonNullable<V1VirtualMachineInstance['status']>, 'conditions'> & { conditions?: Condition[] };
};

/** What `spec.template.spec` of a VM and `spec` of a VMI have in common. */
export type GuestSpec = V1VirtualMachineInstanceSpec;

/** The condition of that type, unless its status is another. */
export function findCondition(
  conditions: Condition[] | undefined,
  type: string,
  status: Condition['status'] = 'True',
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type && condition.status === status);
}
