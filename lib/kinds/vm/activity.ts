import type { K8sObject } from '@/lib/k8s/object';
import { type EventObject, type EventRow, eventRows } from '@/lib/kinds/event';

/** One entry of `metadata.managedFields`, which the API server writes: who set which fields, and when last. */
export interface ManagedFields {
  manager?: string;
  operation?: string;
  time?: string;
  subresource?: string;
  fieldsV1?: unknown;
}

/** What one writer changed in an object. */
export interface Change {
  /** How the writer names itself, such as `kubectl-edit`; empty when it doesn't. */
  manager: string;
  /** RFC 3339. */
  time: string;
  /** The fields that it owns by now, as dotted paths, the outer ones in place of what is in them. */
  fields: string[];
}

/** Paths as long as this say what was changed; longer ones only where. */
const PATH_DEPTH = 3;

/**
 * Who changed an object, newest first, as its managed fields have it. What writes only status (KubeVirt's controllers)
 * is left out: it reports, and changes nothing that was asked for.
 */
export function changesOf(managedFields: readonly ManagedFields[]): Change[] {
  return managedFields
    .filter(({ subresource, time }) => !subresource && !Number.isNaN(Date.parse(time ?? '')))
    .map(({ manager = '', time = '', fieldsV1 }) => ({ manager, time, fields: fieldPaths(fieldsV1) }))
    .filter(({ fields }) => fields.length > 0)
    .sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
}

/**
 * The fields of a FieldsV1 set (`f:` is a field, `k:` and `v:` an entry of a list, `.` the field itself): entries of
 * lists and what lies deep are told by the field that holds them.
 */
function fieldPaths(set: unknown, path: readonly string[] = []): string[] {
  if (typeof set !== 'object' || set === null) return [];
  const found = new Set<string>();
  for (const [key, inner] of Object.entries(set)) {
    if (!key.startsWith('f:')) {
      if (path.length > 0 && key !== '.') found.add(path.join('.'));
      continue;
    }
    const own = [...path, key.slice(2)];
    // `metadata` and `spec.template` alone would say nothing.
    const deeper = own.length < PATH_DEPTH ? fieldPaths(inner, own) : [];
    for (const each of deeper.length > 0 ? deeper : [own.join('.')]) found.add(each);
  }
  return [...found];
}

/** The managed fields of an object as the API answers it; feeds of the console have them stripped. */
export function managedFieldsOf(object: K8sObject): ManagedFields[] {
  const { managedFields } = object.metadata as { managedFields?: unknown };
  return Array.isArray(managedFields) ? (managedFields as ManagedFields[]) : [];
}

/** An event of a VM, and where that is. */
export interface VmEvent extends EventRow {
  namespace: string;
}

const KINDS = ['VirtualMachine', 'VirtualMachineInstance'];

/** The newest events of VMs and their VMIs, newest first, and how many there are in all. */
export function newestVmEvents(
  events: readonly EventObject[],
  limit: number,
): { events: VmEvent[]; total: number } {
  const own = events.filter(({ involvedObject }) => KINDS.includes(involvedObject.kind ?? ''));
  const namespaces = new Map(
    own.map(({ metadata, involvedObject }) => [
      metadata.uid,
      involvedObject.namespace ?? metadata.namespace ?? '',
    ]),
  );
  const rows = eventRows([...own]).slice(0, limit);
  return {
    events: rows.map((row) => ({ ...row, namespace: namespaces.get(row.uid) ?? '' })),
    total: own.length,
  };
}
