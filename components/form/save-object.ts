import { ApiError } from '@/lib/k8s/error';
import { MERGE_PATCH, withResourceVersion } from '@/lib/k8s/patch';
import type { callApi } from '@/lib/k8s/request';
import { editOf, operationsOf } from '@/lib/manifest/edit';
import { JSON_PATCH, testsHold } from '@/lib/manifest/json-patch';
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

/** A version may move for controllers' writing status alone, which is no conflict of people. */
const MAX_ATTEMPTS = 4;

/**
 * Sends an edit: first asked with `dryRun=All`, then as operations guarded by what they expect to find (or, where that
 * is hidden, as a merge patch guarded by the version it was made from). When something else is found, the edit is put
 * on top of the newest object and sent again, unless both changed the same field.
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
    const ops = operationsOf(current.opened, edited);
    const sent = ops
      ? { contentType: JSON_PATCH, body: ops }
      : {
          contentType: MERGE_PATCH,
          body: withResourceVersion(editOf(current.opened, edited).patch, version),
        };
    const patch = (query: Record<string, string>) =>
      call<ManifestObject>(cluster, path, { method: 'PATCH', ...sent, query });
    try {
      await patch({ dryRun: 'All', fieldValidation: 'Warn' });
      const reply = await patch({ fieldValidation: 'Warn' });
      return { kind: 'saved', edit: openObject(view(reply.body)), warnings: reply.warnings };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const mayBeOutdated = error.code === 409 || (error.code === 422 && ops !== undefined);
      if (!mayBeOutdated || attempt === MAX_ATTEMPTS) return { kind: 'refused', edit: current, error };
      const latest = view((await call<ManifestObject>(cluster, path)).body);
      // A 409 that says something other than "not the newest version", a 422 that no failed `test` explains.
      const isExpected = error.code === 422 && ops !== undefined && testsHold(latest, ops);
      if (versionOf(latest) === version || isExpected) return { kind: 'refused', edit: current, error };
      current = followObject(current, latest);
    }
  }
}

export function versionOf(object: ManifestObject): string {
  return isMapping(object.metadata) ? String(object.metadata.resourceVersion ?? '') : '';
}
