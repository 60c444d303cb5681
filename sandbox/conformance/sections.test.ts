import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { documentText } from './sections';
import { operationsIn } from './table';

const document = readFileSync('docs/sandbox-conformance.md', 'utf8');
const nothingRun = documentText({ kubectl: [] });

it('the document lists exactly the operations that there are, in their order', () => {
  expect(operationsIn(document)).toEqual(operationsIn(nothingRun));
  expect(new Set(operationsIn(nothingRun)).size).toBe(operationsIn(nothingRun).length);
});

it('the document says of each operation what differs, and of none that it failed', () => {
  const lastCells = (text: string) =>
    text.split('\n').flatMap((line) => (line.startsWith('| `') ? [line.split(' | ').at(-1)] : []));
  expect(lastCells(document)).toEqual(lastCells(nothingRun));
  expect(document).not.toMatch(/^\| `.*\| (✗|\?) \|/m);
});
