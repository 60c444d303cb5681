import type { TestSandbox } from '../testing';
import { clientNodeChapters } from './client-node/all';
import { NodeClient } from './client-node/client';
import { type Outcome, operationsOf, runAll } from './operation';

/** How many at a time: what takes long is waiting for controllers. */
const WIDTH = 4;
/** The library, of which there is one version here, knows all of them. */
const ANY_MINOR = Number.POSITIVE_INFINITY;

export const clientNodeOperations = operationsOf(clientNodeChapters);

/** Runs all that is known of the library, each operation in a namespace of its own; the sandbox must be steerable. */
export async function runClientNode(sandbox: TestSandbox): Promise<Outcome[]> {
  const clientFor = (operation: (typeof clientNodeOperations)[number]) =>
    NodeClient.in(`n-${clientNodeOperations.indexOf(operation)}`, sandbox);
  return await runAll(clientNodeOperations, ANY_MINOR, clientFor, WIDTH);
}
