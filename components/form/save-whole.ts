import { ApiError } from '@/lib/k8s/error';
import { differences } from '@/lib/manifest/changes';
import { fieldPathText } from '@/lib/manifest/field-path';
import { withoutServerFields } from '@/lib/manifest/kubectl';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import { editedObject, followObject, type ObjectEdit, openObject } from './object-edit';
import { type SaveOptions, type SaveOutcome, versionOf } from './save-object';

/**
 * How an edit is sent. `patch`: what differs. `apply`: the whole text by server-side apply, which makes Portlight the
 * owner of its fields; `force` takes fields over from other owners. `replace`: the whole object in place of the stored.
 */
export type SaveWay = 'patch' | 'apply' | 'force' | 'replace';

/** Who owns what server-side apply sets. */
export const FIELD_MANAGER = 'portlight';

const APPLY_PATCH = 'application/apply-patch+yaml';

export type WholeOutcome = SaveOutcome & {
  /** Fields that the text no longer has and the object still does, because others own them. */
  stayed: string[];
};

/**
 * Sends the whole text, first with `dryRun=All`. A version that has moved on is taken in and asked about, never
 * written over; what others own is refused by the server with their names, unless it is forced.
 * @throws ApiError only when the newest object can't be read.
 */
export async function saveWhole(
  way: Exclude<SaveWay, 'patch'>,
  edit: ObjectEdit,
  { call, cluster, path, view }: SaveOptions,
): Promise<WholeOutcome> {
  if (edit.ahead) return { kind: 'conflict', edit, stayed: [] };
  const edited = editedObject(edit.text);
  if (!edited) throw new Error('Only a readable text is saved');
  const version = versionOf(edit.opened);
  const send = (query: Record<string, string>) =>
    way === 'replace'
      ? call<ManifestObject>(cluster, path, { method: 'PUT', body: withVersion(edited, version), query })
      : call<ManifestObject>(cluster, path, {
          method: 'PATCH',
          contentType: APPLY_PATCH,
          // JSON is YAML.
          body: withoutServerFields(edited),
          query: { ...query, fieldManager: FIELD_MANAGER, force: String(way === 'force') },
        });
  try {
    await send({ dryRun: 'All', fieldValidation: 'Warn' });
    const reply = await send({ fieldValidation: 'Warn' });
    const saved = view(reply.body);
    return {
      kind: 'saved',
      edit: openObject(saved),
      warnings: reply.warnings,
      stayed: stayedFields(edit.opened, edited, saved),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (way !== 'replace' || error.code !== 409) return { kind: 'refused', edit, error, stayed: [] };
    const latest = view((await call<ManifestObject>(cluster, path)).body);
    if (versionOf(latest) === version) return { kind: 'refused', edit, error, stayed: [] };
    // Others have changed it: the reader sees the text with their changes before it replaces anything.
    const followed = followObject(edit, latest);
    return followed.ahead
      ? { kind: 'conflict', edit: followed, stayed: [] }
      : { kind: 'refused', edit: followed, error, stayed: [] };
  }
}

/** What a refused apply says of others' fields. */
export interface OwnedField {
  field: string;
  /** In the server's words: `conflict with "kubectl-edit" using v1`. */
  owner: string;
}

/** The fields that other managers own; empty when the refusal has another cause. */
export function ownedFields(error: Pick<ApiError, 'code' | 'causes'> | undefined): OwnedField[] {
  if (error?.code !== 409) return [];
  return error.causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({
      field: field.replace(/^\./, ''),
      owner: /conflict with "([^"]*)"/.exec(message)?.[1] ?? message,
    }));
}

function stayedFields(opened: ManifestObject, edited: ManifestObject, saved: ManifestObject): string[] {
  const removed = differences(opened, edited).filter(({ after }) => after === undefined);
  const still = new Set(differences(edited, saved).map(({ path }) => JSON.stringify(path)));
  return removed
    .filter(({ path }) => still.has(JSON.stringify(path)))
    .map(({ path }) => fieldPathText(path.map((step) => (typeof step === 'object' ? step.name : step))));
}

/** The text may lack the version, or have an older one; what is replaced is what was opened. */
function withVersion(object: ManifestObject, resourceVersion: string): ManifestObject {
  const metadata = isMapping(object.metadata) ? object.metadata : {};
  return { ...object, metadata: { ...metadata, resourceVersion } };
}
