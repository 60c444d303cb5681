import { csvLine } from '@/lib/csv';
import { type ChosenColumn, csvOf } from '@/lib/kinds/vm/columns';
import type { VmRow } from '@/lib/kinds/vm/row';

type Pages = AsyncIterable<VmRow[]>;

export type ExportFormat = 'csv' | 'json' | 'rows';

interface Export {
  type: string;
  /** Absent for what programs read and nobody saves. */
  extension?: string;
  write(pages: Pages, columns: readonly ChosenColumn[]): AsyncGenerator<string>;
}

/** How rows are written, a page at a time. */
export const EXPORTS: Record<ExportFormat, Export> = {
  csv: { type: 'text/csv; charset=utf-8; header=present', extension: 'csv', write: writeCsv },
  json: { type: 'application/json', extension: 'json', write: writeJson },
  rows: { type: 'application/x-ndjson', write: writeRows },
};

export function isExportFormat(format: string): format is ExportFormat {
  return Object.hasOwn(EXPORTS, format);
}

async function* writeCsv(pages: Pages, columns: readonly ChosenColumn[]): AsyncGenerator<string> {
  const { head, cells } = csvOf(columns);
  yield csvLine(head);
  for await (const rows of pages) yield rows.map((row) => csvLine(cells(row))).join('');
}

/** One array with an object a line: what the columns say, under the API's word for the status. */
async function* writeJson(pages: Pages): AsyncGenerator<string> {
  let begin = '[\n';
  for await (const rows of pages) {
    if (rows.length === 0) continue;
    yield begin + rows.map((row) => JSON.stringify(plain(row))).join(',\n');
    begin = ',\n';
  }
  yield begin === '[\n' ? '[]\n' : '\n]\n';
}

async function* writeRows(pages: Pages): AsyncGenerator<string> {
  for await (const rows of pages) yield rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

/** A row without what only the console's own rules read. */
function plain({ facts, ...row }: VmRow) {
  return { ...row, status: facts.printableStatus, runStrategy: facts.runStrategy };
}
