import type {
  Condition,
  InstancePhase,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineStatus,
  Volume,
} from './types';

/** Small VMs and instances for unit tests. */

const DELETED_AT = '2026-01-01T00:00:00Z';

interface MachineFacts {
  spec?: Partial<VirtualMachine['spec']>;
  status?: VirtualMachineStatus;
  volumes?: Volume[];
  deleting?: boolean;
}

export function machine({ spec, status, volumes, deleting }: MachineFacts = {}): VirtualMachine {
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: {
      name: 'web',
      namespace: 'dev',
      uid: 'vm-uid',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: DELETED_AT,
      ...(deleting ? { deletionTimestamp: DELETED_AT } : {}),
    },
    spec: { template: { spec: { domain: { devices: {} }, volumes: volumes ?? [] } }, ...spec },
    status: status ?? {},
  };
}

interface InstanceFacts {
  phase: InstancePhase;
  conditions?: Condition[];
  deleting?: boolean;
  uid?: string;
  /** The phases it went through. */
  phases?: InstancePhase[];
  spec?: Partial<VirtualMachineInstance['spec']>;
}

export function instance(facts: InstanceFacts): VirtualMachineInstance {
  const { phase, conditions = [], deleting, uid = 'vmi-uid', phases = [phase], spec } = facts;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachineInstance',
    metadata: {
      name: 'web',
      namespace: 'dev',
      uid,
      resourceVersion: '2',
      generation: 1,
      creationTimestamp: DELETED_AT,
      ...(deleting ? { deletionTimestamp: DELETED_AT } : {}),
    },
    spec: { domain: { devices: {} }, ...spec },
    status: {
      phase,
      conditions,
      phaseTransitionTimestamps: phases.map((at) => ({ phase: at, phaseTransitionTimestamp: DELETED_AT })),
    },
  };
}

export function condition(type: string, status: Condition['status'], reason?: string): Condition {
  return { type, status, ...(reason ? { reason } : {}) };
}
