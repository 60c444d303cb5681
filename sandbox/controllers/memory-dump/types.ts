/** `vm.status.memoryDumpRequest`: one dump of a VM's memory into a claim, from the call to its end. */
export interface MemoryDumpRequest {
  claimName: string;
  phase: MemoryDumpPhase;
  remove?: boolean;
  startTimestamp?: string;
  endTimestamp?: string;
  fileName?: string;
  message?: string;
}

export type MemoryDumpPhase =
  | 'Associating'
  | 'InProgress'
  | 'Unmounting'
  | 'Completed'
  | 'Failed'
  | 'Dissociating';
