import { setTimeout as delay } from 'node:timers/promises';
import { releaseGuest } from './guest-move';
import type { GuestSpec } from './hypervisor';
import type { Machine } from './machine';

/** Memory that still follows a guest which runs already comes within this, or never. */
const FOLLOW_MS = 60_000;
const LOOK_MS = 50;
/** Where a migration, or what came of it, keeps a guest from running. */
const HELD_STATES = new Set(['paused', 'postmigrate', 'inmigrate', 'finish-migrate']);

/**
 * Waits until a machine whose guest had just moved into it has all memory: the sandbox that moved it was killed, but
 * the two processes go on by themselves. Before that its old process must not be ended.
 */
export async function awaitMemory({ qmp }: Machine): Promise<void> {
  const deadline = performance.now() + FOLLOW_MS;
  while (performance.now() < deadline) {
    const status = await statusOf(qmp, 'query-migrate').catch(() => undefined);
    if (status !== 'postcopy-active') return;
    await delay(LOOK_MS);
  }
}

/**
 * Makes the machine that was found at the start of a sandbox the one that has its guest, whatever became of a migration
 * from it or to it. The other side must have ended before.
 * @throws when the guest cannot run here
 */
export async function endInterruptedMove(machine: Machine, spec: GuestSpec): Promise<void> {
  const { qmp } = machine;
  if ((await statusOf(qmp, 'query-migrate')) === undefined) return;
  await releaseGuest(machine, { run: false });
  const status = await statusOf(qmp, 'query-status');
  if (!spec.startPaused && status !== undefined && HELD_STATES.has(status)) await qmp.execute('cont');
}

async function statusOf(qmp: Machine['qmp'], command: string): Promise<string | undefined> {
  const answer = await qmp.execute(command);
  return (answer as { status?: string } | undefined)?.status;
}
