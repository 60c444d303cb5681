import type { Node, YAMLError } from 'yaml';
import { type Text, text } from '@/lib/text';
import { openedBefore } from './locate';
import type { Problem, Range } from './problem';

interface Placed {
  text: string;
  range(from: number, to: number): Range;
}

/** Says a parser's complaint in plain words, at its line. What people paste by mistake is named as such. */
export function syntaxProblem(
  source: Placed,
  document: number,
  error: YAMLError,
  root: Node | null = null,
): Problem {
  const [from, to] = error.pos;
  const line = lineAt(source.text, from);
  const isJsonInARow = source.text[from] === '{' && /^\s*\{/.test(source.text) && from > 0;
  const message = sentence(error, line.text, isJsonInARow);
  // The parser notices at the end of the text; the reader needs the start.
  const opened = OPEN_ENDED.has(message.key) ? openedBefore(root, from) : undefined;
  const end = error.code === 'TAB_AS_INDENT' ? from + 1 : Math.min(to, line.to);
  const range = opened === undefined ? source.range(from, end) : source.range(opened, opened + 1);
  return { severity: 'error', message, document, range };
}

const OPEN_ENDED: ReadonlySet<string> = new Set(['yaml.problem.unclosed', 'yaml.problem.unclosedQuote']);

function sentence(error: YAMLError, line: string, isJsonInARow: boolean): Text {
  const pasted = isJsonInARow ? text('yaml.problem.jsonInARow') : pastedByMistake(line);
  if (pasted) return pasted;
  const words = error.message.split('\n')[0] ?? '';
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return text('yaml.problem.tab');
    case 'BAD_INDENT':
      return /must be sufficiently indented and end with an? ([\]}])/.test(words)
        ? text('yaml.problem.unclosed', { mark: words.slice(-1) })
        : text('yaml.problem.indent');
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
      if (/^\s*(- )?[\w./-]+:[^\s:]+$/.test(line)) return text('yaml.problem.missingSpaceHere');
      return text('yaml.problem.nestedOnOneLine');
    case 'MISSING_CHAR':
      if (/closing ["']/.test(words)) return text('yaml.problem.unclosedQuote');
      if (/Missing closing|must end with/.test(words))
        return text('yaml.problem.unclosed', { mark: words.slice(-1) });
      if (/map keys need to be followed by map values/.test(words)) return text('yaml.problem.missingColon');
      return text('yaml.problem.syntax', { words });
    case 'BAD_SCALAR_START':
      return text('yaml.problem.reservedStart', { mark: /(\S)$/.exec(words)?.[1] ?? '' });
    case 'BAD_ALIAS':
      return text('yaml.problem.badAlias');
    case 'BAD_DQ_ESCAPE':
      return text('yaml.problem.badEscape');
    case 'TAG_RESOLVE_FAILED':
      return text('yaml.problem.unknownTag', { tag: /: (\S+)/.exec(words)?.[1] ?? '' });
    case 'RESOURCE_EXHAUSTION':
      return text('yaml.problem.tooDeep');
    default:
      return text('yaml.problem.syntax', { words });
  }
}

function pastedByMistake(line: string): Text | undefined {
  if (/^\s*(```|~~~)/.test(line)) return text('yaml.problem.markdown');
  if (/^(<{7}|={7}|>{7})( |$)/.test(line)) return text('yaml.problem.mergeMarker');
  if (/\{\{.*(\}\}|$)/.test(line)) return text('yaml.problem.template');
  if (/^\s*<(!doctype|html|\?xml)/i.test(line)) return text('yaml.problem.webPage');
  return undefined;
}

function lineAt(content: string, offset: number): { text: string; to: number } {
  const from = content.lastIndexOf('\n', Math.max(0, offset - 1)) + 1;
  const end = content.indexOf('\n', offset);
  const to = end < 0 ? content.length : end;
  return { text: content.slice(from, to), to: Math.max(to, offset) };
}
