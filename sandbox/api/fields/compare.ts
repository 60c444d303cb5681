import { isDeepStrictEqual } from 'node:util';
import type { Schema } from '../schema/schema-type';
import { emptySet, type FieldSet, insert, type Step } from './field-set';
import {
  fieldSchema,
  fieldType,
  isDeclared,
  isKnown,
  itemStep,
  itemsByStep,
  type ListType,
} from './field-type';

type Json = Record<string, unknown>;

export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

/** Which paths a change from `before` to `after` adds, modifies and removes; fields that the schema lacks don't count. */
export function compareFields(before: unknown, after: unknown, schema: Schema | undefined): Comparison {
  const comparison = { added: emptySet(), modified: emptySet(), removed: emptySet() };
  visit(before, after, schema, [], comparison);
  return comparison;
}

function visit(
  before: unknown,
  after: unknown,
  schema: Schema | undefined,
  path: Step[],
  into: Comparison,
): void {
  if (before === after) return;
  const was = fieldType(schema, before);
  const is = fieldType(schema, after);
  const type = isNothing(after) ? was : is;
  // What changes its shape changes as a whole; null fits every shape.
  const mixed = !isNothing(before) && !isNothing(after) && was.as !== is.as;
  if (mixed || type.as === 'leaf' || (isBare(before) && isBare(after))) {
    leaf(before, after, path, into);
    return;
  }
  if (type.as === 'list') {
    const old = itemsByStep(type, listOf(before));
    const now = itemsByStep(type, listOf(after));
    for (const step of new Set([...old.keys(), ...now.keys()])) {
      visit(old.get(step), now.get(step), type.items, [...path, step], into);
    }
  } else {
    const old = fieldsOf(before);
    const now = fieldsOf(after);
    for (const name of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (!isKnown(type, name)) continue;
      visit(old[name], now[name], fieldSchema(type, name), [...path, `f:${name}`], into);
    }
  }
  if (path.length === 0) return;
  if (before === undefined) insert(into.added, path);
  else if (after === undefined) insert(into.removed, path);
}

function leaf(before: unknown, after: unknown, path: Step[], into: Comparison): void {
  if (before === undefined) insert(into.added, path);
  else if (after === undefined) insert(into.removed, path);
  else if (!isDeepStrictEqual(before, after)) insert(into.modified, path);
}

/** What is wrong with a configuration: the path and the reason, in structured-merge-diff's words. */
export type Flaw = { path: Step[]; why: string };

/** The paths that an applied configuration names. `flaws` collects what its schema does not allow. */
export function configuredFields(value: unknown, schema: Schema | undefined, flaws: Flaw[]): FieldSet {
  const set = emptySet();
  collect(value, schema, [], set, flaws);
  return set;
}

function collect(
  value: unknown,
  schema: Schema | undefined,
  path: Step[],
  set: FieldSet,
  flaws: Flaw[],
): void {
  const type = fieldType(schema, value);
  if (type.as === 'leaf') {
    insert(set, path);
  } else if (type.as === 'list') {
    collectItems(type, listOf(value), path, set, flaws);
  } else {
    for (const [name, field] of Object.entries(fieldsOf(value))) {
      const at: Step[] = [...path, `f:${name}`];
      if (!isKnown(type, name)) {
        flaws.push({ path: at, why: 'field not declared in schema' });
        continue;
      }
      collect(field, fieldSchema(type, name), at, set, flaws);
      const bare = field === null || (isFields(field) && Object.keys(field).length === 0);
      if (bare || !isDeclared(type, name)) insert(set, at);
    }
  }
}

function collectItems(type: ListType, items: unknown[], path: Step[], set: FieldSet, flaws: Flaw[]): void {
  const seen = new Set<Step>();
  for (const [index, item] of items.entries()) {
    const place = itemStep(type, item);
    if ('missing' in place) {
      const why = `element ${index}: associative list with keys has an element that omits key field ${JSON.stringify(place.missing)} (and doesn't have default value)`;
      flaws.push({ path, why });
      continue;
    }
    const at = [...path, place.step];
    if (seen.has(place.step)) flaws.push({ path, why: `duplicate entries for key ${keyText(place.step)}` });
    seen.add(place.step);
    collect(item, type.items, at, set, flaws);
    insert(set, at);
  }
}

function keyText(step: Step): string {
  if (step.startsWith('v:')) return `[=${step.slice(2)}]`;
  const keys = Object.entries(JSON.parse(step.slice(2)) as Json);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isBare(value: unknown): boolean {
  return isNothing(value) || (typeof value === 'object' && Object.keys(value as object).length === 0);
}

function isFields(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Json {
  return isFields(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
