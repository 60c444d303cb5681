import { badRequest } from './errors';

type Operator = 'in' | 'notin' | 'exists' | 'absent';

interface Requirement {
  key: string;
  operator: Operator;
  values: string[];
}

export type LabelSelector = readonly Requirement[];

const SPECIAL = new Set(['(', ')', ',', '!', '=', '<', '>']);
const OPERATORS = new Set(['=', '==', '!=', 'in', 'notin']);
const QUALIFIED_NAME =
  /^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;

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
    if (!QUALIFIED_NAME.test(key)) throw unparsable(`key: Invalid value: "${key}": ${NAME_RULE}`);
    if (negated) return { key, operator: 'absent', values: [] };
    if (peek() === '' || peek() === ',') return { key, operator: 'exists', values: [] };
    const operator = take();
    if (!OPERATORS.has(operator))
      throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    if (operator === 'in' || operator === 'notin') return { key, operator, values: set().map(checkedValue) };
    const value = peek() === '' || peek() === ',' ? '' : word();
    return { key, operator: operator === '!=' ? 'notin' : 'in', values: [checkedValue(value, 0)] };
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
    return values;
  }
}

export function matchesLabels(selector: LabelSelector, labels: Record<string, string> | undefined): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = labels?.[key];
    if (operator === 'exists') return value !== undefined;
    if (operator === 'absent') return value === undefined;
    const among = value !== undefined && values.includes(value);
    return operator === 'in' ? among : !among;
  });
}

const NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric " +
  "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is " +
  "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
  "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function checkedValue(value: string, index: number): string {
  if (!LABEL_VALUE.test(value)) {
    throw unparsable(`values[${index}][key]: Invalid value: "${value}": ${VALUE_RULE}`);
  }
  return value;
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
