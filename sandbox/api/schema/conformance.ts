import { resolve, TIMES } from './definitions';
import type { Schema } from './schema-type';

/** One way in which a value is not what its schema says; the text is that of go-openapi's validator. */
export interface Deviation {
  path: string;
  kind: 'required' | 'type';
  /** JSON type of what was found instead. */
  found?: string;
  message: string;
}

/**
 * Compares types and required fields, as go-openapi's schema validator does: list items are addressed with dots
 * (`spec.disks.0.name`), null is a type of its own.
 */
export function deviations(value: unknown, schema: Schema, path: string): Deviation[] {
  const list: Deviation[] = [];
  compare(value, schema, path, list);
  return list;
}

function compare(value: unknown, given: Schema, path: string, list: Deviation[]): void {
  const schema = resolve(given);
  const found = jsonType(value);
  const allowed = allowedTypes(schema);
  // Clients send null for times that are not set, such as creationTimestamp.
  const nullable = given.nullable || schema.nullable || TIMES.includes(given.$ref ?? '');
  if (found === 'null' && nullable) return;
  if (
    allowed.length > 0 &&
    !allowed.includes(found) &&
    !(found === 'integer' && allowed.includes('number'))
  ) {
    const message = `${path} in body must be of type ${allowed.join(',')}: "${found}"`;
    list.push({ path, kind: 'type', found, message });
    return;
  }
  if (Array.isArray(value)) {
    if (schema.items)
      for (const [index, item] of value.entries()) compare(item, schema.items, `${path}.${index}`, list);
  } else if (typeof value === 'object' && value !== null) {
    compareFields(value as Record<string, unknown>, schema, path, list);
  }
}

function compareFields(
  fields: Record<string, unknown>,
  schema: Schema,
  path: string,
  list: Deviation[],
): void {
  const at = (name: string) => (path ? `${path}.${name}` : name);
  for (const [name, field] of Object.entries(fields)) {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (known) compare(field, known, at(name), list);
  }
  for (const name of schema.required ?? []) {
    if (name in fields) continue;
    list.push({ path: at(name), kind: 'required', message: `${at(name)} in body is required` });
  }
}

function allowedTypes(schema: Schema): string[] {
  if (schema.type) return [schema.type];
  const choices = schema.oneOf?.map(({ type }) => type ?? '') ?? [];
  // Quantities: go-openapi is told string, integer and number.
  return choices.includes('number') ? ['string', 'integer', 'number'] : choices;
}

/** go-openapi sees every number as a float64, and takes one beyond 2^53 for no integer (swag.IsFloat64AJSONInteger). */
function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number';
  return typeof value;
}
