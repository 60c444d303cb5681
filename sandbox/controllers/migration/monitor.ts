import type { MigrationConfiguration, MigrationMode } from './migration-state';

/** What the monitor has seen of a migration so far; times in milliseconds. */
export interface Watched {
  mode: MigrationMode;
  /** Since its start. */
  elapsedMs: number;
  /** Since less was left to copy than ever before. */
  stuckMs: number;
  /** After which something is done: completionTimeoutPerGiB times the guest's size. 0 is never. */
  acceptableSeconds: number;
}

export type Judgement = { assist: Exclude<MigrationMode, 'PreCopy'> } | { abort: string } | undefined;

/**
 * What is done about a migration that takes too long. Mirrors processInflightMigration of virt-launcher: nothing once it
 * is in post-copy, then help where that is allowed, then the end. A guest that stands still gets twice the time.
 */
export function judgeProgress(
  { mode, elapsedMs, stuckMs, acceptableSeconds }: Watched,
  options: Pick<MigrationConfiguration, 'allowPostCopy' | 'allowWorkloadDisruption' | 'progressTimeout'>,
): Judgement {
  if (mode === 'PostCopy') return undefined;
  const seconds = mode === 'Paused' ? acceptableSeconds * 2 : acceptableSeconds;
  const late = seconds > 0 && elapsedMs > seconds * 1000;
  if (late && mode === 'PreCopy' && options.allowWorkloadDisruption) {
    return { assist: options.allowPostCopy ? 'PostCopy' : 'Paused' };
  }
  const stuck = Math.floor(stuckMs / 1000);
  if (options.progressTimeout > 0 && stuck > options.progressTimeout) {
    return { abort: `Live migration stuck for ${stuck} seconds and has been aborted` };
  }
  if (!late) return undefined;
  return { abort: `Live migration is not completed after ${seconds} seconds and has been aborted` };
}
