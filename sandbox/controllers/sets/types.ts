import type { LabelSelection } from '../../api/label-selection';
import type { KubeObject } from '../../api/objects';
import type { Condition, InstanceSpec, VirtualMachine } from '../types';

export const REPLICA_SETS = 'virtualmachineinstancereplicasets.kubevirt.io';
export const POOLS = 'virtualmachinepools.pool.kubevirt.io';
/** On a pool and on its VMs: the pool controller decides when they go. */
export const POOL_FINALIZER = 'pool.kubevirt.io/finalizer';
/** On VMs and instances of a pool: the revision of the pool that they come from. */
export const POOL_REVISION = 'kubevirt.io/vm-pool-revision-name';

export interface SetStatus {
  replicas?: number;
  readyReplicas?: number;
  labelSelector?: string;
  conditions?: Condition[];
}

interface Meta {
  name?: string;
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

export interface InstanceReplicaSet extends KubeObject {
  spec: {
    replicas?: number;
    paused?: boolean;
    selector: LabelSelection;
    template: { metadata?: Meta; spec: InstanceSpec };
  };
  status?: SetStatus;
}

interface SelectionPolicy {
  sortPolicy?: string;
  selectors?: { labelSelector?: LabelSelection };
}

export interface PoolSpec {
  replicas?: number;
  paused?: boolean;
  selector: LabelSelection;
  virtualMachineTemplate: { metadata?: Meta; spec: VirtualMachine['spec'] };
  nameGeneration?: { appendIndexToConfigMapRefs?: boolean; appendIndexToSecretRefs?: boolean };
  maxUnavailable?: number | string;
  scaleInStrategy?: {
    proactive?: { selectionPolicy?: SelectionPolicy };
    opportunistic?: object;
    unmanaged?: object;
  };
  updateStrategy?: {
    proactive?: { selectionPolicy?: SelectionPolicy };
    opportunistic?: object;
    unmanaged?: object;
  };
  autohealing?: { startUpFailureThreshold?: number; minFailingToStartDuration?: string };
}

export interface Pool extends KubeObject {
  spec: PoolSpec;
  status?: SetStatus;
}
