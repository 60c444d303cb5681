import { applyPatch, type Operation, Pointer } from 'rfc6902';
import { ApiError, badRequest } from './errors';
import { plainCopy } from './metadata';

type Json = Record<string, unknown>;

export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * RFC 6902.
 * @throws ApiError 422 with the apiserver's bare text when an operation does not apply, 400 for what is no patch.
 */
export function jsonPatch(target: object, patch: unknown): Json {
  if (!Array.isArray(patch)) {
    throw badRequest('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  }
  const document = plainCopy(target) as Json;
  const failures = (patch as Operation[])
    .flatMap((operation) => (findsNothing(document, operation) ? [] : applyPatch(document, [operation])))
    .filter((failure) => failure !== null);
  if (failures.length > 0) {
    const message = 'the server rejected our request due to an error in our request';
    throw new ApiError(422, 'Invalid', message, {});
  }
  return document;
}

/** To the apiserver's patch library a missing field passes a test for null; KubeVirt's own clients rely on it. */
function findsNothing(document: Json, operation: Operation): boolean {
  if (!isRecord(operation) || operation.op !== 'test' || operation.value !== null) return false;
  const { parent, value } = Pointer.fromJSON(operation.path).evaluate(document);
  return isRecord(parent) && value === undefined;
}

/** RFC 7386. Leaves its arguments alone. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Json = isRecord(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete merged[field];
    else merged[field] = mergePatch(merged[field], value);
  }
  return merged;
}

/** A value as Go's `%+v` prints it, as refusals quote strategic patches. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (!isRecord(value)) return String(value);
  const fields = Object.keys(value).sort();
  return `map[${fields.map((field) => `${field}:${goText(value[field])}`).join(' ')}]`;
}
