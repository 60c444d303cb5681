import { isDeepStrictEqual } from 'node:util';
import { ApiError } from './errors';
import type { KubeObject } from './objects';
import { isRecord } from './patch';

type Json = Record<string, unknown>;

interface Entry {
  manager: string;
  operation: 'Apply' | 'Update';
  apiVersion: string;
  time: string;
  fieldsType: 'FieldsV1';
  fieldsV1: Json;
  subresource?: string;
}

export interface Writer {
  manager: string;
  apiVersion: string;
  /** RFC 3339 */
  time: string;
  subresource?: string;
}

/** A field's path; lists are owned as a whole, as they are in custom resources. */
type Path = readonly string[];

const UNOWNED = new Set(['apiVersion', 'kind']);
/** Metadata that belongs to the server. */
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
]);

/** Notes in metadata.managedFields who changed what between `before` and `after`. Edits `after`. */
export function recordUpdate(before: KubeObject | undefined, after: KubeObject, writer: Writer): void {
  // Sending an empty list wipes the record; otherwise what is stored counts, not what the client sent back.
  const wiped = before?.metadata.managedFields && after.metadata.managedFields?.length === 0;
  const entries = before && !wiped ? entriesOf(before) : [];
  const now = leaves(after);
  const changed = now.filter((path) => !before || !isDeepStrictEqual(read(before, path), read(after, path)));
  const kept = new Set(now.map(keyOf));
  const taken = new Set(changed.map(keyOf));
  const mine = entries.find((entry) => isBy(entry, writer, 'Update'));
  const others = entries
    .filter((entry) => entry !== mine)
    .map((entry) => narrowed(entry, (path) => kept.has(keyOf(path)) && !taken.has(keyOf(path))));
  const own = [...(mine ? pathsOf(mine.fieldsV1) : []).filter((path) => kept.has(keyOf(path))), ...changed];
  const touched = changed.length > 0 || !mine;
  const entry = entryFor(writer, 'Update', own, touched ? writer.time : (mine?.time ?? writer.time));
  after.metadata.managedFields = [...others, entry].filter(
    ({ fieldsV1 }) => Object.keys(fieldsV1).length > 0,
  );
}

/**
 * Server-side apply: what would be stored when `writer` applies `config` over `live`. Fields that the writer applied
 * earlier and now leaves out go, unless somebody else owns them.
 * @throws ApiError 409 naming the other managers, unless `force`.
 */
export function serverSideApply(
  live: KubeObject | undefined,
  config: KubeObject,
  writer: Writer,
  force: boolean,
): KubeObject {
  const entries = live ? entriesOf(live) : [];
  const mine = entries.find((entry) => isBy(entry, writer, 'Apply'));
  const others = entries.filter((entry) => entry !== mine);
  const applied = leaves(config);
  const contested = applied.filter(
    (path) => live && !isDeepStrictEqual(read(live, path), read(config, path)),
  );
  if (!force) refuseConflicts(others, contested);
  const lost = new Set(contested.map(keyOf));
  const remaining = others
    .map((entry) => narrowed(entry, (path) => !lost.has(keyOf(path))))
    .filter(({ fieldsV1 }) => Object.keys(fieldsV1).length > 0);
  const merged = overlay(live ?? {}, config) as KubeObject;
  const wanted = new Set(applied.map(keyOf));
  const owned = new Set(remaining.flatMap((entry) => pathsOf(entry.fieldsV1)).map(keyOf));
  for (const path of mine ? pathsOf(mine.fieldsV1) : []) {
    if (!wanted.has(keyOf(path)) && !owned.has(keyOf(path))) remove(merged, path);
  }
  const unchanged = mine && isDeepStrictEqual(mine.fieldsV1, treeOf(applied));
  const entry = entryFor(writer, 'Apply', applied, unchanged ? mine.time : writer.time);
  merged.metadata = { ...merged.metadata, managedFields: [...remaining, entry] };
  return merged;
}

