import { isMapping, type ManifestObject } from './manifest';

/** Who changed an object last, as its managed fields have it. */
export interface LastChange {
  /** E.g. `kubectl-edit`; empty when the server doesn't say. */
  manager: string;
  /** RFC 3339. */
  time: string;
}

/** The newest entry of `metadata.managedFields`, those that write only status left out; undefined without any. */
export function lastChange(object: ManifestObject): LastChange | undefined {
  const fields = isMapping(object.metadata) ? object.metadata.managedFields : undefined;
  if (!Array.isArray(fields)) return undefined;
  const changes = fields
    .filter(isMapping)
    .filter(({ subresource }) => !subresource)
    .map(({ manager, time }) => ({ manager: String(manager ?? ''), time: String(time ?? '') }))
    .filter(({ time }) => !Number.isNaN(Date.parse(time)));
  return changes.reduce<LastChange | undefined>(
    (newest, change) => (!newest || Date.parse(change.time) > Date.parse(newest.time) ? change : newest),
    undefined,
  );
}
