import type { MessageKey } from '@/lib/text';
import type { VmDimension } from '../dimensions';
import { findField, VM_FIELDS, type VmField } from './fields';
import { fieldHead, readWord, type Token, tokenize } from './lexer';
import { literal, printValue } from './print';
import type { Operator, Span } from './syntax';

/** What is being typed at the caret. */
export type Completion =
  | { kind: 'term'; typed: string; span: Span; term: Span }
  | {
      kind: 'value';
      field: VmField;
      operator: Operator;
      /** The value up to the caret, without quotation marks. */
      typed: string;
      /** The other values of the term. */
      others: string[];
      /** The value's place. */
      span: Span;
      /** The whole term's place. */
      term: Span;
      /** Whose groups to offer. */
      dimension?: VmDimension;
    };

/** One entry of the completion. */
export interface Offer {
  /** What stands in the text when it is chosen. */
  insert: string;
  /** What is shown. Absent for the value that stands for "none". */
  label?: string;
  about?: MessageKey;
  /** How many VMs there are of it. */
  count?: number;
  /** More is to be typed behind it. */
  continues: boolean;
}

/** What could be completed at a place of a query; undefined in the middle of a phrase. */
export function completionAt(text: string, caret: number): Completion | undefined {
  const token = tokenize(text).find(({ start, end }) => start <= caret && caret <= end);
  if (!token) {
    const here = { start: caret, end: caret };
    return { kind: 'term', typed: '', span: here, term: here };
  }
  const { start, end, raw } = token;
  const first = end - raw.length;
  const head = fieldHead(raw);
  const field = head && findField(head.name);
  if (head && field && caret >= first + head.rest)
    return valueAt(token, field, head.operator, head.rest, caret);
  if (caret < first || raw.startsWith('"')) return undefined;
  return {
    kind: 'term',
    typed: text.slice(first, caret),
    // The operator and values of a term whose name is being mended stay.
    span: { start: first, end: head ? first + head.name.length : end },
    term: { start, end },
  };
}

function valueAt(
  { raw, start, end }: Token,
  field: VmField,
  operator: Operator,
  rest: number,
  caret: number,
): Completion {
  const first = end - raw.length;
  const parts = cutAtCommas(raw.slice(rest), first + rest);
  const own = parts.findLast((part) => part.start <= caret) ?? { start: caret, end: caret };
  const plain = (from: number, to: number): string => readWord(raw.slice(from - first, to - first)).text;
  const typed = plain(own.start, caret);
  const dimension = dimensionOf(field, typed);
  return {
    kind: 'value',
    field,
    operator,
    typed,
    others: parts.filter((part) => part !== own).map((part) => plain(part.start, part.end)),
    span: own,
    term: { start, end },
    ...(dimension ? { dimension } : {}),
  };
}

function cutAtCommas(raw: string, offset: number): Span[] {
  const parts: Span[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at <= raw.length; at += 1) {
    if (isQuoted && raw[at] === '\\') at += 1;
    else if (raw[at] === '"') isQuoted = !isQuoted;
    if (at < raw.length && (raw[at] !== ',' || isQuoted)) continue;
    parts.push({ start: offset + start, end: offset + Math.min(at, raw.length) });
    start = at + 1;
  }
  return parts;
}

function dimensionOf(field: VmField, typed: string): VmDimension | undefined {
  if (field.kind !== 'label') return field.dimension;
  const at = typed.indexOf('=');
  return at < 0 ? 'labelKey' : `label:${typed.slice(0, at)}`;
}

/** The query whose groups are to be offered: all but the term that is being typed. */
export function textAround(text: string, { term }: Completion): string {
  return `${text.slice(0, term.start).trimEnd()} ${text.slice(term.end).trimStart()}`.trim();
}

/** The entries to offer, best first. `groups`: the values there are, with how many VMs each has. */
export function offersFor(
  completion: Completion,
  groups: readonly { value: string; total: number }[],
): Offer[] {
  return completion.kind === 'term' ? termOffers(completion.typed) : valueOffers(completion, groups);
}

