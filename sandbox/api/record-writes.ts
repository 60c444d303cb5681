import { recordUpdate, type Writer } from './field-ownership';
import { emptyObject } from './fields/empty-object';
import type { KubeObject, NewObject } from './objects';
import type { ResourceType } from './resource-type';
import { definition, schemaName } from './schema/definitions';
import type { Schema } from './schema/schema-type';
import { sharing } from './sharing';

/** The schema that a resource's objects have, if it is known. */
export function schemaOf({ group, kind }: Pick<ResourceType, 'group' | 'kind'>): Schema | undefined {
  const name = schemaName(group, kind);
  return name === undefined ? undefined : definition(name);
}

/**
 * Notes who created `draft` from `sent`: what the client sent and the defaults of the kind count, what the registry
 * and its plugins add (status, namespaces' and claims' finalizers) does not. Edits `draft`.
 */
export function recordCreate(type: ResourceType, sent: NewObject, draft: KubeObject, writer: Writer): void {
  const { finalizers, managedFields } = sent.metadata;
  const { finalizers: _added, ...metadata } = draft.metadata;
  const tracked: KubeObject = { ...draft, metadata: finalizers ? { ...metadata, finalizers } : metadata };
  if (type.status) delete tracked.status;
  if (type.id === 'namespaces') delete tracked.spec;
  const empty = type.custom ? {} : emptyObject(type.id);
  recordUpdate(empty, tracked, writer, schemaOf(type), managedFields);
  takeManaged(draft, tracked);
}

/**
 * Notes who changed `before` to `after` in one go where a real client would have written the object and its status one
 * after the other. Edits `after`.
 */
export function recordChange(
  type: ResourceType,
  before: KubeObject,
  after: KubeObject,
  writer: Writer,
): void {
  if (!before.metadata.managedFields) return;
  // What is the same need not be compared any more, and most attempts of a controller change nothing at all.
  const shared = sharing(before, after);
  adopt(after, shared);
  if (shared === before) return;
  const schema = schemaOf(type);
  const next = { ...shared, metadata: { ...shared.metadata } };
  if (!type.status) {
    recordUpdate(before, next, writer, schema);
    takeManaged(after, next);
    return;
  }
  const main: KubeObject = { ...next, metadata: { ...next.metadata }, status: before.status };
  if (changesMore(before, shared)) {
    recordUpdate(type.id === 'pods' ? bound(before, next) : before, main, writer, schema);
  }
  takeManaged(next, main);
  const emptied = main.status === undefined && !type.custom ? { ...main, status: {} } : main;
  recordStatus(emptied, next, writer, schema);
  takeManaged(after, next);
}

/** A pod's node is set by `pods/binding`, which field management does not see. */
function bound(before: KubeObject, { spec }: KubeObject): KubeObject {
  const { nodeName } = (spec ?? {}) as { nodeName?: string };
  return nodeName === undefined ? before : { ...before, spec: { ...(before.spec as object), nodeName } };
}

/** Makes `draft` consist of the parts of `shared`, so that nobody has to compare them again. */
function adopt(draft: KubeObject, shared: KubeObject): void {
  for (const field of Object.keys(draft)) if (!(field in shared)) delete draft[field];
  Object.assign(draft, shared, { metadata: { ...shared.metadata } });
}

/** Whether anything beside the status differs, of a version that shares what it can with the one before. */
function changesMore(before: KubeObject, after: KubeObject): boolean {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  fields.delete('status');
  return [...fields].some((field) => before[field] !== after[field]);
}

/** Notes who set the status of what was just created. Edits `after`. */
export function recordStatus(
  before: KubeObject,
  after: KubeObject,
  writer: Writer,
  schema: Schema | undefined,
): void {
  if (before.status === after.status) return;
  recordUpdate(before, after, { ...writer, subresource: 'status' }, schema);
}

function takeManaged(object: KubeObject, { metadata }: KubeObject): void {
  if (metadata.managedFields) object.metadata.managedFields = metadata.managedFields;
  else delete object.metadata.managedFields;
}
