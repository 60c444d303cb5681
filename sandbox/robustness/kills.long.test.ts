import { expect, it } from 'vitest';
import { killRounds } from './kill-rounds';

it('loses nothing acknowledged in 40 kills at random moments', async () => {
  const seed = Number(process.env.PORTLIGHT_KILL_SEED ?? Date.now() % 100_000);
  const outcome = await killRounds(40, seed);
  console.log(`seed ${seed}: ${JSON.stringify(outcome)}`);
  expect(outcome).toMatchObject({ lostObjects: [], lostBlocks: [], sharedDisk: 0 });
  expect(outcome.survived).toBe(outcome.sandboxKills);
});
