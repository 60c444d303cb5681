import type { Condition, K8sObject } from '@/lib/k8s/object';
import type { Node } from '@/lib/kinds/pod';
import { type MessageKey, type Text, text } from '@/lib/text';

/** Something of the platform that is not as it should be. */
export interface Trouble {
  tone: 'danger' | 'warning';
  sentence: Text;
  /** The cluster's own words; empty when it gives none. */
  words: string;
}

const PRESSURE: Record<string, MessageKey> = {
  MemoryPressure: 'overview.trouble.memoryPressure',
  DiskPressure: 'overview.trouble.diskPressure',
  PIDPressure: 'overview.trouble.pidPressure',
  NetworkUnavailable: 'overview.trouble.networkUnavailable',
};

/** What is wrong with a node, worst first. That nothing new is placed on it is somebody's wish and no trouble. */
export function nodeTroubles({ status }: Node): Trouble[] {
  const conditions = status?.conditions ?? [];
  const ready = conditions.find(({ type }) => type === 'Ready');
  const troubles: Trouble[] = [];
  if (ready?.status !== 'True') {
    // Unknown: the kubelet has not said anything for a while.
    const silent = ready === undefined || ready.status === 'Unknown';
    troubles.push({
      tone: 'danger',
      sentence: text(silent ? 'overview.trouble.nodeSilent' : 'overview.trouble.nodeNotReady'),
      words: ready?.message ?? '',
    });
  }
  for (const condition of conditions) {
    const key = Object.hasOwn(PRESSURE, condition.type) ? PRESSURE[condition.type] : undefined;
    if (key && condition.status === 'True')
      troubles.push({ tone: 'warning', sentence: text(key), words: condition.message ?? '' });
  }
  return troubles;
}

/** KubeVirt, CDI or HyperConverged: their conditions mean the same. */
export interface PlatformObject extends K8sObject {
  status?: { phase?: string; conditions?: Condition[] };
}

/** What an operator says is wrong with what it installed; nothing when all is well. */
export function componentTroubles({ status }: PlatformObject): Trouble[] {
  const conditions = status?.conditions ?? [];
  const find = (type: string, wrong: Condition['status']) =>
    conditions.find((condition) => condition.type === type && condition.status === wrong);
  const words = (condition: Condition) => condition.message || condition.reason || '';
  const unavailable = find('Available', 'False');
  const degraded = find('Degraded', 'True');
  const unreconciled = find('ReconcileComplete', 'False');
  const progressing = find('Progressing', 'True');
  if (unavailable)
    return [{ tone: 'danger', sentence: text('overview.trouble.unavailable'), words: words(unavailable) }];
  if (degraded)
    return [{ tone: 'danger', sentence: text('overview.trouble.degraded'), words: words(degraded) }];
  if (unreconciled)
    return [{ tone: 'warning', sentence: text('overview.trouble.unreconciled'), words: words(unreconciled) }];
  if (progressing)
    return [{ tone: 'warning', sentence: text('overview.trouble.progressing'), words: words(progressing) }];
  return [];
}

/** What the console reads of a VirtualMachineInstanceMigration. */
export interface Migration extends K8sObject {
  spec?: { vmiName?: string };
  status?: {
    phase?: string;
    phaseTransitionTimestamps?: { phase: string; phaseTransitionTimestamp: string }[] | null;
  };
}

const ENDED = ['Succeeded', 'Failed'];
/** Finding a place and a pod for it takes a minute at most; moving the memory of a busy machine takes longer. */
const STUCK_MS = 5 * 60_000;
const STUCK_RUNNING_MS = 30 * 60_000;

/** Since when (RFC 3339) a migration is where it is; undefined once it has ended. */
export function migrationPhaseSince({ status, metadata }: Migration): string | undefined {
  if (ENDED.includes(status?.phase ?? '')) return undefined;
  const entered = status?.phaseTransitionTimestamps?.findLast(({ phase }) => phase === status.phase);
  return entered?.phaseTransitionTimestamp ?? metadata.creationTimestamp;
}

/** Whether a migration has been in its phase for longer than it should take. */
export function isStuck(migration: Migration, now: number): boolean {
  const since = migrationPhaseSince(migration);
  if (since === undefined) return false;
  const patience = migration.status?.phase === 'Running' ? STUCK_RUNNING_MS : STUCK_MS;
  return now - Date.parse(since) > patience;
}
