/** A value of JSON that a person may have written: nothing about its shape is certain. */
export type JsonObject = Record<string, unknown>;

/** Steps from a root to a value: keys of mappings and indexes of lists. */
export type JsonPath = readonly (string | number)[];

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands at a path; undefined where the path leads nowhere. */
export function valueAt(root: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof step === 'number') return Array.isArray(value) ? value[step] : undefined;
    return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  }, root);
}

/** The list of mappings at a path; what is no mapping is left out, and what is no list counts as an empty one. */
export function mappingsAt(root: unknown, path: JsonPath): JsonObject[] {
  const value = valueAt(root, path);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** The words at a path; empty when something else stands there. */
export function wordAt(root: unknown, path: JsonPath): string {
  const value = valueAt(root, path);
  return typeof value === 'string' ? value : '';
}

/**
 * A copy of `root` with `value` at a path of keys and indexes, all else shared. Mappings that are missing on the way
 * are made; undefined removes the key, and with it the mappings that this call would leave empty on the way up, but
 * for those that the API demands.
 */
export function withValueAt(root: JsonObject, path: JsonPath, value: unknown): JsonObject {
  const made = setStep(root, path, value);
  return isJsonObject(made) ? made : {};
}

/** A VM's `domain.devices` has to be there though nothing is in it. */
const DEMANDED: ReadonlySet<string | number> = new Set(['devices']);

function setStep(node: unknown, path: JsonPath, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    const list = Array.isArray(node) ? [...node] : [];
    const inner = setStep(list[step], rest, value);
    if (inner === undefined) list.splice(step, 1);
    else list[step] = inner;
    return list;
  }
  const mapping = isJsonObject(node) ? { ...node } : {};
  const before = mapping[step];
  if (value === undefined && before === undefined) return node;
  const inner = setStep(before, rest, value);
  const isEmptied =
    value === undefined && rest.length > 0 && isJsonObject(inner) && isEmpty(inner) && !DEMANDED.has(step);
  if (inner === undefined || (isEmptied && !(isJsonObject(before) && isEmpty(before)))) delete mapping[step];
  else mapping[step] = inner;
  return mapping;
}

function isEmpty(value: JsonObject): boolean {
  return Object.keys(value).length === 0;
}
