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
  macs: string[];
  vcpus: number;
  memoryBytes: number;
  /** RFC 3339. */
  createdAt: string;
  /** When its guest came to run, RFC 3339; empty while there is none. */
  startedAt: string;
  /** The guest's pretty OS name from its agent, else a hint from labels or preference; empty when unknown. */
  os: string;
  hostname: string;
  description: string;
  instancetype: string;
  preference: string;
  /** How many disks it has, CD-ROMs among them. */
  disks: number;
  /** The sum of those whose size is known. */
  diskBytes: number;
  /** Names of its PersistentVolumeClaims and DataVolumes, in its namespace. */
  volumes: string[];
  /** `pod`, or the names of NetworkAttachmentDefinitions as the VM writes them. */
  networks: string[];
  labels: Record<string, string>;
  /** Levels with `/` between them; empty outside of all folders. */
  folder: string;
  tags: string[];
  application: string;
  /** `Kind/name` of what controls the VM; empty when nothing does. */
  owner: string;
  /** Whether KubeVirt could migrate it now; absent when it says nothing. */
  migratable?: boolean;
  /** Types of the conditions that are True. */
  conditions: string[];
  /** What it uses now, where the cluster measures it. */
  usage?: VmUsage;
}

/** As metrics.k8s.io measures the pod that the guest runs in. */
export interface VmUsage {
  cpuCores: number;
  memoryBytes: number;
}

/** What the inventory keeps of a VM: the row that travels, and what is only searched. */
export interface VmRecord {
  row: VmRow;
  /** Stands in the order of names, then namespaces; see naturalKey. */
  key: string;
  /** All that free text looks through, in lower case, a line each. */
  words: string;
}