function refuseConflicts(others: Entry[], contested: Path[]): void {
  const conflicts = others.flatMap((entry) => {
    const owned = new Set(pathsOf(entry.fieldsV1).map(keyOf));
    return contested
      .filter((path) => owned.has(keyOf(path)))
      .map((path) => ({ entry, field: `.${path.join('.')}` }));
  });
  if (conflicts.length === 0) return;
  const causes = conflicts.map(({ entry, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${entry.manager}" using ${entry.apiVersion}`,
    field,
  }));
  const [only] = causes;
  const head = `Apply failed with ${causes.length} conflict${causes.length === 1 ? '' : 's'}: `;
  const text =
    causes.length === 1 && only
      ? `${only.message}: ${only.field}`
      : groupedByManager(
          conflicts.map(({ entry, field }) => [
            `conflicts with "${entry.manager}" using ${entry.apiVersion}`,
            field,
          ]),
        );
  throw new ApiError(409, 'Conflict', head + text, { causes });
}

function groupedByManager(conflicts: [string, string][]): string {
  const groups = new Map<string, string[]>();
  for (const [head, field] of conflicts) groups.set(head, [...(groups.get(head) ?? []), field]);
  return [...groups]
    .map(([head, fields]) => `${head}:\n${fields.map((field) => `- ${field}`).join('\n')}`)
    .join('\n');
}

function entriesOf({ metadata }: KubeObject): Entry[] {
  return (metadata.managedFields ?? []).filter(
    (entry): entry is Entry => isRecord(entry) && isRecord(entry.fieldsV1),
  );
}

function isBy(entry: Entry, writer: Writer, operation: Entry['operation']): boolean {
  return (
    entry.manager === writer.manager &&
    entry.operation === operation &&
    entry.apiVersion === writer.apiVersion &&
    entry.subresource === writer.subresource
  );
}

function entryFor(writer: Writer, operation: Entry['operation'], paths: Path[], time: string): Entry {
  const { manager, apiVersion, subresource } = writer;
  const head = {
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: treeOf(paths),
  } as const;
  return subresource ? { ...head, subresource } : head;
}

function narrowed(entry: Entry, keep: (path: Path) => boolean): Entry {
  const paths = pathsOf(entry.fieldsV1);
  const left = paths.filter(keep);
  return left.length === paths.length ? entry : { ...entry, fieldsV1: treeOf(left) };
}

function leaves(object: KubeObject): Path[] {
  const found: Path[] = [];
  const visit = (value: unknown, path: Path) => {
    if (isRecord(value) && Object.keys(value).length > 0) {
      for (const [field, inner] of Object.entries(value)) visit(inner, [...path, field]);
    } else if (value !== undefined) {
      found.push(path);
    }
  };
  for (const [field, value] of Object.entries(object)) {
    if (UNOWNED.has(field)) continue;
    if (field !== 'metadata') visit(value, [field]);
    else if (isRecord(value)) {
      for (const [inner, part] of Object.entries(value))
        if (!UNOWNED_METADATA.has(inner)) visit(part, [field, inner]);
    }
  }
  return found;
}

function pathsOf(tree: Json, path: Path = []): Path[] {
  const fields = Object.entries(tree).filter(([field]) => field.startsWith('f:'));
  if (fields.length === 0) return path.length > 0 ? [path] : [];
  return fields.flatMap(([field, inner]) => pathsOf(isRecord(inner) ? inner : {}, [...path, field.slice(2)]));
}

function treeOf(paths: Path[]): Json {
  const tree: Json = {};
  for (const path of paths) {
    let node = tree;
    for (const field of path) {
      const next = node[`f:${field}`];
      const child: Json = isRecord(next) ? next : {};
      node[`f:${field}`] = child;
      node = child;
    }
  }
  return tree;
}

function keyOf(path: Path): string {
  return path.join('\u0000');
}

function read(object: unknown, path: Path): unknown {
  let value = object;
  for (const field of path) value = isRecord(value) ? value[field] : undefined;
  return value;
}

function remove(object: Json, path: Path): void {
  let node: Json = object;
  for (const field of path.slice(0, -1)) {
    const next = node[field];
    if (!isRecord(next)) return;
    const copy = { ...next };
    node[field] = copy;
    node = copy;
  }
  const last = path.at(-1);
  if (last !== undefined) delete node[last];
}

function overlay(under: unknown, over: unknown): unknown {
  if (!isRecord(over)) return over;
  const merged: Json = isRecord(under) ? { ...under } : {};
  for (const [field, value] of Object.entries(over)) merged[field] = overlay(merged[field], value);
  return merged;
}
