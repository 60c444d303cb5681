import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import { type Text, text } from '@/lib/text';
import { nodeSpan } from '../locate';
import type { Problem, Severity } from '../problem';
import type { Reading } from '../read';
import type { SchemasOf } from './document-schema';
import { nearest } from './nearest';
import type { JsonType, Schemas, Shape } from './openapi';

/** Fields that the general check of manifests speaks of, or that only the server writes. */
const NOT_HERE: ReadonlySet<string> = new Set(['status', 'metadata.managedFields']);

/** What the schemas say against a text. The server has the last word, so none of it keeps a manifest from being sent. */
export function lintManifests(reading: Reading, schemasOf: SchemasOf): Problem[] {
  return reading.manifests.flatMap((manifest) => {
    const schemas = schemasOf(manifest.apiVersion);
    const schema = schemas?.root(manifest.apiVersion, manifest.kind);
    const node = nodeOf(manifest.document.node, manifest.base);
    if (!schemas || !schema || !isMap(node)) return [];
    const lint = new Lint(reading, manifest.document.index, schemas);
    lint.mapping(node, schemas.shape(schema), []);
    return lint.problems;
  });
}

/** Both, in the order of the text; where the general check or the server speaks of a place, the schema is silent. */
export function withSchemaProblems(problems: readonly Problem[], found: readonly Problem[]): Problem[] {
  const news = found.filter(
    ({ document, range }) =>
      !problems.some((each) => {
        if (each.document !== document || each.severity === 'info') return false;
        return each.range.from <= range.to && range.from <= each.range.to;
      }),
  );
  return [...problems, ...news].sort((a, b) => a.range.from - b.range.from);
}

class Lint {
  readonly problems: Problem[] = [];

  constructor(
    readonly reading: Pick<Reading, 'source'>,
    readonly document: number,
    readonly schemas: Schemas,
  ) {}

  mapping(map: YAMLMap, shape: Shape, path: readonly string[]): void {
    const present = new Set(map.items.map(({ key }) => keyOf(key)));
    for (const pair of map.items) this.#pair(pair, shape, path, present);
    // A merge key may bring anything in.
    if (present.has('<<')) return;
    const missing = shape.required.filter((key) => !present.has(key));
    for (const key of missing) {
      if (path.length === 0 && ['apiVersion', 'kind', 'metadata'].includes(key)) continue;
      const parent = path.at(-1);
      const message =
        parent === undefined
          ? text('editor.lint.required', { field: key })
          : text('editor.lint.requiredIn', { field: key, parent });
      this.#say('error', message, map);
    }
  }

  #pair(pair: Pair, shape: Shape, path: readonly string[], present: ReadonlySet<string>): void {
    const key = keyOf(pair.key);
    const inner = [...path, key];
    if (key === '<<' || NOT_HERE.has(inner.join('.'))) return;
    const schema = shape.properties.get(key) ?? shape.rest;
    if (!schema) {
      if (shape.isOpen) return;
      const meant = nearest(
        key,
        [...shape.properties.keys()].filter((each) => !present.has(each)),
      );
      const message = meant
        ? text('editor.lint.unknownMeant', { field: key, meant })
        : text('editor.lint.unknown', { field: key });
      this.#say('warning', message, pair.key);
      return;
    }
    const child = this.schemas.shape(schema);
    if (child.isDeprecated && shape.properties.has(key)) {
      this.#say('info', text('editor.lint.deprecated', { field: key }), pair.key);
    }
    this.#value(pair.value, child, inner, pair.key);
  }

  #value(node: unknown, shape: Shape, path: readonly string[], key: unknown): void {
    if (isAlias(node) || node === null || node === undefined) return;
    const actual = typeOf(node);
    // The API drops nulls.
    if (actual === undefined) return;
    if (shape.types && !fits(actual, shape)) {
      const message = text('editor.lint.type', {
        field: path.at(-1) ?? '',
        expected: expectedOf(shape),
        actual,
      });
      this.#say('error', message, isScalar(node) ? node : key);
      return;
    }
    if (isMap(node)) this.mapping(node, shape, path);
    else if (isSeq(node)) this.#list(node.items, shape, path, key);
    else if (isScalar(node)) this.#scalar(node, node.value, shape, path);
  }

  #list(items: readonly unknown[], shape: Shape, path: readonly string[], key: unknown): void {
    if (!shape.items) return;
    const inner = this.schemas.shape(shape.items);
    const seen = new Set<string>();
    for (const item of items) {
      this.#value(item, inner, path, key);
      if (shape.listKeys.length === 0 || !isMap(item)) continue;
      const name = shape.listKeys.map((each) => String(item.get(each) ?? '')).join(' ');
      const isWhole = shape.listKeys.every((each) => item.has(each));
      if (isWhole && seen.has(name)) {
        this.#say('error', text('editor.lint.twice', { keys: shape.listKeys.join(', '), name }), item);
      }
      seen.add(name);
    }
  }

  #scalar(node: Node, value: unknown, shape: Shape, path: readonly string[]): void {
    const field = path.at(-1) ?? '';
    if (shape.values && !shape.values.includes(value)) {
      const values = shape.values.map(String);
      const meant = nearest(String(value), values);
      const message = meant
        ? text('editor.lint.valueMeant', { field, value: String(value), meant })
        : text('editor.lint.value', { field, value: String(value), values: values.slice(0, 12).join(', ') });
      this.#say('error', message, node);
    }
    if (typeof value !== 'number') return;
    if (shape.minimum !== undefined && value < shape.minimum) {
      this.#say('error', text('editor.lint.least', { field, limit: shape.minimum }), node);
    }
    if (shape.maximum !== undefined && value > shape.maximum) {
      this.#say('error', text('editor.lint.most', { field, limit: shape.maximum }), node);
    }
  }

  #say(severity: Severity, message: Text, at: unknown): void {
    const { source } = this.reading;
    const [from, to] = nodeSpan(at) ?? [0, 0];
    const end = source.text.indexOf('\n', from);
    const range = source.range(from, Math.min(to, end < 0 ? source.text.length : end));
    this.problems.push({ severity, message, document: this.document, range });
  }
}

function nodeOf(root: Node | null, base: readonly (string | number)[]): unknown {
  return base.reduce<unknown>((node, step) => {
    if (isMap(node)) return node.get(step, true);
    return isSeq(node) ? node.get(step, true) : undefined;
  }, root);
}

function keyOf(key: unknown): string {
  // The parser has a symbol for `<<`.
  if (isScalar(key) && typeof key.value === 'symbol') return '<<';
  return isScalar(key) ? String(key.value) : '';
}

/** Of a value as Kubernetes reads it; undefined for null. */
function typeOf(node: unknown): JsonType | undefined {
  if (isMap(node)) return 'object';
  if (isSeq(node)) return 'array';
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === 'string' || typeof value === 'boolean') return typeof value as JsonType;
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return undefined;
}

function fits(actual: JsonType, { types }: Shape): boolean {
  if (!types || types.has(actual)) return true;
  // An amount may be 0.5; the schemas of custom resources say integer or text of it.
  const isNumber = actual === 'integer' || actual === 'number';
  return isNumber && (types.has('number') || (types.has('integer') && types.has('string')));
}

/** A key of the catalogue's choice: one type, or `other` for several. */
function expectedOf({ types }: Shape): string {
  const [only, ...more] = types ?? [];
  return only !== undefined && more.length === 0 ? only : 'other';
}
