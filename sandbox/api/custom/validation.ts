import { isDeepStrictEqual } from 'node:util';
import {
  duplicateValue,
  invalidValue,
  requiredValue,
  tooLong,
  tooMany,
  typeInvalid,
  unsupportedValue,
} from '../admission/field-error';
import type { StatusCause } from '../errors';
import { resolve, TIMES } from '../schema/definitions';
import type { Schema } from '../schema/schema-type';
import { hasFormat } from './formats';

/**
 * What the apiserver finds wrong with a custom resource by its definition's schema, in its words. Rules in CEL
 * (x-kubernetes-validations) are not evaluated.
 */
export function schemaCauses(object: unknown, schema: Schema): StatusCause[] {
  const { metadata: _metadata, ...rest } = object as Record<string, unknown>;
  const { metadata: _schema, ...properties } = schema.properties ?? {};
  const causes: StatusCause[] = [];
  check(rest, { ...schema, properties }, '', causes);
  const { name: nameSchema, generateName: baseSchema } = schema.properties?.metadata?.properties ?? {};
  const { name, generateName } = (_metadata ?? {}) as { name?: string; generateName?: string };
  if (nameSchema && name) check(name, nameSchema, 'metadata.name', causes);
  if (baseSchema && generateName) check(generateName, baseSchema, 'metadata.generateName', causes);
  return causes;
}

function check(value: unknown, given: Schema, path: string, causes: StatusCause[]): void {
  const schema = resolve(given);
  const found = jsonType(value);
  if (found === 'null' && (schema.nullable || TIMES.includes(given.$ref ?? ''))) return;
  const allowed = allowedTypes(schema);
  if (
    allowed.length > 0 &&
    !allowed.includes(found) &&
    !(found === 'integer' && allowed.includes('number'))
  ) {
    causes.push(typeInvalid(path, found, `${named(path)} must be of type ${allowed.join(',')}: "${found}"`));
    return;
  }
  if (schema.enum && !schema.enum.some((one) => isDeepStrictEqual(one, value))) {
    causes.push(unsupportedValue(path, value, schema.enum.map(shown)));
  }
  if (typeof value === 'string') checkString(value, schema, path, causes);
  else if (typeof value === 'number') checkNumber(value, schema, path, causes);
  else if (Array.isArray(value)) checkList(value, schema, path, causes);
  else if (typeof value === 'object' && value !== null) {
    checkObject(value as Record<string, unknown>, schema, path, causes);
  }
  checkCombinations(value, schema, path, causes);
}

function checkString(text: string, schema: Schema, path: string, causes: StatusCause[]): void {
  const { maxLength, minLength, pattern, format } = schema;
  const length = [...text].length;
  if (maxLength !== undefined && length > maxLength) causes.push(tooLong(path, maxLength));
  if (minLength !== undefined && length < minLength) {
    causes.push(invalidValue(path, text, `${named(path)} should be at least ${minLength} chars long`));
  }
  if (pattern !== undefined && !expression(pattern).test(text)) {
    causes.push(invalidValue(path, text, `${named(path)} should match '${pattern}'`));
  }
  if (format !== undefined && schema.type === 'string' && !hasFormat(text, format)) {
    causes.push(typeInvalid(path, text, `${named(path)} must be of type ${format}: ${JSON.stringify(text)}`));
  }
}

function checkNumber(number: number, schema: Schema, path: string, causes: StatusCause[]): void {
  const { minimum, maximum, multipleOf } = schema;
  const refuse = (why: string) => causes.push(invalidValue(path, number, `${named(path)} should be ${why}`));
  if (maximum !== undefined && (schema.exclusiveMaximum ? number >= maximum : number > maximum)) {
    refuse(`less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (schema.exclusiveMinimum ? number <= minimum : number < minimum)) {
    refuse(`greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(number / multipleOf))
    refuse(`a multiple of ${multipleOf}`);
}

function checkList(list: unknown[], schema: Schema, path: string, causes: StatusCause[]): void {
  const { minItems, maxItems, items } = schema;
  if (minItems !== undefined && list.length < minItems) {
    causes.push(invalidValue(path, list.length, `${named(path)} should have at least ${minItems} items`));
  }
  if (maxItems !== undefined && list.length > maxItems) causes.push(tooMany(path, list.length, maxItems));
  if (items) for (const [index, item] of list.entries()) check(item, items, `${path}[${index}]`, causes);
  const kind = schema['x-kubernetes-list-type'];
  if (kind !== 'set' && kind !== 'map') return;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const identity = kind === 'set' ? item : keysOf(item, keys);
    const text = JSON.stringify(identity);
    if (seen.has(text)) causes.push(duplicateValue(`${path}[${index}]`, identity));
    seen.add(text);
  }
}

