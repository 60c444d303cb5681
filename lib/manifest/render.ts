import { Document, isCollection, stringify } from 'yaml';
import { WRITE_OPTIONS } from './write';

/** How a text is written, so that what is added looks like it. */
export interface Style {
  eol: string;
  /** Columns that a mapping stands deeper than its key. */
  step: number;
  /** Whether a list stands deeper than its key. */
  indentSeq: boolean;
  isJson: boolean;
}

/** A value as lines of block style, the first at column 0. */
export function blockLines(value: unknown, { step, indentSeq }: Style): string[] {
  return stringify(value, { ...WRITE_OPTIONS, indent: step, indentSeq })
    .replace(/\n$/, '')
    .split('\n');
}

/** Lines below one another at a column; the first line stays where it is put. */
export function hang(lines: readonly string[], column: number, { eol }: Style): string {
  const pad = ' '.repeat(column);
  return lines.map((line, index) => (index === 0 || line === '' ? line : pad + line)).join(eol);
}

/** A value on one line, as it can stand inside braces and brackets. */
export function flowText(value: unknown, style: Style): string {
  if (style.isJson) return JSON.stringify(value) ?? 'null';
  const document = new Document([value]);
  if (isCollection(document.contents)) document.contents.flow = true;
  return document
    .toString(WRITE_OPTIONS)
    .trim()
    .replace(/^\[\s*|\s*\]$/g, '');
}

/** A mapping's entry on one line. */
export function flowPair(key: string, value: unknown, style: Style): string {
  if (style.isJson) return `${JSON.stringify(key)}: ${JSON.stringify(value)}`;
  return `${flowText(key, style)}: ${flowText(value, style)}`;
}

/** A scalar in the quotes of the one that it replaces. */
export function scalarText(
  value: unknown,
  quotes: string | undefined,
  inFlow: boolean,
  style: Style,
): string {
  if (typeof value === 'string' && (style.isJson || quotes === 'QUOTE_DOUBLE')) return JSON.stringify(value);
  if (typeof value === 'string' && quotes === 'QUOTE_SINGLE' && !/[^\P{C}\t]/u.test(value)) {
    return `'${value.replaceAll("'", "''")}'`;
  }
  return inFlow || style.isJson ? flowText(value, style) : stringify(value, WRITE_OPTIONS).trimEnd();
}

/** Characters that only a quoted string can hold. */
const UNPRINTABLE = /[^\P{C}\t\n]/u;

/**
 * The head (`|-`) and the lines of a block scalar; undefined where a text can't be written as one.
 * @param parent the column from which an indentation indicator counts
 * @param column where the lines stand
 */
export function blockScalar(
  value: string,
  mark: '|' | '>',
  { parent, column }: { parent: number; column: number },
): { head: string; lines: string[] } | undefined {
  if (value.trim() === '' || UNPRINTABLE.test(value)) return undefined;
  const body = value.replace(/\n+$/, '');
  const ends = value.length - body.length;
  const isIndented = /^\n*[ \t]/.test(body);
  if (isIndented && (column <= parent || column - parent > 9)) return undefined;
  const lines = (mark === '>' ? unfolded(body) : body).split('\n');
  for (let extra = 1; extra < ends; extra += 1) lines.push('');
  const pad = ' '.repeat(column);
  return {
    head: `${mark}${isIndented ? column - parent : ''}${ends === 0 ? '-' : ends === 1 ? '' : '+'}`,
    lines: lines.map((line) => (line === '' ? '' : pad + line)),
  };
}

/** In a folded scalar a line's end between two plain lines is written as an empty line more. */
function unfolded(body: string): string {
  const lines = body.split('\n');
  const isPlain = (line: string | undefined) => line !== undefined && !/^[ \t]/.test(line);
  return lines
    .map((line, index) => {
      const next = lines[index + 1];
      if (next === undefined) return line;
      return line !== '' && isPlain(line) && isPlain(next) ? `${line}\n` : line;
    })
    .join('\n');
}
