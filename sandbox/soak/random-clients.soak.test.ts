import { expect, test } from 'vitest';
import { soak } from './soak';
import { isFlat } from './verdict';

const minutes = Number(process.env.PORTLIGHT_SOAK_MINUTES ?? 10);
const seed = Number(process.env.PORTLIGHT_SOAK_SEED ?? 1);

/** Waiting for namespaces to empty comes on top of the rounds. */
const EXTRA_MINUTES = 15;

test(
  'random clients find nothing wrong: no crash, no event missed or told twice, lists that add up, memory that stays',
  async () => {
    const report = await soak({ minutes, seed, log: (sentence) => console.log(sentence) });
    console.log(JSON.stringify(report));
    expect(report.faults).toEqual([]);
    // What was not put to the test has proved nothing.
    expect(report.operations).toBeGreaterThan(100 * minutes);
    expect(report.events).toBeGreaterThan(100 * minutes);
    expect(report.resumptions).toBeGreaterThan(10);
    expect(report.listsCompared).toBeGreaterThan(10);
    for (const status of [200, 201, 202, 400, 404, 409, 422])
      expect(report.answers).toHaveProperty(String(status));
    expect(isFlat(report.heapBytes), `heap after each round: ${report.heapBytes.join(', ')}`).toBe(true);
  },
  (minutes + EXTRA_MINUTES) * 60_000,
);
