// Runs every operation and writes docs/sandbox-conformance.md. Arguments: names or paths of kubectls, one column each.
import { writeFile } from 'node:fs/promises';
import { TestSandbox } from '../testing';
import { findKubectl } from './kubectl/kubectl';
import type { Outcome } from './operation';
import { runKubectl } from './run-kubectl';
import { documentText } from './sections';
import type { Column } from './table';

const commands = process.argv.length > 2 ? process.argv.slice(2) : ['kubectl'];

/** Runs something on a cluster of its own, and says on the way what failed. */
async function column(title: string, run: (sandbox: TestSandbox) => Promise<Outcome[]>): Promise<Column> {
  const sandbox = await TestSandbox.start();
  const started = Date.now();
  try {
    const outcomes = await run(sandbox);
    const seconds = Math.round((Date.now() - started) / 1000);
    console.log(`${title}: ${outcomes.length} operations in ${seconds} s`);
    for (const one of outcomes) if (one.state === 'failed') console.log(`  ✗ ${one.name}: ${one.reason}`);
    return { title, outcomes };
  } finally {
    await sandbox.close();
  }
}

const kubectl: Column[] = [];
for (const command of commands) {
  const program = findKubectl(command);
  if (!program) throw new Error(`${command} is no kubectl.`);
  kubectl.push(await column(program.version, (sandbox) => runKubectl(program, sandbox)));
}
kubectl.sort((one, other) => one.title.localeCompare(other.title, 'en', { numeric: true }));
await writeFile('docs/sandbox-conformance.md', documentText({ kubectl }));
