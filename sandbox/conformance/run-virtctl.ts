import type { TestSandbox } from '../testing';
import { type Outcome, operationsOf, runAll } from './operation';
import { virtctlChapters } from './virtctl/all';
import { Virtctl } from './virtctl/virtctl';

/** How many at a time: most of an operation is waiting for controllers. */
const WIDTH = 6;
/** The minor version of KubeVirt whose virtctl makes these calls. */
const MINOR = 9;

export const virtctlOperations = operationsOf(virtctlChapters);

/** Makes all calls of virtctl, each operation in a namespace of its own. */
export async function runVirtctl(sandbox: TestSandbox): Promise<Outcome[]> {
  const virtctl = Virtctl.open(sandbox);
  try {
    const clientFor = (operation: (typeof virtctlOperations)[number]) =>
      virtctl.in(`v-${virtctlOperations.indexOf(operation)}`);
    return await runAll(virtctlOperations, MINOR, clientFor, WIDTH);
  } finally {
    await virtctl.close();
  }
}
