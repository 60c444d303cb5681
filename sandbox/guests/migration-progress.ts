import type { MoveProgress } from './migration';

/** The part of QEMU's MigrationInfo that tells how far it is. */
interface MigrationInfo {
  ram?: {
    total?: number;
    transferred?: number;
    remaining?: number;
    mbps?: number;
    'dirty-pages-rate'?: number;
    'dirty-sync-count'?: number;
    'page-size'?: number;
  };
  downtime?: number;
}

const PAGE_BYTES = 4096;
const BITS = 8;

/** Reads query-migrate's answer; while it says nothing of the memory, what was known before stands. */
export function readProgress(info: object, before?: MoveProgress): MoveProgress {
  const { ram, downtime } = info as MigrationInfo;
  if (!ram && before) return before;
  return {
    totalBytes: ram?.total ?? 0,
    transferredBytes: ram?.transferred ?? 0,
    remainingBytes: ram?.remaining ?? 0,
    dirtyBytesPerSecond: (ram?.['dirty-pages-rate'] ?? 0) * (ram?.['page-size'] ?? PAGE_BYTES),
    transferBytesPerSecond: Math.round(((ram?.mbps ?? 0) * 1_000_000) / BITS),
    iterations: ram?.['dirty-sync-count'] ?? 0,
    ...(downtime === undefined ? {} : { downtimeMs: downtime }),
  };
}
