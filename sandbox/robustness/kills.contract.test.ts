import { expect, it } from 'vitest';
import { killRounds } from './kill-rounds';

it('loses nothing acknowledged when the sandbox or a machine is killed', { timeout: 300_000 }, async () => {
  // This seed kills both.
  const outcome = await killRounds(4, 1);
  expect(outcome).toMatchObject({ lostObjects: [], lostBlocks: [], sharedDisk: 0 });
  expect(outcome.sandboxKills).toBeGreaterThan(0);
  expect(outcome.machineKills).toBeGreaterThan(0);
  // A machine goes on when only the sandbox was killed.
  expect(outcome.survived).toBe(outcome.sandboxKills);
  expect(outcome.acknowledgedObjects).toBeGreaterThan(50);
  expect(outcome.acknowledgedBlocks).toBeGreaterThan(50);
});
