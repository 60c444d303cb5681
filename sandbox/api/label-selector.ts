import { badRequest } from './errors';

type Operator = 'in' | 'notin' | 'exists' | 'absent' | '>' | '<';

interface Requirement {
  key: string;
  operator: Operator;
  values: string[];
}

export type LabelSelector = readonly Requirement[];

const SPECIAL = new Set(['(', ')', ',', '!', '=', '<', '>']);
const OPERATORS = new Set(['=', '==', '!=', 'in', 'notin', '>', '<']);
const LENGTH_MAX = 63;
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

/**
 * Parses `a=b,c!=d,e in (x,y),f notin (z),g,!h` as apimachinery's labels.Parse does, error texts included.
 * @throws ApiError 400
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokenise(text);
  const requirements: Requirement[] = [];
  let position = 0;
  const peek = () => tokens[position] ?? '';
  const take = () => tokens[position++] ?? '';
  while (peek() !== '') {
    if (!isWord(peek()) && peek() !== '!') {
      throw unparsable(`found '${peek()}', expected: !, identifier, or 'end of string'`, false);
    }
    requirements.push(requirement());
    if (peek() === '') break;
    if (peek() !== ',') throw unparsable(`found '${peek()}', expected: ',' or 'end of string'`, false);
    take();
    if (!isWord(peek()) && peek() !== '!') {
      throw unparsable(`found '${peek()}', expected: identifier after ','`, false);
    }
  }
  return requirements;

  function requirement(): Requirement {
    const negated = peek() === '!';
    if (negated) take();
    const key = word();
    checkKey(key);
    if (negated) return { key, operator: 'absent', values: [] };
    if (peek() === '' || peek() === ',') return { key, operator: 'exists', values: [] };
    const operator = take();
    if (!OPERATORS.has(operator))
      throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    if (operator === 'in' || operator === 'notin')
      return { key, operator, values: set().map((value, index) => checkedValue(key, value, index)) };
    const value = checkedValue(key, peek() === '' || peek() === ',' ? '' : word(), 0);
    if (operator === '>' || operator === '<') return { key, operator, values: [checkedNumber(value)] };
    return { key, operator: operator === '!=' ? 'notin' : 'in', values: [value] };
  }

  function word(): string {
    const found = take();
    if (!isWord(found)) throw unparsable(`found '${found}', expected: identifier`);
    return found;
  }

  function set(): string[] {
    const open = take();
    if (open !== '(') throw unparsable(`found '${open}' expected: '('`);
    const values: string[] = [];
    while (peek() !== ')') {
      if (peek() === ',') {
        take();
        if (peek() === ')' || peek() === ',') values.push('');
        continue;
      }
      if (!isWord(peek())) throw unparsable(`found '${peek()}', expected: ',', ')' or identifier`);
      values.push(take());
      if (peek() !== ',' && peek() !== ')') throw unparsable(`found '${peek()}', expected: ',' or ')'`);
    }
    take();
    if (values.length === 0) {
      throw unparsable("values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty");
    }
    return values;
  }
}

export function matchesLabels(selector: LabelSelector, labels: Record<string, string> | undefined): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = labels?.[key];
    if (operator === 'exists') return value !== undefined;
    if (operator === 'absent') return value === undefined;
    if (operator === '>' || operator === '<') return compares(value, operator, Number(values[0]));
    const among = value !== undefined && values.includes(value);
    return operator === 'in' ? among : !among;
  });
}

const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function checkKey(key: string): void {
  const parts = key.split('/');
  const refuse = (why: string) => unparsable(`key: Invalid value: ${JSON.stringify(key)}: ${why}`);
  if (parts.length > 2) {
    throw refuse(
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    );
  }
  const found: string[] = [];
  const [prefix] = parts;
  const name = parts.at(-1) ?? '';
  if (parts.length === 2 && prefix === '') found.push('prefix part must be non-empty');
  else if (parts.length === 2 && !SUBDOMAIN.test(prefix ?? '')) found.push(`prefix part ${SUBDOMAIN_RULE}`);
  if (name === '') found.push('name part must be non-empty');
  else if (name.length > LENGTH_MAX) found.push(`name part must be no more than ${LENGTH_MAX} bytes`);
  if (!NAME.test(name)) found.push(NAME_RULE);
  if (found.length > 0) throw refuse(found.join('; '));
}

function checkedValue(key: string, value: string, index: number): string {
  const found: string[] = [];
  if (value.length > LENGTH_MAX) found.push(`must be no more than ${LENGTH_MAX} bytes`);
  if (!LABEL_VALUE.test(value)) found.push(VALUE_RULE);
  if (found.length === 0) return value;
  throw unparsable(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${found.join('; ')}`);
}

function checkedNumber(value: string): string {
  if (/^[+-]?\d+$/.test(value)) return value;
  throw unparsable(
    `values[0]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`,
  );
}

function compares(value: string | undefined, operator: '>' | '<', limit: number): boolean {
  if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
  return operator === '>' ? Number(value) > limit : Number(value) < limit;
}

function unparsable(why: string, wrapped = true) {
  return badRequest(wrapped ? `unable to parse requirement: ${why}` : why);
}

function isWord(token: string): boolean {
  return token !== '' && !SPECIAL.has(token.charAt(0));
}

function tokenise(text: string): string[] {
  const tokens: string[] = [];
  let position = 0;
  while (position < text.length) {
    const letter = text.charAt(position);
    if (/\s/.test(letter)) {
      position += 1;
    } else if (SPECIAL.has(letter)) {
      const two = text.slice(position, position + 2);
      const token = two === '==' || two === '!=' ? two : letter;
      tokens.push(token);
      position += token.length;
    } else {
      let end = position;
      while (end < text.length && !SPECIAL.has(text.charAt(end)) && !/\s/.test(text.charAt(end))) end += 1;
      tokens.push(text.slice(position, end));
      position = end;
    }
  }
  return tokens;
}
