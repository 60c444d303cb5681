/** A JSON merge patch (RFC 7386): keys to set, null to delete, lists whole. */
export type MergePatch = Record<string, unknown>;

/** Besides JSON patches the only type that custom resources and built-ins both take as a difference. */
export const MERGE_PATCH = 'application/merge-patch+json';

type Json = Record<string, unknown>;

/**
 * What turns `opened` into `edited`; empty when nothing is to be sent. A null in `edited` counts as "not there",
 * because a merge patch cannot say otherwise and the API drops nulls.
 */
export function mergePatch(opened: Json, edited: Json): MergePatch {
  const patch: MergePatch = {};
  for (const key of Object.keys(opened)) {
    if (isAbsent(edited[key]) && !isAbsent(opened[key])) patch[key] = null;
  }
  for (const [key, value] of Object.entries(edited)) {
    if (isAbsent(value)) continue;
    const before = opened[key];
    if (isJson(before) && isJson(value)) {
      const inner = mergePatch(before, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (!sameJson(before, value)) {
      patch[key] = value;
    }
  }
  return patch;
}

export function isEmptyPatch(patch: MergePatch): boolean {
  return Object.keys(patch).length === 0;
}

/** The object after the patch. Neither argument is changed. */
export function applyMergePatch(object: Json, patch: MergePatch): Json {
  const result: Json = { ...object };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (isJson(value)) {
      const before = result[key];
      result[key] = applyMergePatch(isJson(before) ? before : {}, value);
    } else result[key] = value;
  }
  return result;
}

/** The patch guarded: the API answers 409 when the object is no longer at this version. */
export function withResourceVersion(patch: MergePatch, resourceVersion: string): MergePatch {
  const metadata = isJson(patch.metadata) ? patch.metadata : {};
  return { ...patch, metadata: { ...metadata, resourceVersion } };
}

/** Deep equality of JSON values, without regard to the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => sameJson(value, b[index]));
  }
  if (!isJson(a) || !isJson(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && sameJson(a[key], b[key]));
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
