import { isMap, isPair, isScalar, LineCounter, parseAllDocuments, visit } from 'yaml';

const SPACE = /[\s]/;

/** Findings of strict decoding in a JSON text that parses: each field that a map says twice, once. */
export function duplicateJsonFields(text: string): string[] {
  const found = new Set<string>();
  let at = 0;
  value('');
  return [...found].map((path) => `duplicate field ${JSON.stringify(path)}`);

  function skipSpace(): void {
    while (at < text.length && SPACE.test(text.charAt(at))) at += 1;
  }

  function string(): string {
    const start = at;
    for (at += 1; text.charAt(at) !== '"' && at < text.length; at += 1) if (text.charAt(at) === '\\') at += 1;
    at += 1;
    return JSON.parse(text.slice(start, at)) as string;
  }

  function value(path: string): void {
    skipSpace();
    const first = text.charAt(at);
    if (first === '{') fields(path);
    else if (first === '[') items(path);
    else if (first === '"') string();
    else while (at < text.length && !/[\s,\]}]/.test(text.charAt(at))) at += 1;
    skipSpace();
  }

  function fields(path: string): void {
    const names = new Set<string>();
    at += 1;
    skipSpace();
    while (at < text.length && text.charAt(at) !== '}') {
      const name = string();
      const inner = path ? `${path}.${name}` : name;
      if (names.has(name)) found.add(inner);
      names.add(name);
      skipSpace();
      at += 1;
      value(inner);
      if (text.charAt(at) === ',') at += 1;
      skipSpace();
    }
    at += 1;
  }

  function items(path: string): void {
    at += 1;
    skipSpace();
    for (let index = 0; at < text.length && text.charAt(at) !== ']'; index += 1) {
      value(`${path}[${index}]`);
      if (text.charAt(at) === ',') at += 1;
      skipSpace();
    }
    at += 1;
  }
}

/** What a strict YAML decoder says about keys that come twice, or undefined when none does. */
export function duplicateYamlKeys(text: string): string | undefined {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false });
  const found: string[] = [];
  for (const document of 'empty' in documents ? [] : documents) {
    visit(document, {
      Map(_key, map) {
        const seen = new Set<unknown>();
        for (const pair of isMap(map) ? map.items : []) {
          if (!isPair(pair) || !isScalar(pair.key)) continue;
          const { value: name, range } = pair.key;
          const line = lines.linePos(range?.[0] ?? 0).line;
          if (seen.has(name)) found.push(`  line ${line}: key ${JSON.stringify(name)} already set in map`);
          seen.add(name);
        }
      },
    });
  }
  return found.length > 0 ? `yaml: unmarshal errors:\n${found.join('\n')}` : undefined;
}
