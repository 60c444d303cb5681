import type { VmFacts } from './facts';

/** A VM as the list shows it: flat, small, made once at the door from the VM and its VMI. */
export interface VmRow {
  uid: string;
  namespace: string;
  name: string;
  facts: VmFacts;
  /** One sentence of the cluster's own words about why it is not as wished; empty when all is well. */
  reason: string;
  node: string;
  ips: string[];
  vcpus: number;
  memoryBytes: number;
  /** RFC 3339. */
  createdAt: string;
  /** The guest's pretty OS name from its agent, else a hint from labels or preference; empty when unknown. */
  os: string;
}
