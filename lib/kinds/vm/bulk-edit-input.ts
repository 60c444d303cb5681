/** What to change of many VMs; what is absent stays as each of them has it. */
export interface VmBulkEdit {
  /** Null takes one off. */
  labels?: Record<string, string | null>;
  annotations?: Record<string, string | null>;
  runStrategy?: string;
  /** An instance type, with the spec that it has: what it decides leaves the VM. */
  instancetype?: { name: string; kind: string; spec: Record<string, unknown> };
  vcpus?: number;
  /** A quantity. */
  memory?: string;
  nodeSelector?: Record<string, string | null>;
  /** As the API spells it. */
  toleration?: Record<string, string>;
  evictionStrategy?: string;
}
