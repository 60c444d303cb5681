import { renamed } from '@/lib/kinds/vm/create/rename';
import type { VmDraft } from '@/lib/kinds/vm/form/field';
import { nameProblem } from '@/lib/manifest/names';
import { type Text, text } from '@/lib/text';
import { applyCell, columnProblem } from './columns';
import { readTable } from './table';

/** How several VMs are made of one. Plain data: it is kept with the draft. */
export interface Batch {
  isOn: boolean;
  /** `web-{n}`; `{nn}` is padded to two digits. */
  pattern: string;
  count: number;
  start: number;
  /** Pasted; its rows, when there are any, decide how many there are. */
  table: string;
}

export const NO_BATCH: Batch = { isOn: false, pattern: '', count: 2, start: 1, table: '' };

/** More at once is a mistake, or a task for a program. */
export const MAX_BATCH = 200;

/** One VM of several, with what is wrong with it. */
export interface Member {
  name: string;
  draft: VmDraft;
  problems: CellProblem[];
}

export interface CellProblem {
  /** Empty for the VM as a whole. */
  column: string;
  message: Text;
}

export interface Members {
  members: Member[];
  /** Of the table; empty without one. */
  columns: string[];
  rows: string[][];
  /** What is wrong with the whole. */
  problems: Text[];
}

/** The VMs that a batch makes of a draft. */
export function membersOf(draft: VmDraft, batch: Batch, namespace: string): Members {
  const table = batch.table.trim() === '' ? undefined : readTable(batch.table);
  const problems: Text[] = [];
  if (batch.table.trim() !== '' && !table) problems.push(text('create.batch.noRows'));
  const columns = table?.columns ?? [];
  for (const column of columns) {
    const problem = columnProblem(column);
    if (problem) problems.push(problem);
  }
  const asked = table?.rows.length ?? batch.count;
  if (asked > MAX_BATCH) problems.push(text('create.batch.tooMany', { count: asked, limit: MAX_BATCH }));
  const count = Math.min(asked, MAX_BATCH);
  const named = columns.indexOf('name');
  const seen = new Map<string, number>();
  const rows = table?.rows.slice(0, MAX_BATCH) ?? [];
  const members = Array.from({ length: Math.max(0, count) }, (_, index): Member => {
    const cells = rows[index] ?? [];
    const name = (named >= 0 && cells[named]) || nameAt(batch.pattern, batch.start + index);
    const made = memberOf(draft, name, columns, cells, namespace);
    if (seen.has(name)) made.problems.push({ column: 'name', message: text('create.batch.twice', { name }) });
    seen.set(name, index);
    return made;
  });
  return { members, columns, rows, problems };
}

/** The name for a number: `{n}` plain, `{nn}` and longer padded. A pattern without any gets the number behind. */
export function nameAt(pattern: string, number: number): string {
  const full = /\{n+\}/.test(pattern) ? pattern : `${pattern}-{n}`;
  return full.replace(/\{(n+)\}/g, (_, digits: string) => String(number).padStart(digits.length, '0'));
}

function memberOf(
  draft: VmDraft,
  name: string,
  columns: readonly string[],
  cells: readonly string[],
  namespace: string,
): Member {
  const problems: CellProblem[] = [];
  const wrongName = nameProblem(name, 'kubevirt.io', 'VirtualMachine');
  if (wrongName) problems.push({ column: 'name', message: wrongName });
  if (cells.length > columns.length)
    problems.push({ column: '', message: text('create.batch.tooManyCells') });
  let made = renamed(draft, name, { apart: true });
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? '';
    if (column === 'name' || columnProblem(column)) continue;
    const applied = applyCell(made, column, cell, namespace);
    if ('draft' in applied) made = applied.draft;
    else problems.push({ column, message: applied.problem });
  }
  return { name, draft: made, problems };
}
