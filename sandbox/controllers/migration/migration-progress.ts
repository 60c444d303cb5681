import type { EventDetails } from '../../api/objects';
import { findCondition, isTrue } from '../conditions';
import { isDown } from '../launchers';
import { isFinal } from '../run-strategy';
import type { Pod, VirtualMachineInstance } from '../types';
import { isOver, type Migration, type MigrationPhase } from './migration';

/** What virt-controller knows about a migration when it looks at it. */
export interface MigrationFacts {
  migration: Migration;
  vmi: VirtualMachineInstance | undefined;
  /** The target's launcher. */
  pod: Pod | undefined;
  /** Whether the hot-plugged volumes, if there are any, are attached to the target. */
  volumesReady: boolean;
  /** Whether another migration of the same guest is under way. */
  rivalled: boolean;
}

export interface Verdict {
  phase: MigrationPhase;
  event?: Pick<EventDetails, 'type' | 'reason' | 'message'>;
}

const TARGET_CREATED: readonly MigrationPhase[] = [
  'Scheduling',
  'Scheduled',
  'PreparingTarget',
  'TargetReady',
  'Running',
];
const HANDED_OFF: readonly MigrationPhase[] = ['PreparingTarget', 'TargetReady', 'Running'];

/** The phase a migration goes to, if any. Mirrors updateStatus and processMigrationPhase of the migration controller. */
export function judgeMigration(facts: MigrationFacts): Verdict | undefined {
  const { migration, vmi, pod } = facts;
  const phase = migration.status?.phase;
  if (isOver(migration)) return undefined;
  if (!vmi) return failed('Migration failed because vmi does not exist.');
  if (isFinal(vmi)) return failed('Migration failed vmi shutdown during migration.');
  const state = vmi.status?.migrationState;
  const ours = state?.migrationUid === migration.metadata.uid;
  if (migration.metadata.deletionTimestamp && !ours) return failed('Migration failed due to being canceled');
  if (pod && isDown(pod) && !(ours && state?.endTimestamp))
    return failed('Migration failed because target pod shutdown during migration');
  if (phase && TARGET_CREATED.includes(phase) && !pod)
    return failed('Migration target pod was removed during active migration.');
  if (phase && HANDED_OFF.includes(phase) && !ours) {
    return failed(
      state?.migrationUid
        ? "VMI's migration state was taken over by another migration job during active migration."
        : "VMI's migration state was cleared during the active migration.",
    );
  }
  if (ours && state?.failed) return failed('source node reported migration failed');
  return progress(facts);
}

/** Whether the target's launcher and what belongs to it are ready for the guest. */
export function isTargetReady({ pod, volumesReady }: MigrationFacts): boolean {
  return findCondition(pod?.status, 'Ready')?.status === 'True' && volumesReady;
}

function progress(facts: MigrationFacts): Verdict | undefined {
  const { migration, vmi, pod, volumesReady, rivalled } = facts;
  const state = vmi?.status?.migrationState;
  switch (migration.status?.phase) {
    case undefined:
      if (!rivalled) return { phase: 'Pending' };
      return failed('VMI is not eligible for migration because another migration job is in progress.');
    case 'Pending':
      return pod && volumesReady ? { phase: 'Scheduling' } : undefined;
    case 'Scheduling':
      return isTargetReady(facts) ? { phase: 'Scheduled' } : undefined;
    case 'Scheduled':
      return state?.migrationUid === migration.metadata.uid ? { phase: 'PreparingTarget' } : undefined;
    case 'PreparingTarget':
      return state?.targetNodeAddress ? { phase: 'TargetReady' } : undefined;
    case 'TargetReady':
      return state?.startTimestamp ? { phase: 'Running' } : undefined;
    case 'Running': {
      // A guest that moved to get more CPUs, memory or links has to have them before the migration counts as done.
      const waits = ['HotVCPUChange', 'HotMemoryChange', 'MigrationRequired'].some((type) =>
        isTrue(vmi?.status, type),
      );
      if (!state?.completed || waits) return undefined;
      const message = 'Source node reported migration succeeded';
      return { phase: 'Succeeded', event: { type: 'Normal', reason: 'SuccessfulMigration', message } };
    }
    default:
      return undefined;
  }
}

function failed(message: string): Verdict {
  return { phase: 'Failed', event: { type: 'Warning', reason: 'FailedMigration', message } };
}
