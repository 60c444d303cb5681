/** The migration options in force for one migration, as KubeVirt writes them into the instance's status. */
export interface MigrationConfiguration {
  nodeDrainTaintKey: string;
  parallelOutboundMigrationsPerNode: number;
  parallelMigrationsPerCluster: number;
  allowAutoConverge: boolean;
  /** A quantity per second; "0" is without limit. */
  bandwidthPerMigration: string;
  completionTimeoutPerGiB: number;
  progressTimeout: number;
  utilityVolumesTimeout: number;
  maxDowntimeMs: number;
  unsafeMigrationOverride: boolean;
  allowPostCopy: boolean;
  allowWorkloadDisruption: boolean;
  disableTLS: boolean;
  matchSELinuxLevelOnMigration?: boolean;
  network?: string;
}

export type MigrationMode = 'PreCopy' | 'PostCopy' | 'Paused';

/** One side of a migration. */
interface MigrationEnd {
  migrationUID?: string;
  node?: string;
  pod?: string;
  virtualMachineInstanceUID?: string;
  domainName?: string;
  domainNamespace?: string;
  [field: string]: unknown;
}

/** `status.migrationState` of an instance; it stays there after the migration's end. */
export interface MigrationState {
  migrationUid?: string;
  sourceNode?: string;
  sourcePod?: string;
  targetNode?: string;
  targetPod?: string;
  targetNodeAddress?: string;
  targetDirectMigrationNodePorts?: Record<string, number>;
  targetAttachmentPodUID?: string;
  targetNodeDomainDetected?: boolean;
  targetNodeDomainReadyTimestamp?: string;
  startTimestamp?: string;
  endTimestamp?: string;
  completed?: boolean;
  failed?: boolean;
  failureReason?: string;
  abortRequested?: boolean;
  abortStatus?: 'Aborting' | 'Succeeded' | 'Failed';
  mode?: MigrationMode;
  migrationPolicyName?: string;
  migrationConfiguration?: MigrationConfiguration;
  migrationNetworkType?: string;
  sourceState?: MigrationEnd;
  targetState?: MigrationEnd;
}

/** Whether a migration was handed to the nodes' agents and has not ended. */
export function isMoving(state: MigrationState | undefined): boolean {
  return state?.migrationUid !== undefined && state.endTimestamp === undefined;
}
