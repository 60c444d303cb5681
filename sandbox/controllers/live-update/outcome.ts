import type { Condition, InstanceSpec, VirtualMachineInstanceStatus } from '../types';

/** What one kind of change to a running VM's template comes to. */
export interface Outcome {
  /** Carries it over to the running instance. Edits the instance's spec. */
  edit?: (spec: InstanceSpec) => void;
  /** What the instance's status says of it. Edits the status. */
  mark?: (status: VirtualMachineInstanceStatus) => void;
  /** It takes a restart: the RestartRequired condition's message. */
  restart?: string;
  /** It cannot be carried over now: the Failure condition. */
  failure?: Pick<Condition, 'reason' | 'message'>;
}
