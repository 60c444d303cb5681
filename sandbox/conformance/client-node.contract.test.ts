import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestSandbox } from '../testing';
import { clientNodeChapters } from './client-node/all';
import { NodeClient } from './client-node/client';
import { type Outcome, operationsOf, runAll } from './operation';

/** How many at a time: what takes long is waiting for controllers. */
const WIDTH = 4;
/** The library, of which there is one version here, knows all of them. */
const ANY_MINOR = Number.POSITIVE_INFINITY;

const operations = operationsOf(clientNodeChapters);

describe('@kubernetes/client-node', () => {
  let outcomes: Outcome[] = [];
  let sandbox: TestSandbox;

  beforeAll(async () => {
    sandbox = await TestSandbox.start({ control: true });
    const clientFor = (operation: (typeof operations)[number]) =>
      NodeClient.in(`n-${operations.indexOf(operation)}`, sandbox);
    outcomes = await runAll(operations, ANY_MINOR, clientFor, WIDTH);
  });
  afterAll(() => sandbox.close());

  for (const [index, { name }] of operations.entries()) {
    it(name, () => expect(outcomes[index]).toEqual({ name, state: 'as expected' }));
  }
});
