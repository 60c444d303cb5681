import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from '../testing';
import type { Outcome } from './operation';
import { clientNodeOperations, runClientNode } from './run-client-node';

describe('@kubernetes/client-node', () => {
  let outcomes: Outcome[] = [];
  let sandbox: TestSandbox;

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ control: true });
    outcomes = await runClientNode(sandbox);
  });
  afterAll(() => sandbox.close());

  for (const [index, { name }] of clientNodeOperations.entries()) {
    it(name, () => expect(outcomes[index]).toEqual({ name, state: 'as expected' }));
  }
});
