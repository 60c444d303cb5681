import type { TestSandbox } from '../testing';
import { kubectlChapters } from './kubectl/all';
import { Kubectl, type Program } from './kubectl/kubectl';
import { type Outcome, operationsOf, runAll } from './operation';

/** How many at a time: a kubectl is busy for most of its life. */
const WIDTH = 4;

export const kubectlOperations = operationsOf(kubectlChapters);

/** Runs all that is known of kubectl, each operation in a namespace of its own. */
export async function runKubectl(program: Program, sandbox: TestSandbox): Promise<Outcome[]> {
  const kubectl = await Kubectl.open(program, sandbox);
  try {
    const clientFor = (operation: (typeof kubectlOperations)[number]) =>
      kubectl.in(`k-${kubectlOperations.indexOf(operation)}`);
    return await runAll(kubectlOperations, program.minor, clientFor, WIDTH);
  } finally {
    await kubectl.close();
  }
}
