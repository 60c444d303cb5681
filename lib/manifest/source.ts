import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  visit,
} from 'yaml';
import { type Text, text } from '@/lib/text';
import { READ_OPTIONS } from './go-yaml';
import { nodeSpan } from './locate';
import type { Problem, Range } from './problem';
import { syntaxProblem } from './syntax';

/**
 * The longest text that is read, in UTF-16 units. etcd refuses requests over 1.5 MiB, so no object longer than
 * this could be stored, and reading more would stall the page for seconds.
 */
export const MAX_TEXT_LENGTH = 2 * 1024 * 1024;

/** Documents of one text. More than this in one paste is a mistake, not a manifest. */
export const MAX_DOCUMENTS = 500;

/** Aliases may multiply a text at most this much before it counts as an alias bomb. */
const MAX_ALIASES = 100;

/** A text taken apart, with what is needed to find places in it again. */
export interface Source {
  text: string;
  documents: SourceDocument[];
  /** What is wrong with the text itself; documents with such errors have no `value`. */
  problems: Problem[];
  /** Turns offsets into a range with line and column. */
  range(from: number, to: number): Range;
}

export interface SourceDocument {
  /** Position among the text's documents, empty ones included. */
  index: number;
  /** The plain value; undefined when the document could not be read. */
  value: unknown;
  node: Node | null;
}

/** Takes a text with any number of YAML or JSON documents apart. Never throws. */
export function parseSource(content: string): Source {
  const lines = new LineCounter();
  const range = (from: number, to: number): Range => {
    const { line, col } = lines.linePos(from);
    return { from, to: Math.max(from, to), line: Math.max(1, line), column: Math.max(1, col) };
  };
  const source: Source = { text: content, documents: [], problems: [], range };
  const whole = (message: Text): Source => {
    lines.addNewLine(0);
    const end = content.indexOf('\n');
    source.problems.push({
      severity: 'error',
      message,
      document: 0,
      range: range(0, end < 0 ? content.length : end),
    });
    return source;
  };

  if (content.length > MAX_TEXT_LENGTH) {
    return whole(
      text('yaml.problem.tooLong', {
        size: mebibytes(content.length),
        limit: mebibytes(MAX_TEXT_LENGTH),
      }),
    );
  }
  let parsed: Document.Parsed[];
  try {
    const result = parseAllDocuments(content, { ...READ_OPTIONS, lineCounter: lines });
    parsed = Array.isArray(result) ? result : [];
  } catch (error) {
    // The parser is recursive: only a text made to do so exhausts the stack.
    return whole(text(error instanceof RangeError ? 'yaml.problem.tooDeep' : 'yaml.problem.unreadable'));
  }
  if (parsed.length > MAX_DOCUMENTS) {
    return whole(text('yaml.problem.tooManyDocuments', { count: parsed.length, limit: MAX_DOCUMENTS }));
  }
  parsed.forEach((document, index) => {
    source.documents.push(readDocument(source, document, index));
  });
  return source;
}

function readDocument(source: Source, document: Document.Parsed, index: number): SourceDocument {
  const node = document.contents as Node | null;
  const unreadable: SourceDocument = { index, value: undefined, node };
  const [first] = [...document.errors].sort((a, b) => a.pos[0] - b.pos[0]);
  if (first) {
    // Later errors follow from the first one more often than not.
    source.problems.push(syntaxProblem(source, index, first, node));
    return unreadable;
  }
  for (const warning of document.warnings) {
    source.problems.push({ ...syntaxProblem(source, index, warning), severity: 'warning' });
  }
  const badKeys = keyProblems(source, index, node);
  source.problems.push(...badKeys);
  if (badKeys.length > 0) return unreadable;
  try {
    return { index, node, value: document.toJS({ maxAliasCount: MAX_ALIASES }) };
  } catch (error) {
    const alias =
      error instanceof ReferenceError && /Unresolved alias/.test(error.message)
        ? (error.message.split(': ').at(-1) ?? '')
        : undefined;
    const message =
      error instanceof RangeError
        ? text('yaml.problem.tooDeep')
        : alias !== undefined
          ? text('yaml.problem.unknownAlias', { name: alias })
          : text('yaml.problem.aliasBomb');
    const from = (alias !== undefined && aliasStart(document, alias)) || (node?.range?.[0] ?? 0);
    const end = source.text.indexOf('\n', from);
    source.problems.push({
      severity: 'error',
      message,
      document: index,
      range: source.range(from, end < 0 ? source.text.length : end),
    });
    return unreadable;
  }
}

/** Where the first alias of a name stands. */
function aliasStart(document: Document, name: string): number | undefined {
  let start: number | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.source !== name) return undefined;
      start = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return start;
}

/** Keys that stand twice in one mapping, and keys that are no plain words (what `{{ .Values.name }}` reads as). */
function keyProblems(source: Source, index: number, root: Node | null): Problem[] {
  const found: Problem[] = [];
  const complain = (message: Text, key: unknown) => {
    const [from, to] = nodeSpan(key) ?? [0, 0];
    found.push({ severity: 'error', message, document: index, range: source.range(from, to) });
  };
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    if (isSeq(node)) waiting.push(...node.items);
    if (!isMap(node)) continue;
    const seen = new Set<string>();
    for (const pair of node.items) {
      waiting.push(pair.value);
      if (isMap(pair.key) || isSeq(pair.key)) {
        const from = pair.key.range?.[0] ?? 0;
        const isTemplate = source.text.slice(Math.max(0, from - 1), from + 2).includes('{{');
        complain(text(isTemplate ? 'yaml.problem.template' : 'yaml.problem.complexKey'), pair.key);
      } else if (isScalar(pair.key)) {
        const key = String(pair.key.value);
        if (seen.has(key) && key !== '<<') complain(text('yaml.problem.duplicateKey', { key }), pair.key);
        seen.add(key);
      }
    }
  }
  return found;
}

function mebibytes(length: number): string {
  return (length / (1024 * 1024)).toFixed(1);
}
