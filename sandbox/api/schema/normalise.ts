import { canonicalQuantity } from '../admission/quantity';
import { QUANTITY, resolve } from './definitions';
import type { Schema } from './schema-type';

/**
 * Rewrites `value` in place as a trip through a Go struct does, which is what virt-api's mutators and the apiserver's
 * typed kinds put every object through: quantities in canonical spelling (`1024Mi` is `1Gi`), no nulls
 * (an item that is null becomes the zero value of its type).
 */
export function normalise(value: unknown, given: Schema): void {
  const schema = resolve(given);
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return;
    for (const [index, item] of value.entries()) {
      if (item === null) value[index] = zeroValue(items);
      else normalise(item, items);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(fields)) {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (!known) continue;
    if (field === null) delete fields[name];
    else if (known.$ref !== QUANTITY) normalise(field, known);
    else if (typeof field === 'string' || typeof field === 'number') fields[name] = canonicalQuantity(field);
  }
}

function zeroValue(given: Schema): unknown {
  const { type } = resolve(given);
  if (type === 'object') return {};
  if (type === 'array') return [];
  if (type === 'boolean') return false;
  return type === 'integer' || type === 'number' ? 0 : '';
}
