import { setTimeout as delay } from 'node:timers/promises';

/** No step of the sandbox takes as long, on however busy a machine. */
const STUCK_MS = 120_000;
/** What goes on moving for so long never comes to an end. */
const ENDLESS_MS = 5 * 60_000;

export interface Limits {
  stuckMs: number;
  endlessMs: number;
}

/**
 * Looks again and again until there is nothing to wait for (`look` finds undefined); otherwise `look` says how far it
 * has come. What moves is waited for, since a slow machine is no fault; what stands still for two minutes is given up.
 * Returns undefined, or what the last look found.
 */
export async function patiently(
  everyMs: number,
  look: () => Promise<string | undefined>,
  { stuckMs, endlessMs }: Limits = { stuckMs: STUCK_MS, endlessMs: ENDLESS_MS },
): Promise<string | undefined> {
  const begun = performance.now();
  let moved = begun;
  let before: string | undefined;
  for (;;) {
    const found = await look();
    if (found === undefined) return undefined;
    const now = performance.now();
    if (found !== before) moved = now;
    before = found;
    if (now - moved > stuckMs || now - begun > endlessMs) return found;
    await delay(everyMs);
  }
}
