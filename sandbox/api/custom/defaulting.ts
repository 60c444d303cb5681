import { plainCopy } from '../metadata';
import { resolve } from '../schema/definitions';
import type { Schema } from '../schema/schema-type';

/**
 * Fills in the defaults of a structural schema. Nulls in fields that may not be null count as absent: they go, and the
 * default comes in their place where there is one. Edits `value`.
 */
export function applyDefaults(value: unknown, given: Schema): void {
  const schema = resolve(given);
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) applyDefaults(item, schema.items);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const fields = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (fields[name] === null && !field.nullable && !field.$ref) delete fields[name];
    if (fields[name] === undefined && field.default !== undefined) fields[name] = plainCopy(field.default);
    if (name in fields && !field.$ref) applyDefaults(fields[name], field);
  }
  const { additionalProperties } = schema;
  if (!additionalProperties) return;
  for (const [name, field] of Object.entries(fields)) {
    if (schema.properties && name in schema.properties) continue;
    if (field === null && !additionalProperties.nullable && additionalProperties.type) delete fields[name];
    else applyDefaults(field, additionalProperties);
  }
}
