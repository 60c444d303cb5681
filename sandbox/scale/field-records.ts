import { recordUpdate, type Writer } from '../api/field-ownership';
import { emptyObject } from '../api/fields/empty-object';
import type { KubeObject, ResourceName } from '../api/objects';
import { definition, schemaName } from '../api/schema/definitions';
import { freeze } from '../api/sharing';

type Json = Record<string, unknown>;

/** What one manager left of an object: the object after its write, and when that was. */
export interface FieldStep extends Writer {
  after: KubeObject;
}

/** An entry of metadata.managedFields. */
export interface ManagedEntry {
  manager: string;
  subresource?: string;
  time?: string;
  fieldsV1: object;
  [field: string]: unknown;
}

interface Template {
  entries: readonly ManagedEntry[];
  /** What stood in the entries' keys in place of each unique value. */
  unique: readonly string[];
}

/**
 * metadata.managedFields as the API server itself would record them, write by write. Machines of one shape have the
 * same fields, apart from keys that name uids and addresses: the record is made once per shape, and what is the same
 * is the same object.
 */
export class FieldRecords {
  private readonly templates = new Map<string, Template>();
  private readonly plain = new WeakSet<object>();

  /** `unique` are the values that fields are keyed by and that no other object has. */
  of(
    { resource, shape, unique }: { resource: ResourceName; shape: string; unique: readonly string[] },
    steps: readonly FieldStep[],
  ): ManagedEntry[] {
    const key = `${resource} ${shape}`;
    const known = this.templates.get(key) ?? this.record(key, resource, steps, unique);
    const pairs = known.unique.map((from, index) => [from, unique[index] ?? from] as const);
    return known.entries.map((entry) => {
      const { manager, subresource, fieldsV1, time = '' } = entry;
      const step = steps.findLast((one) => one.manager === manager && one.subresource === subresource);
      return { ...entry, time: step?.time ?? time, fieldsV1: rekeyed(fieldsV1, pairs, this.plain) };
    });
  }

  private record(
    key: string,
    resource: ResourceName,
    steps: readonly FieldStep[],
    unique: readonly string[],
  ): Template {
    const template = { entries: recorded(resource, steps), unique };
    for (const { fieldsV1 } of template.entries) notePlain(fieldsV1, unique, this.plain);
    this.templates.set(key, template);
    return template;
  }
}

function recorded(resource: ResourceName, steps: readonly FieldStep[]): ManagedEntry[] {
  const [first] = steps;
  if (!first) return [];
  const { apiVersion, kind } = first.after;
  const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
  const name = schemaName(group, kind);
  const schema = name === undefined ? undefined : definition(name);
  let before: KubeObject | Json =
    group.includes('.') && !group.endsWith('k8s.io') ? {} : emptyObject(resource);
  let managedFields: unknown[] | undefined;
  for (const { after, ...writer } of steps) {
    const next = { ...after, metadata: { ...after.metadata } };
    if (managedFields) next.metadata.managedFields = managedFields;
    recordUpdate(
      managedFields ? { ...before, metadata: { ...(before.metadata as object), managedFields } } : before,
      next,
      writer,
      schema,
    );
    before = after;
    managedFields = next.metadata.managedFields;
  }
  // Frozen, so that the store keeps them once for all machines of the shape. Written by recordUpdate.
  freeze(managedFields);
  return (managedFields ?? []) as ManagedEntry[];
}

/** The tree with other unique keys; a part without any is returned as it is. */
function rekeyed(
  value: object,
  pairs: readonly (readonly [string, string])[],
  plain: WeakSet<object>,
): object {
  if (plain.has(value)) return value;
  const copy: Json = {};
  for (const [key, inner] of Object.entries(value as Json)) {
    const pair = pairs.find(([from]) => key.includes(from));
    copy[pair ? key.replace(pair[0], pair[1]) : key] = isTree(inner) ? rekeyed(inner, pairs, plain) : inner;
  }
  return copy;
}

/** Notes the parts of a tree in which nothing unique occurs. Returns whether the whole is one. */
function notePlain(value: object, unique: readonly string[], plain: WeakSet<object>): boolean {
  let isPlain = true;
  for (const [key, inner] of Object.entries(value as Json)) {
    if (isTree(inner) && !notePlain(inner, unique, plain)) isPlain = false;
    if (unique.some((part) => key.includes(part))) isPlain = false;
  }
  if (isPlain) plain.add(value);
  return isPlain;
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
