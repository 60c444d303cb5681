import type { Chapter, Operation, Outcome } from './operation';

/** What one version of a client came to. */
export interface Column {
  /** E.g. `1.32`. */
  title: string;
  outcomes: Outcome[];
}

/** A client with its chapters and a column for each version that was run. */
export interface Section<Client> {
  title: string;
  introduction: string;
  chapters: Chapter<Client>[];
  columns: Column[];
}

export const WORKS = '✓';
export const NOT_KNOWN = '–';

/** The section in Markdown: a table for each chapter. */
export function sectionText<Client>({ title, introduction, chapters, columns }: Section<Client>): string {
  const tables = chapters.map((chapter) => `### ${chapter.title}\n\n${tableText(chapter, columns)}`);
  return [`## ${title}`, introduction, ...tables].join('\n\n');
}

function tableText<Client>({ operations }: Chapter<Client>, columns: Column[]): string {
  const head = ['Operation', ...columns.map((column) => column.title), 'What differs'];
  const rows = operations.map((operation) => [
    `\`${inCell(operation.name)}\``,
    ...columns.map(({ outcomes }) => cell(operation, outcomes)),
    inCell(operation.differs ?? ''),
  ]);
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function cell<Client>({ name, differs }: Operation<Client>, outcomes: Outcome[]): string {
  const outcome = outcomes.find((one) => one.name === name);
  if (!outcome) return '?';
  if (outcome.state === 'unknown to this version') return NOT_KNOWN;
  if (outcome.state === 'failed') return '✗';
  return differs ? 'differs' : WORKS;
}

const inCell = (text: string) => text.replaceAll('|', '\\|');

/** The operations that a document of such sections names, by client: `kubectl: get vm`. */
export function operationsIn(document: string): string[] {
  const names: string[] = [];
  let client = '';
  for (const line of document.split('\n')) {
    if (line.startsWith('## ')) client = line.slice(3);
    const name = line.match(/^\| `((?:[^`])+)` \|/)?.[1];
    if (name) names.push(`${client}: ${name.replaceAll('\\|', '|')}`);
  }
  return names;
}
