import type { KubeObject } from '../../api/objects';
import type { Condition } from '../types';
import type { MigrationState } from './migration-state';

export const MIGRATIONS = 'virtualmachineinstancemigrations.kubevirt.io';
export const MIGRATION_POLICIES = 'migrationpolicies.migrations.kubevirt.io';
/** On the target's launcher: the uid of its migration. */
export const MIGRATION_JOB = 'kubevirt.io/migrationJobUID';
export const MIGRATION_TARGET_NODE = 'kubevirt.io/migrationTargetNodeName';
/** The source node, on migrations that the evacuation controller made. */
export const EVACUATION = 'kubevirt.io/evacuationMigration';
export const WORKLOAD_UPDATE = 'kubevirt.io/workloadUpdateMigration';

export type MigrationPhase =
  | 'Pending'
  | 'Scheduling'
  | 'Scheduled'
  | 'PreparingTarget'
  | 'TargetReady'
  | 'Running'
  | 'Succeeded'
  | 'Failed';

export interface Migration extends KubeObject {
  spec: {
    vmiName?: string;
    addedNodeSelector?: Record<string, string>;
    priority?: 'system-critical' | 'user-triggered' | 'system-maintenance';
  };
  status?: MigrationStatus;
}

export interface MigrationStatus {
  phase?: MigrationPhase;
  phaseTransitionTimestamps?: { phase: MigrationPhase; phaseTransitionTimestamp: string }[];
  migrationState?: MigrationState;
  conditions?: Condition[];
  [field: string]: unknown;
}

export function isOver({ status }: Migration): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Whether a target was made for it: from then on it counts against the limits. */
export function isUnderWay({ status }: Migration): boolean {
  const waiting = status?.phase === undefined || status.phase === 'Pending';
  return !waiting && status.phase !== 'Succeeded' && status.phase !== 'Failed';
}

/** Enters a phase; the time of the first entry is kept. Edits `status`. */
export function enterPhase(status: MigrationStatus, phase: MigrationPhase, time: string): void {
  if (status.phase === phase) return;
  status.phase = phase;
  const times = status.phaseTransitionTimestamps ?? [];
  if (times.some((known) => known.phase === phase)) return;
  status.phaseTransitionTimestamps = [...times, { phase, phaseTransitionTimestamp: time }];
}
