import { ApiError } from '@/lib/k8s/error';
import { MERGE_PATCH, withResourceVersion } from '@/lib/k8s/patch';
import type { callApi } from '@/lib/k8s/request';
import { editOf } from '@/lib/manifest/edit';
import { isMapping, type ManifestObject } from '@/lib/manifest/manifest';
import { editedObject, followObject, type ObjectEdit, openObject } from './object-edit';

export type SaveOutcome =
  | { kind: 'saved'; edit: ObjectEdit; warnings: string[] }
  /** Someone else changed the same field; `edit.ahead` has it. */
  | { kind: 'conflict'; edit: ObjectEdit }
  /** `edit` may have taken in changes of others meanwhile. */
  | { kind: 'refused'; edit: ObjectEdit; error: ApiError };

export interface SaveOptions {
  call: typeof callApi;
  cluster: string;
  /** The object's path below the API server's root. */
  path: string;
  /** How a server's object is shown, e.g. with its secrets masked. */
  view: (object: ManifestObject) => ManifestObject;
}

/** Controllers write status all the time; a version that moved for that reason alone is no conflict of people. */
const MAX_ATTEMPTS = 4;

/**
 * Sends an edit: first asked with `dryRun=All`, then as a merge patch guarded by the version it was made from. When
 * that version is gone, the edit is put on top of the newest object and sent again, unless both changed the same field.
 * @throws ApiError only when the newest object can't be read.
 */
export async function saveObject(edit: ObjectEdit, options: SaveOptions): Promise<SaveOutcome> {
  const { call, cluster, path, view } = options;
  let current = edit;
  for (let attempt = 1; ; attempt += 1) {
    if (current.ahead) return { kind: 'conflict', edit: current };
    const edited = editedObject(current.text);
    if (!edited) throw new Error('Only a readable text is saved');
    const version = versionOf(current.opened);
    const body = withResourceVersion(editOf(current.opened, edited).patch, version);
    const patch = (query: Record<string, string>) =>
      call<ManifestObject>(cluster, path, { method: 'PATCH', contentType: MERGE_PATCH, body, query });
    try {
      await patch({ dryRun: 'All', fieldValidation: 'Warn' });
      const reply = await patch({ fieldValidation: 'Warn' });
      return { kind: 'saved', edit: openObject(view(reply.body)), warnings: reply.warnings };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code !== 409 || attempt === MAX_ATTEMPTS) return { kind: 'refused', edit: current, error };
      const latest = view((await call<ManifestObject>(cluster, path)).body);
      // A 409 that says something other than "not the newest version".
      if (versionOf(latest) === version) return { kind: 'refused', edit: current, error };
      current = followObject(current, latest);
    }
  }
}

export function versionOf(object: ManifestObject): string {
  return isMapping(object.metadata) ? String(object.metadata.resourceVersion ?? '') : '';
}
