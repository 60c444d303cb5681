import { ApiError, badRequest } from './errors';
import { type Comparison, compareFields, configuredFields, type Flaw } from './fields/compare';
import {
  difference,
  emptySet,
  type FieldSet,
  intersection,
  isEmpty,
  paths,
  pathText,
  union,
} from './fields/field-set';
import { decodeManaged, isBy, type ManagedSet, type Writer, writeManaged } from './fields/managed-fields';
import { mergeFields, removeFields, withParents } from './fields/merge';
import { plainCopy } from './metadata';
import type { KubeObject } from './objects';
import { isRecord } from './patch';
import type { Schema } from './schema/schema-type';

export type { Writer } from './fields/managed-fields';

type Json = Record<string, unknown>;

/** Who is taken to have written an object that was never tracked, when it is first applied. */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/** The only manager for which client-side apply's annotation counts. */
const KUBECTL = 'kubectl';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const UNOWNED = new Set(['apiVersion', 'kind']);
/** Metadata that belongs to the server (structuredmerge's stripSet). */
const UNOWNED_METADATA = new Set([
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
  'clusterName',
]);

/**
 * Notes in metadata.managedFields who changed what between `before` and `after`. For a create, `before` is the empty
 * object of the kind. An object that nobody tracks stays so. Edits `after`.
 */
export function recordUpdate(
  before: KubeObject | Json,
  after: KubeObject,
  writer: Writer,
  schema: Schema | undefined,
  sent: readonly unknown[] | undefined = undefined,
): void {
  const stored = isRecord(before.metadata) ? (before.metadata as Partial<KubeObject['metadata']>) : {};
  const managed = managedBefore(stored.managedFields, sent, writer.subresource !== undefined);
  if (managed.length === 0 && stored.uid) {
    delete after.metadata.managedFields;
    return;
  }
  const comparison = compareFields(owned(before), owned(after), schema);
  const changed = union(comparison.added, comparison.modified);
  const mine = managed.find((set) => isBy(set, writer, 'Update'));
  const others = withoutLost(
    managed.filter((set) => set !== mine),
    changed,
    comparison.removed,
  );
  const kept = mine ? withoutLost([mine], emptySet(), comparison.removed)[0]?.fields : undefined;
  const touched = !isEmpty(changed) || !isEmpty(comparison.removed);
  writeManaged(after, [
    ...others,
    {
      manager: writer.manager,
      operation: 'Update',
      apiVersion: writer.apiVersion,
      time: touched || !mine?.time ? writer.time : mine.time,
      ...(writer.subresource ? { subresource: writer.subresource } : {}),
      fields: kept && isEmpty(difference(changed, kept)) ? kept : union(kept ?? emptySet(), changed),
    },
  ]);
}

/**
 * Server-side apply: what would be stored when `writer` applies `config` over `live`. Fields that the writer applied
 * earlier and now leaves out go, unless somebody else owns them.
 * @throws ApiError 409 naming the other managers, unless `force`; 500 for a configuration outside the schema.
 */
