import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from '../testing';
import type { Outcome } from './operation';
import { runVirtctl, virtctlOperations } from './run-virtctl';

describe('virtctl', () => {
  let outcomes: Outcome[] = [];
  let sandbox: TestSandbox;

  beforeAll(async () => {
    sandbox = await TestSandbox.start();
    outcomes = await runVirtctl(sandbox);
  }, 120_000);
  afterAll(() => sandbox.close());

  for (const [index, { name }] of virtctlOperations.entries()) {
    it(name, () => expect(outcomes[index]).toEqual({ name, state: 'as expected' }));
  }
});
