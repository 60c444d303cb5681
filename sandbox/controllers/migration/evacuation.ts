import { isTrue } from '../conditions';
import { isFinal } from '../run-strategy';
import type { Node, VirtualMachineInstance } from '../types';
import { isOver, isUnderWay, type Migration } from './migration';
import { isMoving, type MigrationConfiguration } from './migration-state';

export interface EvacuationFacts {
  node: Node;
  /** The instances on the node. */
  instances: readonly VirtualMachineInstance[];
  /** All migrations there are. */
  migrations: readonly Migration[];
  options: MigrationConfiguration;
  /** The cluster's eviction strategy, for instances that name none. */
  strategy: string;
}

export interface Evacuation {
  /** Those that are to be migrated now. */
  start: VirtualMachineInstance[];
  /** Those that have to go and cannot. */
  stuck: VirtualMachineInstance[];
  /** Whether more wait for room. */
  more: boolean;
}

/**
 * Which instances leave a node now: those that an eviction marked, and all of a drained node whose strategy says so, as
 * far as the limits go. Mirrors the evacuation controller of virt-controller.
 */
export function planEvacuation({
  node,
  instances,
  migrations,
  options,
  strategy,
}: EvacuationFacts): Evacuation {
  const drained =
    node.spec.taints?.some(
      ({ key, effect }) => key === options.nodeDrainTaintKey && effect === 'NoSchedule',
    ) ?? false;
  const leaving = instances.filter(
    (vmi) =>
      // Somebody else moves those whose strategy is External.
      (vmi.spec.evictionStrategy ?? strategy) !== 'External' &&
      (vmi.status?.evacuationNodeName === node.metadata.name || (drained && isToMigrate(vmi, strategy))),
  );
  const unfinished = migrations.filter((migration) => !isOver(migration));
  const waiting = leaving.filter(
    (vmi) =>
      vmi.status?.phase === 'Running' &&
      !isFinal(vmi) &&
      !vmi.metadata.deletionTimestamp &&
      !isMoving(vmi.status.migrationState) &&
      !unfinished.some((migration) => isOf(migration, vmi)),
  );
  const able = waiting.filter(({ status }) => isTrue(status, 'LiveMigratable'));
  const running = unfinished.filter(isUnderWay);
  const outbound = unfinished.filter((migration) => instances.some((vmi) => isOf(migration, vmi)));
  const room = Math.max(
    0,
    Math.min(
      options.parallelMigrationsPerCluster - running.length,
      options.parallelOutboundMigrationsPerNode - outbound.length,
    ),
  );
  const start = able.slice(0, room);
  const stuck = waiting
    .filter(({ status }) => !isTrue(status, 'LiveMigratable'))
    .slice(0, Math.max(0, room - start.length));
  return { start, stuck, more: able.length > start.length };
}

/** Whether a drain moves an instance. Mirrors VMIMigratableOnEviction. */
function isToMigrate({ spec, status }: VirtualMachineInstance, otherwise: string): boolean {
  const strategy = spec.evictionStrategy ?? otherwise;
  if (strategy === 'LiveMigrate') return true;
  return strategy === 'LiveMigrateIfPossible' && isTrue(status, 'LiveMigratable');
}

function isOf({ metadata, spec }: Migration, vmi: VirtualMachineInstance): boolean {
  return spec.vmiName === vmi.metadata.name && metadata.namespace === vmi.metadata.namespace;
}
