import type { Operator, Span, Value } from './syntax';

/** What stands between two spaces, spaces in quotation marks aside. */
export interface Token extends Span {
  /** As typed, without the minus sign. */
  raw: string;
  negated: boolean;
  /** A quotation mark has no partner. */
  unclosed: boolean;
}

/** Cuts a query at its spaces. A minus sign alone is a word. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text[at])) {
      at += 1;
      continue;
    }
    const start = at;
    let quoted = false;
    for (; at < text.length && (quoted || !isSpace(text[at])); at += 1) {
      if (quoted && text[at] === '\\' && at + 1 < text.length) at += 1;
      else if (text[at] === '"') quoted = !quoted;
    }
    const word = text.slice(start, at);
    const negated = word.length > 1 && word.startsWith('-');
    tokens.push({ start, end: at, negated, raw: negated ? word.slice(1) : word, unclosed: quoted });
  }
  return tokens;
}

const HEAD = /^([A-Za-z][\w-]*)(:?(?:!=|>=|<=|[:=><]))/;

/** The name and operator at the beginning of a token, if it has such a beginning; `rest` is where values begin. */
export function fieldHead(
  raw: string,
): { name: string; operator: Operator; differs: boolean; rest: number } | undefined {
  const match = HEAD.exec(raw);
  if (!match) return undefined;
  const [all, name = '', typed = ''] = match;
  // `cpu:>4` is what other tools write.
  const operator = typed.length > 1 && typed.startsWith(':') ? typed.slice(1) : typed;
  // `label::` or `a::1`: the second colon belongs to the value.
  if (operator === ':') return { name, operator, differs: false, rest: name.length + 1 };
  const differs = operator === '!=';
  return { name, operator: differs ? '=' : (operator as Operator), differs, rest: all.length };
}

/** The values after an operator: cut at commas, quotation marks taken off. `offset` is where `raw` stands in the text. */
export function readValues(raw: string, offset: number): Value[] {
  const values: Value[] = [];
  let text = '';
  let start = 0;
  let isQuoted = false;
  let wasQuoted = false;
  const push = (end: number): void => {
    values.push({ text, quoted: wasQuoted, start: offset + start, end: offset + end });
    text = '';
    start = end + 1;
    wasQuoted = false;
  };
  for (let at = 0; at < raw.length; at += 1) {
    const char = raw[at] ?? '';
    if (isQuoted && char === '\\' && at + 1 < raw.length) {
      at += 1;
      text += raw[at];
    } else if (char === '"') {
      isQuoted = !isQuoted;
      wasQuoted = true;
    } else if (char === ',' && !isQuoted) {
      push(at);
    } else {
      text += char;
    }
  }
  push(raw.length);
  // `status:running,` is on its way to a second value.
  return values.filter((value) => value.text !== '' || value.quoted);
}

/** A word with its quotation marks taken off. */
export function readWord(raw: string): { text: string; quoted: boolean } {
  let text = '';
  let isQuoted = false;
  let quoted = false;
  for (let at = 0; at < raw.length; at += 1) {
    const char = raw[at] ?? '';
    if (isQuoted && char === '\\' && at + 1 < raw.length) {
      at += 1;
      text += raw[at];
    } else if (char === '"') {
      isQuoted = !isQuoted;
      quoted = true;
    } else {
      text += char;
    }
  }
  return { text, quoted };
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /\s/.test(char);
}
