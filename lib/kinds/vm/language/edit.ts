import type { VmDimension } from '../dimensions';
import { findField, isComparable, VM_FIELDS } from './fields';
import { parseVmText } from './parse';
import { fieldTerm, literal, printTerm } from './print';
import type { FieldTerm, Operator, Span, Term, Value } from './syntax';

/**
 * `text` with a term in it: `withTerm('status:running', 'status:paused')` → `status:running,paused`. What is there
 * already changes nothing, and what else stands in the text stays as it was typed.
 */
export function withTerm(text: string, term: string): string {
  return parseVmText(term).terms.reduce(add, text.trim());
}

/** `text` without a term; of a term with several values only those that `term` names go. */
export function withoutTerm(text: string, term: string): string {
  return parseVmText(term).terms.reduce(remove, text);
}

/** Whether every part of `term` stands in `text`. */
export function hasTerm(text: string, term: string): boolean {
  const { terms } = parseVmText(text);
  return parseVmText(term).terms.every((wanted) => terms.some((own) => covers(own, wanted)));
}

/** Adds a term, or takes it out when it is there. */
export function toggleTerm(text: string, term: string): string {
  return hasTerm(text, term) ? withoutTerm(text, term) : withTerm(text, term);
}

/** `text` without the term that stands at a place, and without the space that it leaves. */
export function withoutSpan(text: string, { start, end }: Span): string {
  return `${text.slice(0, start).trimEnd()} ${text.slice(end).trimStart()}`.trim();
}

/**
 * What to ask while somebody types at `caret`: all but a term that makes no sense yet, so that the list does not go
 * empty between `status:` and its value.
 */
export function withoutUnfinished(text: string, caret: number): string {
  const unfinished = parseVmText(text).problems.find(({ incomplete, end }) => incomplete && end === caret);
  // An open quotation mark alone keeps nothing from being understood.
  const isWord =
    unfinished && parseVmText(text).terms.some(({ kind, end }) => kind === 'word' && end === caret);
  return isWord ? withoutSpan(text, unfinished) : text;
}

/** `text` without what it says of a dimension, for counting what else could be chosen there. */
export function withoutDimension(text: string, dimension: VmDimension): string {
  const { terms } = parseVmText(text);
  return terms.filter((term) => isOf(term, dimension)).reduceRight(withoutSpan, text);
}

/** Whether a query says something of a dimension. */
export function saysOf(text: string, dimension: VmDimension): boolean {
  return parseVmText(text).terms.some((term) => isOf(term, dimension));
}

/**
 * The term that matches exactly the VMs of a group: `dimensionTerm('os', 'Fedora Linux 42')` →
 * `os="Fedora Linux 42"`. An empty value stands for the VMs that have none.
 */
export function dimensionTerm(dimension: VmDimension, value: string): string {
  if (dimension === 'labelKey')
    return value === '' ? '-label:*' : printTerm(fieldTerm('label', [literal(value)]));
  if (dimension.startsWith('label:')) {
    const key = dimension.slice('label:'.length);
    return printTerm(fieldTerm('label', [literal(`${key}=${value}`)]));
  }
  const field =
    dimension === 'tone' ? findField('status') : VM_FIELDS.find((each) => each.dimension === dimension);
  if (!field) throw new Error(`no field has the dimension ${dimension}`);
  if (value === '') return `${field.name}:none`;
  // Where `:` takes more than the whole value, the group is meant alone.
  const operator: Operator = field.kind === 'exact' || field.kind === 'status' ? ':' : '=';
  return printTerm(fieldTerm(field.name, [literal(value)], { operator }));
}

function isOf(term: Term, dimension: VmDimension): boolean {
  if (term.kind !== 'field') return false;
  if (dimension === 'labelKey') return term.field === 'label' && keyOf(term) === '';
  if (dimension.startsWith('label:'))
    return term.field === 'label' && keyOf(term) === dimension.slice('label:'.length);
  if (dimension === 'tone') return term.field === 'status';
  return findField(term.field)?.dimension === dimension && term.field !== 'label';
}

function add(text: string, wanted: Term): string {
  const { terms } = parseVmText(text);
  if (terms.some((own) => covers(own, wanted))) return text;
  const home = terms.find((own) => isAlternative(own, wanted));
  if (home?.kind === 'field' && wanted.kind === 'field') {
    const more = wanted.values.filter((value) => !home.values.some((own) => isSameValue(own, value)));
    return replace(text, home, { ...home, values: [...home.values, ...more] });
  }
  return text === '' ? printTerm(wanted) : `${text} ${printTerm(wanted)}`;
}

function remove(text: string, wanted: Term): string {
  const { terms } = parseVmText(text);
  // From the end, so that places before it stay.
  return terms.reduceRight((rest, own) => {
    if (own.kind !== 'field' || wanted.kind !== 'field')
      return covers(own, wanted) ? withoutSpan(rest, own) : rest;
    if (!isAlike(own, wanted)) return rest;
    const left = own.values.filter((value) => !wanted.values.some((gone) => isSameValue(value, gone)));
    if (left.length === own.values.length) return rest;
    return left.length === 0 ? withoutSpan(rest, own) : replace(rest, own, { ...own, values: left });
  }, text);
}

function replace(text: string, { start, end }: Span, term: Term): string {
  return text.slice(0, start) + printTerm(term) + text.slice(end);
}

function covers(own: Term, wanted: Term): boolean {
  if (own.kind === 'word')
    return (
      wanted.kind === 'word' &&
      own.negated === wanted.negated &&
      own.text.toLowerCase() === wanted.text.toLowerCase()
    );
  return (
    wanted.kind === 'field' &&
    isAlike(own, wanted) &&
    wanted.values.every((value) => own.values.some((known) => isSameValue(known, value)))
  );
}

function isAlike(own: FieldTerm, wanted: FieldTerm): boolean {
  return own.field === wanted.field && own.negated === wanted.negated && own.operator === wanted.operator;
}

/** Whether a term is another way to meet the same wish, so that its values may stand in one list. */
function isAlternative(own: Term, wanted: Term): boolean {
  if (own.kind !== 'field' || wanted.kind !== 'field' || !isAlike(own, wanted)) return false;
  const field = findField(own.field);
  return field !== undefined && !isComparable(field) && keyOf(own) === keyOf(wanted);
}

/** The key of a label term with values; empty for one of keys, and undefined for a mixture. */
function keyOf(term: FieldTerm): string | undefined {
  if (term.field !== 'label') return '';
  const keys = new Set(
    term.values.map(({ text }) => (text.includes('=') ? text.slice(0, text.indexOf('=')) : '')),
  );
  const [key] = keys;
  return keys.size === 1 ? key : undefined;
}

function isSameValue(a: Value, b: Value): boolean {
  if (a.text.toLowerCase() !== b.text.toLowerCase()) return false;
  return a.quoted === b.quoted || literal(a.text).quoted === false;
}
