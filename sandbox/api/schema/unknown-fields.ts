import { resolve } from './definitions';
import type { Schema } from './schema-type';

/**
 * Removes from `value` what its schema does not name, as the apiserver prunes objects before it admits them, and
 * returns the paths removed, sorted, in the notation of its warnings (`spec.disks[0].colour`).
 */
export function pruneUnknownFields(value: unknown, schema: Schema): string[] {
  const removed: string[] = [];
  prune(value, schema, '', removed);
  return removed.sort();
}

function prune(value: unknown, given: Schema, path: string, removed: string[]): void {
  const schema = resolve(given);
  if (Array.isArray(value)) {
    if (!schema.items) return;
    for (const [index, item] of value.entries()) prune(item, schema.items, `${path}[${index}]`, removed);
    return;
  }
  if (typeof value !== 'object' || value === null || schema.type !== 'object') return;
  const fields = value as Record<string, unknown>;
  for (const [name, field] of Object.entries(fields)) {
    const at = path ? `${path}.${name}` : name;
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    if (known) {
      prune(field, known, at, removed);
    } else if (!schema['x-kubernetes-preserve-unknown-fields']) {
      delete fields[name];
      removed.push(at);
    }
  }
}
