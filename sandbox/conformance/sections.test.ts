import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CLIENTS, DOCUMENT, SECTIONS } from './sections';
import { operationsIn } from './table';

const document = readFileSync(DOCUMENT, 'utf8');
const known = CLIENTS.map((client) => SECTIONS[client]([])).join('\n\n');
const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('| `'));

// Fails after a change of the operations until write-table.ts has run.
it('the document lists exactly the operations that there are, each once', () => {
  expect(operationsIn(document)).toEqual(operationsIn(known));
  expect(new Set(operationsIn(known)).size).toBe(rows(known).length);
});

it('the document says of each operation what differs, and of none that it failed', () => {
  const differences = (text: string) => rows(text).map((row) => row.split(' | ').at(-1));
  expect(differences(document)).toEqual(differences(known));
  expect(rows(document).filter((row) => / (✗|\?) \|/.test(row))).toEqual([]);
});
