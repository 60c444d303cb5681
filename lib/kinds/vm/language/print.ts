import { parseVmText } from './parse';
import type { FieldTerm, Term, Value } from './syntax';

/** The query's text in its plainest form: fields by their own names, one space between terms. */
export function printVmTerms(terms: readonly Term[]): string {
  return terms.map(printTerm).join(' ');
}

/** One term, such that reading it gives the same term. */
export function printTerm(term: Term): string {
  const sign = term.negated ? '-' : '';
  if (term.kind === 'field')
    return `${sign}${term.field}${term.operator}${term.values.map(printValue).join(',')}`;
  if (!term.quoted) {
    const bare = sign + term.text;
    const [read, more] = parseVmText(bare).terms;
    const isSame = read?.kind === 'word' && read.text === term.text && read.negated === term.negated;
    if (isSame && !read.quoted && !more) return bare;
  }
  return `${sign}${quote(term.text)}`;
}

/** A value that means the text and nothing else: no wildcard, not `none`. */
export function literal(text: string): Value {
  const isPlain = text !== '' && text.toLowerCase() !== 'none' && !/[\s,"*?]/.test(text);
  return { text, quoted: !isPlain, start: 0, end: 0 };
}

/** A term of a field with these values, as `literal` makes them. */
export function fieldTerm(
  field: string,
  values: Value[],
  { operator = ':', negated = false }: Partial<Pick<FieldTerm, 'operator' | 'negated'>> = {},
): FieldTerm {
  return { kind: 'field', field, operator, values, negated, start: 0, end: 0 };
}

/** A value as it stands behind the operator. */
export function printValue({ text, quoted }: Value): string {
  return quoted || text === '' || /[\s,"]|^[<>=!:]/.test(text) ? quote(text) : text;
}

function quote(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
}
