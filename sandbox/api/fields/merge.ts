import { isRecord } from '../patch';
import type { Schema } from '../schema/schema-type';
import { emptySet, type FieldSet, type Step } from './field-set';
import { fieldSchema, fieldType, isDeclared, itemStep, type ListType } from './field-type';

type Json = Record<string, unknown>;

/** What `live` becomes when `config` is laid over it. Leaves its arguments alone. */
export function mergeFields(live: unknown, config: unknown, schema: Schema | undefined): unknown {
  const type = fieldType(schema, config);
  if (type.as === 'list') return mergeItems(type, Array.isArray(live) ? live : [], config as unknown[]);
  if (type.as !== 'map') return config;
  const merged: Json = isRecord(live) ? { ...live } : {};
  for (const [name, value] of Object.entries(config as Json)) {
    merged[name] = mergeFields(merged[name], value, fieldSchema(type, name));
  }
  return merged;
}

/** The configuration decides the order of its items; live items that it does not name keep their places between them. */
function mergeItems(type: ListType, live: readonly unknown[], config: readonly unknown[]): unknown[] {
  const wanted = config.map((item) => ({ item, step: stepOf(type, item) }));
  const named = new Set(wanted.map(({ step }) => step));
  const present = new Map<Step | undefined, unknown>();
  for (const item of live) if (!present.has(stepOf(type, item))) present.set(stepOf(type, item), item);
  const merged: unknown[] = [];
  const taken = new Set<Step | undefined>();
  const take = (step: Step | undefined, item: unknown) => {
    taken.add(step);
    merged.push(mergeFields(step === undefined ? undefined : present.get(step), item, type.items));
  };
  let next = 0;
  for (const item of live) {
    const step = stepOf(type, item);
    if (!named.has(step)) {
      merged.push(item);
      continue;
    }
    // Everything that the configuration puts before this item comes first.
    while (!taken.has(step) && next < wanted.length) {
      const candidate = wanted[next];
      next += 1;
      if (candidate && !taken.has(candidate.step)) take(candidate.step, candidate.item);
    }
  }
  for (const { item, step } of wanted.slice(next)) if (!taken.has(step)) take(step, item);
  return merged;
}

/** `value` without the members of `set`, and without what is below them. Leaves its arguments alone. */
export function removeFields(value: unknown, set: FieldSet, schema: Schema | undefined): unknown {
  const type = fieldType(schema, value);
  if (type.as === 'list') {
    const kept = (value as unknown[]).flatMap((item) => {
      const step = stepOf(type, item);
      if (step === undefined) return [item];
      if (set.members.has(step)) return [];
      const below = set.children.get(step);
      return [below ? removeFields(item, below, type.items) : item];
    });
    return kept.length > 0 ? kept : undefined;
  }
  if (type.as !== 'map') return value;
  const kept: Json = {};
  for (const [name, field] of Object.entries(value as Json)) {
    const step = `f:${name}`;
    if (set.members.has(step)) continue;
    const below = set.children.get(step);
    const left = below ? removeFields(field, below, fieldSchema(type, name)) : field;
    if (left !== undefined) kept[name] = left;
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

/**
 * The set with every struct field that it goes through as a member: who owns `spec.template.x` has a hand in
 * `spec.template`. Maps and items of lists are members only when they were named.
 */
export function withParents(set: FieldSet, schema: Schema | undefined): FieldSet {
  const result = { members: new Set(set.members), children: emptySet().children };
  for (const [step, below] of set.children) {
    const type = fieldType(schema, step.startsWith('f:') ? {} : []);
    let inner: Schema | undefined;
    if (type.as === 'map') {
      const name = step.slice(2);
      if (isDeclared(type, name)) result.members.add(step);
      inner = fieldSchema(type, name);
    } else if (type.as === 'list') inner = type.items;
    result.children.set(step, withParents(below, inner));
  }
  return result;
}

function stepOf(type: ListType, item: unknown): Step | undefined {
  const place = itemStep(type, item);
  return 'step' in place ? place.step : undefined;
}