export function serverSideApply(
  live: KubeObject | undefined,
  config: KubeObject,
  writer: Writer,
  schema: Schema | undefined,
  force: boolean,
): KubeObject {
  const applied = appliedFields(config, schema);
  const managed = trackedFor(live, writer, schema);
  const mine = managed.find((set) => isBy(set, writer, 'Apply'));
  const others = managed.filter((set) => set !== mine);
  const merged = mergeFields(live ?? {}, config, schema);
  const next = (
    mine ? pruned(merged, mine.fields, [...others.map(({ fields }) => fields), applied], schema) : merged
  ) as KubeObject;
  const comparison = compareFields(owned(live ?? {}), owned(next), schema);
  const conflicts = conflictsOf(others, comparison);
  const allowed = writer.manager === KUBECTL ? lastAppliedFields(live, schema) : emptySet();
  const open = conflicts
    .map(({ set, fields }) => ({ set, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmpty(fields));
  if (!force && open.length > 0) throw conflictError(open);
  const result = plainCopy(next);
  const remaining = withoutLost(others, union(comparison.added, comparison.modified), comparison.removed);
  const { manager, apiVersion, time, subresource } = writer;
  const entry: ManagedSet = { manager, operation: 'Apply', apiVersion, time, fields: applied };
  writeManaged(result, [...remaining, subresource ? { ...entry, subresource } : entry]);
  if (manager === KUBECTL && result.metadata.annotations?.[LAST_APPLIED] !== undefined) {
    result.metadata.annotations = { ...result.metadata.annotations, [LAST_APPLIED]: lastApplied(config) };
  }
  return result;
}

/** What the client sends back counts when it makes sense; one empty entry wipes the record; `[]` says nothing. */
function managedBefore(
  stored: readonly unknown[] | undefined,
  sent: readonly unknown[] | undefined,
  ignoreSent: boolean,
): ManagedSet[] {
  if (!ignoreSent && sent) {
    const [first] = sent;
    if (isRecord(first) && Object.keys(plainCopy(first)).length === 0) return [];
    const decoded = decodeManaged(sent);
    if (decoded?.length) return decoded;
  }
  return decodeManaged(stored) ?? [];
}

function trackedFor(live: KubeObject | undefined, writer: Writer, schema: Schema | undefined): ManagedSet[] {
  if (!live) return [];
  const managed = decodeManaged(live.metadata.managedFields) ?? [];
  if (managed.length > 0) return managed;
  const { added } = compareFields({}, owned(live), schema);
  const { apiVersion, time } = writer;
  return [{ manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion, time, fields: added }];
}

/** @throws ApiError 500 for fields that the schema does not declare and items without their keys. */
function appliedFields(config: KubeObject, schema: Schema | undefined): FieldSet {
  const flaws: Flaw[] = [];
  const fields = configuredFields(owned(config), schema, flaws);
  fields.members.delete('f:metadata');
  if (flaws.length === 0) return fields;
  const texts = flaws.map(({ path, why }) => `${pathText(path)}: ${why}`);
  const text = texts.length === 1 ? texts[0] : ['errors:', ...texts.map((line) => `  ${line}`)].join('\n');
  const { name, namespace } = config.metadata;
  const about = `${namespace ? `${namespace}/` : '/'}${name}; ${config.apiVersion}, Kind=${config.kind}`;
  throw new ApiError(500, '', `failed to create typed patch object (${about}): ${text}`);
}

/** Takes out what the manager applied earlier and nobody owns any more. */
function pruned(
  merged: unknown,
  before: FieldSet,
  owners: readonly FieldSet[],
  schema: Schema | undefined,
): unknown {
  const all = owners.reduce((sum, set) => union(sum, set), emptySet());
  const gone = difference(withParents(before, schema), withParents(all, schema));
  return removeFields(merged, gone, schema) ?? {};
}

interface Contest {
  set: ManagedSet;
  fields: FieldSet;
}

function conflictsOf(others: readonly ManagedSet[], { added, modified }: Comparison): Contest[] {
  const changed = union(added, modified);
  return others
    .map((set) => ({ set, fields: intersection(set.fields, changed) }))
    .filter(({ fields }) => !isEmpty(fields));
}

function withoutLost(sets: readonly ManagedSet[], changed: FieldSet, removed: FieldSet): ManagedSet[] {
  const lost = union(changed, removed);
  return sets.map((set) =>
    isEmpty(intersection(set.fields, lost)) ? set : { ...set, fields: difference(set.fields, lost) },
  );
}

/** What `kubectl apply` on the client's side last set: kubectl may take those fields over without force. */
function lastAppliedFields(live: KubeObject | undefined, schema: Schema | undefined): FieldSet {
  const text = live?.metadata.annotations?.[LAST_APPLIED];
  if (!text) return emptySet();
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRecord(parsed)) return emptySet();
    const set = configuredFields(owned(parsed), schema, []);
    return union(set, withParents(set, schema));
  } catch {
    return emptySet();
  }
}

function lastApplied(config: KubeObject): string {
  const { [LAST_APPLIED]: _replaced, ...annotations } = config.metadata.annotations ?? {};
  return `${JSON.stringify({ ...config, metadata: { ...config.metadata, annotations } })}\n`;
}

function conflictError(contests: readonly Contest[]): ApiError {
  const named = contests
    .map(({ set, fields }) => ({ who: managerText(set), fields: paths(fields).map(pathText) }))
    .sort((a, b) => (a.who < b.who ? -1 : a.who > b.who ? 1 : 0));
  const causes = named.flatMap(({ who, fields }) =>
    fields.map((field) => ({ reason: 'FieldManagerConflict', message: `conflict with ${who}`, field })),
  );
  const [only] = causes;
  const several = named.map(({ who, fields }) =>
    [`conflicts with ${who}:`, ...fields.map((field) => `- ${field}`)].join('\n'),
  );
  const message =
    causes.length === 1 && only
      ? `Apply failed with 1 conflict: ${only.message}: ${only.field}`
      : `Apply failed with ${causes.length} conflicts: ${several.join('\n')}`;
  return new ApiError(409, 'Conflict', message, { causes });
}

/** Appliers are known by name alone; who updated is named with the version used. */
function managerText({ manager, operation, apiVersion, subresource }: ManagedSet): string {
  const name =
    JSON.stringify(manager) + (subresource ? ` with subresource ${JSON.stringify(subresource)}` : '');
  return operation === 'Update' ? `${name} using ${apiVersion}` : name;
}

/** The object without what nobody owns. */
function owned(object: KubeObject | Json): Json {
  const rest: Json = {};
  for (const [field, value] of Object.entries(object)) {
    if (UNOWNED.has(field)) continue;
    if (field !== 'metadata' || !isRecord(value)) rest[field] = value;
    else
      rest.metadata = Object.fromEntries(
        Object.entries(value).filter(([name]) => !UNOWNED_METADATA.has(name)),
      );
  }
  rest.metadata ??= {};
  return rest;
}

/** @throws ApiError 400 for a configuration that cannot be applied at all. */
export function checkConfiguration(config: unknown, expected: string): void {
  if (!isRecord(config)) return;
  const { apiVersion, metadata } = config;
  if (typeof apiVersion === 'string' && apiVersion !== '' && apiVersion !== expected) {
    throw badRequest(
      `Incorrect version specified in apply patch. Specified patch version: ${apiVersion}, expected: ${expected}`,
    );
  }
  const managed = isRecord(metadata) ? metadata.managedFields : undefined;
  if (managed !== undefined && managed !== null) throw badRequest('metadata.managedFields must be nil');
}