function keysOf(item: unknown, keys: string[]): Record<string, unknown> {
  const fields = (item ?? {}) as Record<string, unknown>;
  return Object.fromEntries(keys.filter((key) => key in fields).map((key) => [key, fields[key]]));
}

function checkObject(
  fields: Record<string, unknown>,
  schema: Schema,
  path: string,
  causes: StatusCause[],
): void {
  const at = (name: string) => (path ? `${path}.${name}` : name);
  const names = Object.keys(fields);
  const { minProperties, maxProperties } = schema;
  if (minProperties !== undefined && names.length < minProperties) {
    const why = `${named(path)} should have at least ${minProperties} properties`;
    causes.push(invalidValue(path, names.length, why));
  }
  if (maxProperties !== undefined && names.length > maxProperties) {
    causes.push(tooMany(path, names.length, maxProperties));
  }
  for (const name of schema.required ?? []) if (!(name in fields)) causes.push(requiredValue(at(name)));
  if (schema['x-kubernetes-embedded-resource']) {
    for (const name of ['apiVersion', 'kind']) {
      if (!fields[name]) causes.push(requiredValue(at(name), 'must not be empty'));
    }
  }
  for (const [name, field] of Object.entries(fields)) {
    const known = schema.properties?.[name];
    if (known) check(field, known, at(name), causes);
    else if (schema.additionalProperties) check(field, schema.additionalProperties, at(name), causes);
  }
}

function checkCombinations(value: unknown, schema: Schema, path: string, causes: StatusCause[]): void {
  const fits = (one: Schema) => {
    const inner: StatusCause[] = [];
    check(value, one, path, inner);
    return inner;
  };
  const refuse = (why: string) =>
    causes.push(invalidValue(path || '<nil>', '', `${JSON.stringify(path)} ${why}`));
  // That a number or a string is meant was checked as its type.
  if (schema.anyOf && !schema['x-kubernetes-int-or-string']) {
    const results = schema.anyOf.map(fits);
    if (!results.some((inner) => inner.length === 0)) {
      refuse('must validate at least one schema (anyOf)');
      causes.push(...fewest(results));
    }
  }
  if (schema.oneOf) {
    const results = schema.oneOf.map(fits);
    const fitting = results.filter((inner) => inner.length === 0).length;
    if (fitting === 0) {
      refuse('must validate one and only one schema (oneOf). Found none valid');
      causes.push(...fewest(results));
    }
    if (fitting > 1) {
      refuse(`must validate one and only one schema (oneOf). Found ${fitting} valid alternatives`);
    }
  }
  if (schema.allOf) {
    const inner = schema.allOf.flatMap(fits);
    if (inner.length > 0) {
      refuse('must validate all the schemas (allOf)');
      causes.push(...inner);
    }
  }
  if (schema.not && fits(schema.not).length === 0) refuse('must not validate the schema (not)');
}

/** The alternative that comes nearest is the one whose problems are told. */
function fewest(results: StatusCause[][]): StatusCause[] {
  return results.reduce((best, one) => (one.length < best.length ? one : best), results[0] ?? []);
}

function allowedTypes(schema: Schema): string[] {
  if (schema['x-kubernetes-int-or-string']) return ['integer', 'string'];
  return schema.type ? [schema.type] : [];
}

/** kube-apiserver keeps what fits into an int64 as one; anything longer is a float64 to it, and no integer. */
function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) <= INT64_MAX ? 'integer' : 'number';
  return typeof value;
}

const INT64_MAX = 2 ** 63;
const expressions = new Map<string, RegExp>();

/** Definitions write Go's expressions: what JavaScript does not understand is taken to match. */
function expression(pattern: string): RegExp {
  let known = expressions.get(pattern);
  if (!known) {
    try {
      known = new RegExp(pattern, 'u');
    } catch {
      known = /(?:)/;
    }
    expressions.set(pattern, known);
  }
  return known;
}

const named = (path: string) => `${path} in body`;
const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
