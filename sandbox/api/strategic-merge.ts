import { badRequest } from './errors';
import { isRecord } from './patch';
import { resolve } from './schema/definitions';
import type { Schema } from './schema/schema-type';

type Json = Record<string, unknown>;

const DELETE_VALUES = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

/**
 * Kubernetes' strategic merge patch for built-in kinds: maps merge, lists merge or are replaced as the schema's
 * `x-kubernetes-patch-strategy` and `x-kubernetes-patch-merge-key` say, and the directives `$patch`, `$retainKeys`,
 * `$deleteFromPrimitiveList` and `$setElementOrder` are honoured. Leaves its arguments alone.
 * @throws ApiError 400 for an unknown directive or an item without its key.
 */
export function strategicMerge(target: unknown, patch: Json, schema: Schema | undefined): Json {
  const directive = patch.$patch;
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`Unknown patch type '${String(directive)}' in map: ${JSON.stringify(patch)}`);
  }
  const merged: Json = isRecord(target) ? { ...target } : {};
  retainKeys(merged, patch);
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue;
    if (value === null) delete merged[field];
    else if (Array.isArray(value))
      merged[field] = mergeList(field, merged[field], value, rules(schema, field));
    else if (isRecord(value)) mergeField(merged, field, value, rules(schema, field));
    else merged[field] = value;
  }
  for (const [directiveName, values] of Object.entries(patch)) {
    if (!Array.isArray(values)) continue;
    if (directiveName.startsWith(DELETE_VALUES)) {
      const field = directiveName.slice(DELETE_VALUES.length);
      if (Array.isArray(merged[field]))
        merged[field] = merged[field].filter((value) => !values.includes(value));
    } else if (directiveName.startsWith(ORDER)) {
      const field = directiveName.slice(ORDER.length);
      if (Array.isArray(merged[field]))
        merged[field] = inOrder(merged[field], values, rules(schema, field).key);
    }
  }
  return merged;
}

interface Rules {
  schema: Schema | undefined;
  /** Of the items of a list. */
  items: Schema | undefined;
  strategies: readonly string[];
  /** What tells the items of a merged list apart; none for plain values. */
  key: string | undefined;
}

function rules(parent: Schema | undefined, field: string): Rules {
  const given = parent && resolve(parent);
  const schema = given?.properties?.[field] ?? given?.additionalProperties;
  const strategy = schema?.['x-kubernetes-patch-strategy'] ?? '';
  const key = schema?.['x-kubernetes-patch-merge-key'];
  return { schema, items: schema && resolve(schema).items, strategies: strategy.split(','), key };
}

function mergeField(merged: Json, field: string, value: Json, { schema, strategies }: Rules): void {
  if (value.$patch === 'delete') delete merged[field];
  else if (strategies.includes('replace')) merged[field] = withoutDirectives(value);
  else merged[field] = strategicMerge(merged[field], value, schema);
}

function mergeList(
  field: string,
  target: unknown,
  patch: unknown[],
  { strategies, key, items }: Rules,
): unknown[] {
  const current = Array.isArray(target) ? target : [];
  if (!strategies.includes('merge')) return replaced(patch);
  if (!key) return [...new Set([...current, ...patch])];
  if (patch.some((item) => isRecord(item) && item.$patch === 'replace')) return replaced(patch);
  const merged = [...current];
  for (const item of patch) {
    if (!isRecord(item)) throw badRequest(`expected an object in list ${field}`);
    if (item[key] === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const position = merged.findIndex((other) => isRecord(other) && other[key] === item[key]);
    if (item.$patch === 'delete') {
      if (position >= 0) merged.splice(position, 1);
    } else if (position >= 0) {
      merged[position] = strategicMerge(merged[position], item, items);
    } else {
      merged.push(withoutDirectives(item));
    }
  }
  return merged;
}

function replaced(patch: unknown[]): unknown[] {
  return patch
    .filter((item) => !(isRecord(item) && item.$patch !== undefined && Object.keys(item).length === 1))
    .map((item) => (isRecord(item) ? withoutDirectives(item) : item));
}

/** Sorts what the order names; the rest keeps its place behind. */
function inOrder(items: unknown[], order: unknown[], key: string | undefined): unknown[] {
  const rank = (item: unknown) => {
    const at = order.findIndex((wanted) =>
      key && isRecord(item) && isRecord(wanted) ? wanted[key] === item[key] : wanted === item,
    );
    return at < 0 ? order.length : at;
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}

function retainKeys(merged: Json, patch: Json): void {
  if (!Array.isArray(patch.$retainKeys)) return;
  for (const field of Object.keys(merged)) if (!patch.$retainKeys.includes(field)) delete merged[field];
}

function withoutDirectives(patch: Json): Json {
  const fields = Object.entries(patch).filter(([field, value]) => !field.startsWith('$') && value !== null);
  return Object.fromEntries(
    fields.map(([field, value]) => [
      field,
      isRecord(value) ? withoutDirectives(value) : Array.isArray(value) ? replaced(value) : value,
    ]),
  );
}