function termOffers(typed: string): Offer[] {
  const wanted = typed.toLowerCase();
  const names = (field: VmField): string[] => [field.name, ...field.aliases];
  const begins = VM_FIELDS.filter((field) => names(field).some((name) => name.startsWith(wanted)));
  const own = begins.filter((field) => field.name.startsWith(wanted));
  const fields = [...own, ...begins.filter((field) => !own.includes(field))].map(
    (field): Offer => ({
      insert: `${field.name}${field.operator}`,
      label: `${field.name}${field.example}`,
      about: field.about,
      continues: true,
    }),
  );
  if (wanted.length < 2) return fields;
  const words = STATUS_OFFERS.filter((word) => word.startsWith(wanted)).map(
    (word): Offer => ({ insert: `status:${word}`, label: `status:${word}`, continues: false }),
  );
  return [...fields, ...words];
}

/** The words of `status:` that are worth typing; the rest comes from the groups. */
const STATUS_OFFERS = [
  'running',
  'stopped',
  'paused',
  'migrating',
  'starting',
  'attention',
  'error',
  'changing',
  'healthy',
];

const SAMPLES: Partial<Record<VmField['kind'], string[]>> = {
  number: ['1', '2', '4', '8', '16'],
  size: ['1Gi', '4Gi', '8Gi', '16Gi', '64Gi', '100Gi'],
  age: ['1h', '1d', '7d', '30d', '365d'],
  usage: ['50%', '80%', '90%'],
};

function valueOffers(
  completion: Extract<Completion, { kind: 'value' }>,
  groups: readonly { value: string; total: number }[],
): Offer[] {
  const { field, typed, others } = completion;
  const taken = new Set(others.map((other) => other.toLowerCase()));
  const isKey = completion.dimension === 'labelKey';
  const key = field.kind === 'label' && !isKey ? `${typed.slice(0, typed.indexOf('='))}=` : '';
  // Those without any label have no key to type.
  const values = isKey ? groups.filter(({ value }) => value !== '') : groups;
  const counted = values.map(({ value, total }): Offer => {
    if (value === '' && !key) return { insert: 'none', count: total, continues: false };
    const text = key + value;
    return {
      insert: isKey ? `${text}=` : printValue(literal(text)),
      label: text,
      count: total,
      continues: isKey,
    };
  });
  const known = new Set(counted.map(({ label }) => label?.toLowerCase()));
  const fixed = [
    ...(field.values ?? []),
    ...(field.kind === 'status' ? STATUS_OFFERS : []),
    ...(SAMPLES[field.kind] ?? []),
  ]
    .filter((word) => !known.has(word))
    .map((word): Offer => ({ insert: word, label: word, continues: false }));
  return closest([...counted, ...fixed], typed).filter(({ insert }) => !taken.has(insert.toLowerCase()));
}

/** What begins like the typed text, then what holds it. */
function closest(offers: Offer[], typed: string): Offer[] {
  const wanted = typed.toLowerCase();
  if (wanted === '') return offers;
  const place = ({ label, insert }: Offer): number => (label ?? insert).toLowerCase().indexOf(wanted);
  return [...offers.filter((offer) => place(offer) === 0), ...offers.filter((offer) => place(offer) > 0)];
}

/** The text with an offer in it, and where the caret stands then. */
export function accept(
  text: string,
  { kind, span }: Completion,
  offer: Offer,
): { text: string; caret: number } {
  // `cpu|>4`: the operator is there already.
  const hasOperator = kind === 'term' && offer.continues && /^:?[=<>!:]/.test(text.slice(span.end));
  const insert = hasOperator ? offer.insert.slice(0, -1) : offer.insert;
  const after = text.slice(span.end);
  const isMiddle = kind === 'value' && after.startsWith(',');
  const gap = offer.continues || isMiddle || after.startsWith(' ') ? '' : ' ';
  const moves = !offer.continues && !isMiddle;
  const before = text.slice(0, span.start) + insert;
  return { text: before + gap + after, caret: before.length + Number(moves) };
}
