import { type Document, isMap, LineCounter, type Node, parseDocument, type Tags } from 'yaml';
import { isJsonObject, type JsonObject } from '@/lib/k8s/json';
import { text } from '@/lib/text';
import type { Problem, Range } from '../problem';

/**
 * What user data is, told from its beginning as cloud-init does (cloudinit/handlers/__init__.py). Only `cloud-config`
 * can be shown as a form.
 */
export type UserDataKind =
  | 'empty'
  | 'cloud-config'
  | 'script'
  | 'jinja'
  | 'include'
  | 'boothook'
  | 'part-handler'
  | 'archive'
  | 'jsonp'
  | 'multipart'
  /** cloud-init passes it over: nothing at its beginning says what it is. */
  | 'unknown';

const BEGINNINGS: readonly (readonly [RegExp, UserDataKind])[] = [
  [/^## template: *jinja/i, 'jinja'],
  [/^#cloud-config-archive/i, 'archive'],
  [/^#cloud-config-jsonp/i, 'jsonp'],
  [/^#cloud-config/i, 'cloud-config'],
  [/^#cloud-boothook/i, 'boothook'],
  [/^#include/i, 'include'],
  [/^#part-handler/i, 'part-handler'],
  [/^#!/, 'script'],
  [/^(content-type|mime-version):/i, 'multipart'],
];

export function userDataKind(content: string): UserDataKind {
  const start = content.trimStart();
  if (start === '') return 'empty';
  return BEGINNINGS.find(([beginning]) => beginning.test(start))?.[1] ?? 'unknown';
}

/** User data, or network data, read as YAML. */
export interface ConfigReading {
  kind: UserDataKind;
  /** The mapping; undefined when the text is no cloud-config or cannot be read. An empty one for a mere header. */
  config: JsonObject | undefined;
  /** Errors of the YAML and of its header. */
  problems: Problem[];
  node: Node | null;
  range(from: number, to: number): Range;
}

const OPAQUE_TAGS = ['tag:yaml.org,2002:binary', 'tag:yaml.org,2002:timestamp'];

/**
 * cloud-init reads with PyYAML, which knows YAML 1.1: `yes` is true and 0644 is octal. Bytes and dates stay the words
 * that they were written in.
 */
export const CLOUD_CONFIG_YAML = {
  version: '1.1',
  merge: true,
  prettyErrors: false,
  uniqueKeys: false,
  logLevel: 'silent',
  customTags: (tags: Tags): Tags =>
    tags.filter((tag) => typeof tag === 'string' || !OPAQUE_TAGS.includes(tag.tag ?? '')),
} as const;

/** Reads user data. Never throws. */
export function readUserData(content: string): ConfigReading {
  const kind = userDataKind(content);
  const reading = kind === 'cloud-config' || kind === 'unknown' ? readConfig(content) : undefined;
  if (kind === 'cloud-config' && reading) return { ...reading, kind };
  const range = reading?.range ?? linesOf(content);
  const end = content.indexOf('\n');
  const first = range(0, end < 0 ? content.length : end);
  const problems: Problem[] =
    kind === 'unknown'
      ? [{ severity: 'error', message: text('guest.problem.header'), range: first, document: 0 }]
      : [];
  return { kind, config: kind === 'empty' ? {} : undefined, problems, node: null, range };
}

/** Reads a text as one mapping, e.g. network data, whose kind its place tells. Never throws. */
export function readConfig(content: string): ConfigReading {
  const lines = new LineCounter();
  const range = rangeBy(lines);
  const failed = (message: Problem['message'], from: number, to: number): ConfigReading => ({
    kind: 'cloud-config',
    config: undefined,
    problems: [{ severity: 'error', message, range: range(from, to), document: 0 }],
    node: null,
    range,
  });
  let document: Document.Parsed;
  let value: unknown;
  try {
    document = parseDocument(content, { ...CLOUD_CONFIG_YAML, lineCounter: lines });
    const [error] = document.errors;
    if (error) {
      const said = error.message.split('\n')[0] ?? '';
      return failed(text('guest.problem.yaml', { said }), error.pos[0], error.pos[1]);
    }
    value = document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    // Aliases that lead nowhere or multiply, and texts that are made to exhaust the parser.
    return failed(text('guest.problem.yaml', { said: String(error) }), 0, 0);
  }
  const node = document.contents as Node | null;
  if (value === null || value === undefined)
    return { kind: 'cloud-config', config: {}, problems: [], node, range };
  if (!isMap(node) || !isJsonObject(value)) {
    const from = node?.range?.[0] ?? 0;
    return failed(text('guest.problem.notAMapping'), from, node?.range?.[1] ?? from);
  }
  return { kind: 'cloud-config', config: value, problems: [], node, range };
}

function rangeBy(lines: LineCounter) {
  return (from: number, to: number): Range => {
    const { line, col } = lines.linePos(from);
    return { from, to: Math.max(from, to), line: Math.max(1, line), column: Math.max(1, col) };
  };
}

function linesOf(content: string) {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = content.indexOf('\n'); at >= 0; at = content.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return rangeBy(lines);
}
