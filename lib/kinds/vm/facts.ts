/** KubeVirt's words in `VirtualMachine.status.printableStatus`; others may come and must still show. */
export type PrintableStatus =
  | 'Stopped'
  | 'Provisioning'
  | 'Starting'
  | 'Running'
  | 'Paused'
  | 'Stopping'
  | 'Terminating'
  | 'CrashLoopBackOff'
  | 'Migrating'
  | 'Unknown'
  | 'ErrorUnschedulable'
  | 'ErrImagePull'
  | 'ImagePullBackOff'
  | 'ErrorPvcNotFound'
  | 'DataVolumeError'
  | 'WaitingForVolumeBinding'
  | 'WaitingForReceiver';

/** What status, actions and consoles need to know of a VM and its VMI, and nothing more: it is part of every row. */
export interface VmFacts {
  uid: string;
  printableStatus: string;
  /** From spec.runStrategy, or Always/Halted from the deprecated spec.running. */
  runStrategy: string;
  deleting: boolean;
  /** A start or stop request that KubeVirt has accepted and not finished. */
  requests: ('Start' | 'Stop')[];
  restartRequired: boolean;
  vmi?: {
    uid: string;
    /** Pending, Scheduling, Scheduled, Running, Succeeded, Failed, Unknown. */
    phase: string;
    deleting: boolean;
    paused: boolean;
    ready: boolean;
    agentConnected: boolean;
    acpi: boolean;
    /** False when spec.domain.devices.autoattachGraphicsDevice (or …SerialConsole) is false. */
    graphics: boolean;
    serial: boolean;
  };
}
