// Runs the operations and writes the document. Arguments: clients, kubectl with the program (`kubectl=PATH`) as often as
// there are versions. Sections of clients that are not named stay as they are.
import { readFile, writeFile } from 'node:fs/promises';
import { TestSandbox } from '../testing';
import { findKubectl } from './kubectl/kubectl';
import type { Outcome } from './operation';
import { runClientNode } from './run-client-node';
import { runKubectl } from './run-kubectl';
import { runVirtctl } from './run-virtctl';
import { CLIENTS, type ClientName, DOCUMENT, documentText, SECTIONS, sectionsOf } from './sections';
import type { Column } from './table';

/** Runs something on a cluster of its own, and says on the way what failed. */
async function column(title: string, run: (sandbox: TestSandbox) => Promise<Outcome[]>): Promise<Column> {
  const sandbox = await TestSandbox.start({ control: true });
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

function columnOf(client: string, command: string | undefined): Promise<Column> {
  if (client === 'client-node') return column('Outcome', runClientNode);
  if (client === 'virtctl') return column('Outcome', runVirtctl);
  const program = findKubectl(command ?? 'kubectl');
  if (client !== 'kubectl' || !program) throw new Error(`There is no ${command ?? client}.`);
  return column(program.version, (sandbox) => runKubectl(program, sandbox));
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : CLIENTS;
const columns: Partial<Record<string, Column[]>> = {};
for (const argument of wanted) {
  const [client = '', command] = argument.split('=');
  columns[client] = [...(columns[client] ?? []), await columnOf(client, command)];
}
for (const some of Object.values(columns)) {
  some?.sort((one, other) => one.title.localeCompare(other.title, 'en', { numeric: true }));
}
const present = sectionsOf(await readFile(DOCUMENT, 'utf8').catch(() => ''));
const textOf = (client: ClientName, index: number) => {
  const run = columns[client];
  return run ? SECTIONS[client](run) : (present[index] ?? SECTIONS[client]([]));
};
const sections = CLIENTS.map((client, index) => [client, textOf(client, index)]);
// Every client has its text above.
await writeFile(DOCUMENT, documentText(Object.fromEntries(sections) as Record<ClientName, string>));
