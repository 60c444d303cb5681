import type { KubeObject } from '../objects';
import { isRecord } from '../patch';
import { decodeFields, encodeFields, type FieldSet, isEmpty, union } from './field-set';

/** Who writes, as metadata.managedFields tells writers apart. */
export interface Writer {
  manager: string;
  apiVersion: string;
  /** RFC 3339 */
  time: string;
  subresource?: string;
}

/** One entry of metadata.managedFields with its paths. */
export interface ManagedSet {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time?: string;
  subresource?: string;
  fields: FieldSet;
}

/** Update managers that an object keeps; the oldest beyond that are put together, as kube-apiserver caps them. */
const MAX_UPDATE_MANAGERS = 10;
const ANCIENT = 'ancient-changes';

/** Stored trees are frozen, so what was read from one stays true, and a set that nobody changed is that tree again. */
const setOf = new WeakMap<object, FieldSet>();
const treeOf = new WeakMap<FieldSet, object>();

function readFields(tree: object): FieldSet {
  const known = setOf.get(tree);
  if (known) return known;
  const set = decodeFields(tree);
  if (Object.isFrozen(tree)) {
    setOf.set(tree, set);
    treeOf.set(set, tree);
  }
  return set;
}

/** Reads metadata.managedFields; undefined when an entry makes no sense. */
export function decodeManaged(entries: readonly unknown[] | undefined): ManagedSet[] | undefined {
  const sets: ManagedSet[] = [];
  for (const entry of entries ?? []) {
    if (!isRecord(entry) || entry.fieldsType !== 'FieldsV1' || !isRecord(entry.fieldsV1)) return undefined;
    const { operation, subresource, time } = entry;
    if (operation !== 'Apply' && operation !== 'Update') return undefined;
    sets.push({
      manager: String(entry.manager ?? ''),
      operation,
      apiVersion: String(entry.apiVersion ?? ''),
      ...(typeof time === 'string' ? { time } : {}),
      ...(typeof subresource === 'string' && subresource ? { subresource } : {}),
      fields: readFields(entry.fieldsV1),
    });
  }
  return sets;
}

/** Writes metadata.managedFields: what owns nothing goes, appliers come first, then the oldest. Edits `object`. */
export function writeManaged(object: KubeObject, sets: readonly ManagedSet[]): void {
  const kept = capped(sets.filter(({ fields }) => !isEmpty(fields))).sort(byAge);
  if (kept.length === 0) {
    delete object.metadata.managedFields;
    return;
  }
  object.metadata.managedFields = kept.map(
    ({ manager, operation, apiVersion, time, subresource, fields }) => ({
      manager,
      operation,
      apiVersion,
      ...(time ? { time } : {}),
      fieldsType: 'FieldsV1',
      fieldsV1: treeOf.get(fields) ?? encodeFields(fields),
      ...(subresource ? { subresource } : {}),
    }),
  );
}

export function isBy(set: ManagedSet, writer: Writer, operation: ManagedSet['operation']): boolean {
  return (
    set.manager === writer.manager &&
    set.operation === operation &&
    set.apiVersion === writer.apiVersion &&
    set.subresource === writer.subresource
  );
}

function byAge(a: ManagedSet, b: ManagedSet): number {
  const rank = ({ operation, time = '', manager, apiVersion, subresource = '' }: ManagedSet) =>
    [operation, time, manager, apiVersion, subresource].join('\u0000');
  const [left, right] = [rank(a), rank(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Entries of the same API version beyond the limit become one; those of subresources are left alone. */
function capped(sets: ManagedSet[]): ManagedSet[] {
  const updaters = sets
    .filter(({ operation, subresource }) => operation === 'Update' && !subresource)
    .sort(byAge);
  const excess = updaters.length - MAX_UPDATE_MANAGERS;
  if (excess <= 0) return sets;
  const merged = new Map<string, ManagedSet>();
  const old = new Set(updaters.slice(0, excess + 1));
  for (const set of old) {
    const known = merged.get(set.apiVersion);
    const fields = known ? union(known.fields, set.fields) : set.fields;
    merged.set(set.apiVersion, { ...set, manager: ANCIENT, fields });
  }
  return [...sets.filter((set) => !old.has(set)), ...merged.values()];
}
