import type { MigrationConfiguration, MigrationMode } from './migration-state';

const GIB = 2 ** 30;
/** What a guest's memory takes over a network of its own, per second. */
const LINE_BYTES_PER_S = 2 * GIB;
/** Devices, the last pages, and the switch-over. */
const SETTLE_MS = 1200;
/** After the switch to post-copy, or once the guest stands still, nothing gets dirty again. */
const FINISH_MS = 400;

/** How the copying of a guest will go. */
export interface Transfer {
  /** From start to end. */
  durationMs: number;
  /** When the guest is switched to post-copy, or paused, so that the rest can be copied. */
  assistance?: { afterMs: number; mode: Exclude<MigrationMode, 'PreCopy'> };
  /** KubeVirt's words when it gives up after `durationMs`. */
  failure?: string;
}

/**
 * Plans the transfer of `bytes` of guest memory. A bandwidth limit makes it slower, and a transfer that would outlast
 * completionTimeoutPerGiB ends as KubeVirt's migration monitor ends it: in post-copy, paused, or given up.
 */
export function planTransfer(bytes: number, bandwidth: number, options: MigrationConfiguration): Transfer {
  const rate = bandwidth > 0 ? Math.min(bandwidth, LINE_BYTES_PER_S) : LINE_BYTES_PER_S;
  const durationMs = Math.round(SETTLE_MS + (bytes / rate) * 1000);
  const acceptableS = acceptableSeconds(bytes, options);
  const acceptableMs = acceptableS * 1000;
  if (durationMs <= acceptableMs) return { durationMs };
  if (options.allowPostCopy || options.allowWorkloadDisruption) {
    const mode = options.allowPostCopy ? 'PostCopy' : 'Paused';
    return { durationMs: acceptableMs + FINISH_MS, assistance: { afterMs: acceptableMs, mode } };
  }
  const failure = `Live migration is not completed after ${acceptableS} seconds and has been aborted`;
  return { durationMs: acceptableMs, failure };
}

/** How long a migration of `bytes` may take before something is done about it; 0 is as long as it likes. */
export function acceptableSeconds(bytes: number, options: MigrationConfiguration): number {
  return Math.max(1, Math.ceil(bytes / GIB)) * options.completionTimeoutPerGiB;
}
