import { text as say, type Text } from '@/lib/text';
import { findField, isComparable, nearestField, type VmField } from './fields';
import { fieldHead, readValues, readWord, type Token, tokenize } from './lexer';
import type { FieldTerm, Operator, Parsed, Problem, Term, Value } from './syntax';
import { readCidr, readDate, readDuration, readNumber, readRange, readSize, readUsage } from './values';

/**
 * Reads a query. Every text can be read: what is not understood becomes a plain word, with a problem that says why.
 * Terms stand in the order of the text.
 */
export function parseVmText(text: string): Parsed {
  const terms: Term[] = [];
  const problems: Problem[] = [];
  for (const token of tokenize(text)) {
    const tell: Tell = (problem, more) => {
      problems.push({ text: problem, incomplete: false, ...more, start: token.start, end: token.end });
    };
    if (token.unclosed) tell(say('query.problem.unclosed'), { incomplete: true });
    const term = fieldTerm(token, tell) ?? wordTerm(token);
    if (term) terms.push(term);
  }
  return { terms, problems };
}

type Tell = (problem: Text, more?: Pick<Partial<Problem>, 'incomplete' | 'mend'>) => void;

function wordTerm({ raw, start, end, negated }: Token): Term | undefined {
  const word = readWord(raw);
  return word.text === '' ? undefined : { kind: 'word', ...word, negated, start, end };
}

function fieldTerm(token: Token, tell: Tell): FieldTerm | undefined {
  const { raw, start, end, negated } = token;
  const head = fieldHead(raw);
  if (!head) return undefined;
  const field = findField(head.name);
  if (!field) {
    if (looksLikeField(raw, head.name, head.operator, head.rest)) {
      const near = nearestField(head.name);
      const { name } = head;
      const mend = near && `${negated ? '-' : ''}${near}${raw.slice(name.length)}`;
      tell(say('query.problem.unknown', { name }), mend ? { mend } : {});
    }
    return undefined;
  }
  const values = readValues(raw.slice(head.rest), end - raw.length + head.rest);
  if (values.length === 0) {
    tell(say('query.problem.noValue', { field: field.name, example: `${field.name}${field.example}` }), {
      incomplete: true,
    });
    return undefined;
  }
  if (!isValid(field, head.operator, values, tell)) return undefined;
  const term: FieldTerm = {
    kind: 'field',
    field: field.name,
    operator: head.operator,
    values: field.kind === 'label' ? withKeys(values) : values,
    negated: negated !== head.differs,
    start,
    end,
  };
  return term;
}

/** MAC and IPv6 addresses, addresses of images and pages, and `key=value` of labels are text and not fields. */
function looksLikeField(raw: string, name: string, operator: Operator, rest: number): boolean {
  if (operator === '=' || !/^[A-Za-z-]+$/.test(name)) return false;
  return !/^[0-9a-f:.]+([%/].*)?$/i.test(raw) && !raw.startsWith('//', rest);
}

/** `label:tier=web,db`: what has no key takes that of the value before it. */
function withKeys(values: Value[]): Value[] {
  let key = '';
  return values.map((value) => {
    const at = value.text.indexOf('=');
    if (at >= 0) {
      key = value.text.slice(0, at);
      return value;
    }
    return key ? { ...value, text: `${key}=${value.text}` } : value;
  });
}

function isValid(field: VmField, operator: Operator, values: Value[], tell: Tell): boolean {
  const isComparison = operator !== ':' && operator !== '=';
  if (isComparison && !isComparable(field)) {
    tell(
      say('query.problem.notCompared', { field: field.name, operator, example: field.name + field.example }),
    );
    return false;
  }
  const wrong = values.map((value) => valueProblem(field, operator, value)).find(Boolean);
  if (wrong) tell(wrong, { incomplete: true });
  return !wrong;
}

/** Why a value means nothing to its field. */
function valueProblem(field: VmField, operator: Operator, { text }: Value): Text | undefined {
  const isComparison = operator !== ':' && operator !== '=';
  const values = { field: field.name, value: text };
  const figure = (read: (text: string) => number | undefined): boolean =>
    read(text) !== undefined || (!isComparison && readRange(text, read) !== undefined);
  switch (field.kind) {
    case 'number':
      return figure(readNumber) ? undefined : say('query.problem.number', values);
    case 'size':
      return figure(readSize) ? undefined : say('query.problem.size', values);
    case 'usage': {
      const isCpu = field.name === 'cpuusage';
      if (readUsage(text, isCpu ? readNumber : readSize))
        return isComparison ? undefined : say('query.problem.needsComparison', values);
      return isCpu ? say('query.problem.cpuUsage', values) : say('query.problem.memoryUsage', values);
    }
    case 'age':
      if (readDate(text) || (!isComparison && readRange(text, readDuration))) return undefined;
      if (readDuration(text) === undefined) return say('query.problem.age', values);
      return isComparison ? undefined : say('query.problem.needsComparison', values);
    case 'choice':
      return choiceOf(field, text) === undefined
        ? say('query.problem.choice', { ...values, choices: (field.values ?? []).join(', ') })
        : undefined;
    case 'address':
      return text.includes('/') && !readCidr(text) && !text.includes('*')
        ? say('query.problem.network', values)
        : undefined;
    default:
      return undefined;
  }
}

/** `yes`, `no` or `unknown`, whichever of their other words was typed. */
export function choiceOf(field: VmField, text: string): string | undefined {
  const typed = text.toLowerCase();
  const word = { true: 'yes', on: 'yes', false: 'no', off: 'no' }[typed] ?? typed;
  return field.values?.find((value) => value === word);
}
