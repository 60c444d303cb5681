import { EVACUATION, isOver, isUnderWay, type Migration, WORKLOAD_UPDATE } from './migration';
import type { MigrationConfiguration } from './migration-state';

const FIRST_BACKOFF_MS = 20_000;
const RANK = { 'system-critical': 2, 'user-triggered': 1, 'system-maintenance': 0 };

type Limits = Pick<
  MigrationConfiguration,
  'parallelMigrationsPerCluster' | 'parallelOutboundMigrationsPerNode'
>;

/**
 * Whether a pending migration gets its target now: the cluster and the source node have room, and nobody more urgent,
 * or as urgent and older, waits for the same room.
 * `nodeOf` is the node that a migration's guest is on.
 */
export function mayStart(
  migration: Migration,
  all: readonly Migration[],
  nodeOf: (migration: Migration) => string | undefined,
  limits: Limits,
): boolean {
  const node = nodeOf(migration);
  const active = all.filter(isUnderWay);
  const outbound = active.filter((other) => nodeOf(other) === node);
  const free = Math.min(
    limits.parallelMigrationsPerCluster - active.length,
    limits.parallelOutboundMigrationsPerNode - outbound.length,
  );
  const before = all.filter(
    (other) =>
      other.status?.phase === 'Pending' &&
      !other.metadata.deletionTimestamp &&
      nodeOf(other) === node &&
      comesBefore(other, migration),
  );
  return before.length < free;
}

/** Milliseconds that an evacuation or a workload update still waits after earlier ones of the same guest failed. */
export function backoffMs(migration: Migration, all: readonly Migration[], now: number): number {
  if (!isAutomatic(migration)) return 0;
  const [newest, ...earlier] = all
    .filter((other) => other.spec.vmiName === migration.spec.vmiName && isAutomatic(other))
    .sort((a, b) => born(b) - born(a));
  if (newest?.metadata.uid !== migration.metadata.uid) return 0;
  let pause = 0;
  for (const { status, metadata } of earlier) {
    if (status?.phase === 'Succeeded') break;
    if (status?.phase === 'Failed' && !metadata.deletionTimestamp) {
      pause = pause === 0 ? FIRST_BACKOFF_MS : pause * 2;
    }
  }
  if (pause === 0) return 0;
  const failed = earlier[0]?.status?.phaseTransitionTimestamps?.find(({ phase }) => phase === 'Failed');
  return Math.max(0, Date.parse(failed?.phaseTransitionTimestamp ?? '') + pause - now || 0);
}

/** The finished migrations of a guest that go, oldest first, so that `keep` stay. */
export function surplus(all: readonly Migration[], vmiName: string | undefined, keep: number): Migration[] {
  const finished = all.filter((migration) => migration.spec.vmiName === vmiName && isOver(migration));
  return finished.sort((a, b) => born(a) - born(b)).slice(0, Math.max(0, finished.length - keep));
}

function comesBefore(a: Migration, b: Migration): boolean {
  if (a.metadata.uid === b.metadata.uid) return false;
  const rank = ({ spec }: Migration) => RANK[spec.priority ?? 'user-triggered'];
  if (rank(a) !== rank(b)) return rank(a) > rank(b);
  return born(a) === born(b) ? a.metadata.name < b.metadata.name : born(a) < born(b);
}

function isAutomatic({ metadata }: Migration): boolean {
  return [EVACUATION, WORKLOAD_UPDATE].some((mark) => metadata.annotations?.[mark] !== undefined);
}

function born({ metadata }: Migration): number {
  return Date.parse(metadata.creationTimestamp);
}
