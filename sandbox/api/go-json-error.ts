/**
 * Why a text is no JSON, in the words of Go's encoding/json, which clients know from every apiserver.
 * Undefined when it is JSON.
 */
export function goJsonError(text: string): string | undefined {
  let at = 0;
  let why: string | undefined;
  space();
  if (value()) {
    space();
    if (at < text.length) fail('after top-level value');
  }
  return why;

  /** Notes what is wrong with the character at hand; the answer is always false. */
  function fail(where: string): false {
    why =
      at >= text.length
        ? 'unexpected end of JSON input'
        : `invalid character ${quoted(text.charAt(at))} ${where}`;
    return false;
  }

  function space(): void {
    while (' \t\r\n'.includes(text.charAt(at)) && at < text.length) at += 1;
  }

  function value(): boolean {
    const first = text.charAt(at);
    if (first === '{') return fields();
    if (first === '[') return items();
    if (first === '"') return string();
    if (first === 't') return literal('true');
    if (first === 'f') return literal('false');
    if (first === 'n') return literal('null');
    if (first === '-' || isDigit(first)) return number();
    return fail('looking for beginning of value');
  }

  function fields(): boolean {
    at += 1;
    space();
    if (text.charAt(at) === '}') return step();
    for (;;) {
      if (text.charAt(at) !== '"') return fail('looking for beginning of object key string');
      if (!string()) return false;
      space();
      if (text.charAt(at) !== ':') return fail('after object key');
      at += 1;
      space();
      if (!value()) return false;
      space();
      if (text.charAt(at) === '}') return step();
      if (text.charAt(at) !== ',') return fail('after object key:value pair');
      at += 1;
      space();
    }
  }

  function items(): boolean {
    at += 1;
    space();
    if (text.charAt(at) === ']') return step();
    for (;;) {
      if (!value()) return false;
      space();
      if (text.charAt(at) === ']') return step();
      if (text.charAt(at) !== ',') return fail('after array element');
      at += 1;
      space();
    }
  }

  function string(): boolean {
    for (at += 1; text.charAt(at) !== '"'; at += 1) {
      const letter = text.charAt(at);
      if (letter === '' || letter < ' ') return fail('in string literal');
      if (letter !== '\\') continue;
      at += 1;
      if (text.charAt(at) === 'u') {
        for (let digits = 0; digits < 4; digits += 1) {
          at += 1;
          if (!/[0-9a-fA-F]/.test(text.charAt(at))) return fail('in \\u hexadecimal character escape');
        }
      } else if (!'"\\/bfnrt'.includes(text.charAt(at)) || at >= text.length) {
        return fail('in string escape code');
      }
    }
    return step();
  }

  function literal(word: string): boolean {
    for (const letter of word) {
      if (text.charAt(at) !== letter) return fail(`in literal ${word} (expecting ${quoted(letter)})`);
      at += 1;
    }
    return true;
  }

  function number(): boolean {
    if (text.charAt(at) === '-') at += 1;
    if (text.charAt(at) === '0') at += 1;
    else if (!digits()) return fail('in numeric literal');
    if (text.charAt(at) === '.') {
      at += 1;
      if (!digits()) return fail('after decimal point in numeric literal');
    }
    if (/[eE]/.test(text.charAt(at))) {
      at += 1;
      if (/[+-]/.test(text.charAt(at))) at += 1;
      if (!digits()) return fail('in exponent of numeric literal');
    }
    return true;
  }

  function digits(): boolean {
    const start = at;
    while (isDigit(text.charAt(at))) at += 1;
    return at > start;
  }

  function step(): true {
    at += 1;
    return true;
  }
}

function isDigit(letter: string): boolean {
  return letter >= '0' && letter <= '9';
}

function quoted(letter: string): string {
  if (letter === "'") return "'\\''";
  if (letter === '"') return "'\"'";
  return `'${JSON.stringify(letter).slice(1, -1)}'`;
}
