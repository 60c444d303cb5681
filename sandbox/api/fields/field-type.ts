import { isRecord } from '../patch';
import { QUANTITY, resolve, TIMES } from '../schema/definitions';
import type { Schema } from '../schema/schema-type';
import type { Step } from './field-set';

type Json = Record<string, unknown>;

/** How a value is owned and merged: as a whole, item by item, or field by field. */
export type FieldType = { as: 'leaf' } | ListType | MapType;

export interface ListType {
  as: 'list';
  items: Schema | undefined;
  /** Names of the fields that tell items apart; none for a set of plain values. */
  keys: readonly string[];
}

export interface MapType {
  as: 'map';
  schema: Schema | undefined;
}

const LEAF: FieldType = { as: 'leaf' };
const SCALARS = new Set([QUANTITY, ...TIMES]);
/** List keys that clients may leave out, and what they are then (the port types of k8s.io/api/core/v1). */
const KEY_DEFAULTS: Record<string, unknown> = { protocol: 'TCP' };

/**
 * What a schema says about `value`. Without a schema, objects are owned field by field and lists as a whole, as
 * structured-merge-diff deduces it.
 */
export function fieldType(given: Schema | undefined, value: unknown): FieldType {
  if (given?.$ref && SCALARS.has(given.$ref)) return LEAF;
  const schema = given && resolve(given);
  if (Array.isArray(value)) {
    const relation = given?.['x-kubernetes-list-type'] ?? schema?.['x-kubernetes-list-type'];
    if (relation !== 'set' && relation !== 'map') return LEAF;
    const keys = given?.['x-kubernetes-list-map-keys'] ?? schema?.['x-kubernetes-list-map-keys'] ?? [];
    return { as: 'list', items: schema?.items, keys: relation === 'map' ? keys : [] };
  }
  if (!isRecord(value)) return LEAF;
  const relation = given?.['x-kubernetes-map-type'] ?? schema?.['x-kubernetes-map-type'];
  return relation === 'atomic' ? LEAF : { as: 'map', schema };
}

/** Whether the schema declares the field by name, so that it belongs to a struct and not to a map. */
export function isDeclared({ schema }: MapType, name: string): boolean {
  return schema?.properties?.[name] !== undefined;
}

/** Whether a field of that name can be there at all. */
export function isKnown({ schema }: MapType, name: string): boolean {
  if (!schema?.properties || isDeclared({ as: 'map', schema }, name)) return true;
  return Boolean(schema.additionalProperties || schema['x-kubernetes-preserve-unknown-fields']);
}

export function fieldSchema({ schema }: MapType, name: string): Schema | undefined {
  return schema?.properties?.[name] ?? schema?.additionalProperties;
}

/** The step to an item, or the name of the key that it lacks. */
export function itemStep(list: ListType, item: unknown): { step: Step } | { missing: string } {
  if (list.keys.length === 0) return { step: `v:${JSON.stringify(item)}` };
  const fields: Json = isRecord(item) ? item : {};
  const found: Json = {};
  for (const key of [...list.keys].sort()) {
    const fallback = list.items && resolve(list.items).properties?.[key]?.default;
    const value = fields[key] ?? fallback ?? KEY_DEFAULTS[key];
    if (value === undefined) return { missing: key };
    found[key] = value;
  }
  return { step: `k:${JSON.stringify(found)}` };
}

/** Items by their steps; of several alike the first counts, and items without their keys are passed over. */
export function itemsByStep(list: ListType, items: readonly unknown[]): Map<Step, unknown> {
  const found = new Map<Step, unknown>();
  for (const item of items) {
    const place = itemStep(list, item);
    if ('step' in place && !found.has(place.step)) found.set(place.step, item);
  }
  return found;
}
