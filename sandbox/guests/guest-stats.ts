/** What a guest has taken and done since it started. Seconds and bytes; counters begin at nothing with the machine. */
export interface GuestStats {
  /** Of the whole process: vCPUs, devices and QEMU's own work. */
  cpu: { userSeconds: number; systemSeconds: number };
  vcpus: VcpuStats[];
  memory: MemoryStats;
  disks: DiskStats[];
  nics: NicStats[];
  /** Missing without an agent, or before it has answered. */
  fileSystems?: FileSystemStats[];
  /** Runnable processes on average, over so many minutes. Missing without an agent that can tell. */
  load?: { one: number; five: number; fifteen: number };
  /** While the guest moves to another machine. */
  migration?: MigrationStats;
}

export interface VcpuStats {
  id: number;
  /** QEMU runs a thread for each vCPU that is plugged in; the others are offline and have taken nothing. */
  state: 'running' | 'offline';
  seconds: number;
  /** Ready to run, while the host had no processor free. */
  delaySeconds: number;
  /** Stood still for a disk of the host. */
  waitSeconds: number;
}

export interface MemoryStats {
  /** What the machine has. */
  domainBytes: number;
  /** What the balloon leaves of it. */
  balloonBytes: number;
  /** What the process holds of the host's. */
  residentBytes: number;
  /** What the guest says, through its balloon driver: all missing where it has none. */
  guest?: {
    /** What its kernel has to give out. */
    availableBytes?: number;
    unusedBytes?: number;
    /** Unused, or in use for what can be dropped. */
    usableBytes?: number;
    cachedBytes?: number;
    swapInBytes?: number;
    swapOutBytes?: number;
    majorFaults?: number;
    minorFaults?: number;
  };
}

export interface DiskStats {
  /** The disk's name in the machine's spec. */
  name: string;
  readOperations: number;
  readBytes: number;
  readSeconds: number;
  writeOperations: number;
  writeBytes: number;
  writeSeconds: number;
  flushOperations: number;
  flushSeconds: number;
}

/** Seen from the guest. */
export interface NicStats {
  /** The card's name in the machine's spec. */
  name: string;
  receivedBytes: number;
  receivedPackets: number;
  receiveErrors: number;
  receiveDrops: number;
  sentBytes: number;
  sentPackets: number;
  sendErrors: number;
  sendDrops: number;
}

export interface FileSystemStats {
  diskName: string;
  mountPoint: string;
  type: string;
  usedBytes: number;
  totalBytes: number;
}

export interface MigrationStats {
  totalBytes: number;
  processedBytes: number;
  remainingBytes: number;
  dirtyBytesPerSecond: number;
  transferBytesPerSecond: number;
}
