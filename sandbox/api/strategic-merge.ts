import { badRequest } from './errors';
import { isRecord } from './patch';

type Json = Record<string, unknown>;

/**
 * List fields whose items are merged by a key, as the patchMergeKey tags of k8s.io/api say. The name alone decides;
 * where one name means two things, the keys are tried in order and the first that the items carry is taken.
 */
const MERGE_KEYS: Record<string, string[]> = {
  addresses: ['type'],
  conditions: ['type'],
  containers: ['name'],
  env: ['name'],
  ephemeralContainers: ['name'],
  hostAliases: ['ip'],
  imagePullSecrets: ['name'],
  initContainers: ['name'],
  ownerReferences: ['uid'],
  ports: ['containerPort', 'port'],
  resourceClaims: ['name'],
  secrets: ['name'],
  topologySpreadConstraints: ['topologyKey'],
  volumeDevices: ['devicePath'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
};
/** Lists of plain values that are merged as sets. */
const SETS = new Set(['finalizers']);

const DELETE_VALUES = '$deleteFromPrimitiveList/';
const ORDER = '$setElementOrder/';

/**
 * Kubernetes' strategic merge patch for built-in kinds: maps merge, keyed lists merge item by item, and the
 * directives `$patch`, `$retainKeys`, `$deleteFromPrimitiveList` and `$setElementOrder` are honoured.
 * Leaves its arguments alone.
 * @throws ApiError 400 for an unknown directive or an item without its key.
 */
export function strategicMerge(target: unknown, patch: Json): Json {
  const directive = patch.$patch;
  if (directive === 'replace') return withoutDirectives(patch);
  if (directive === 'delete') return {};
  if (directive !== undefined && directive !== 'merge') {
    throw badRequest(`Unknown patch type '${String(directive)}' in map: ${JSON.stringify(patch)}`);
  }
  const merged: Json = isRecord(target) ? { ...target } : {};
  retainKeys(merged, patch);
  for (const [field, value] of Object.entries(patch)) {
    if (field.startsWith('$')) continue;
    if (value === null) delete merged[field];
    else if (Array.isArray(value)) merged[field] = mergeList(field, merged[field], value);
    else if (isRecord(value)) mergeField(merged, field, value);
    else merged[field] = value;
  }
  for (const [directiveName, values] of Object.entries(patch)) {
    if (!Array.isArray(values)) continue;
    if (directiveName.startsWith(DELETE_VALUES)) {
      const field = directiveName.slice(DELETE_VALUES.length);
      if (Array.isArray(merged[field]))
        merged[field] = merged[field].filter((value) => !values.includes(value));
    } else if (directiveName.startsWith(ORDER)) {
      const field = directiveName.slice(ORDER.length);
      if (Array.isArray(merged[field])) merged[field] = inOrder(field, merged[field], values);
    }
  }
  return merged;
}

function mergeField(merged: Json, field: string, value: Json): void {
  if (value.$patch === 'delete') delete merged[field];
  else merged[field] = strategicMerge(merged[field], value);
}

function mergeList(field: string, target: unknown, patch: unknown[]): unknown[] {
  const current = Array.isArray(target) ? target : [];
  if (SETS.has(field)) return [...new Set([...current, ...patch])];
  const key = mergeKey(field, patch) ?? mergeKey(field, current);
  if (!key || patch.some((item) => isRecord(item) && item.$patch === 'replace')) {
    return patch.filter((item) => !(isRecord(item) && item.$patch === 'replace'));
  }
  const merged = [...current];
  for (const item of patch) {
    if (!isRecord(item)) throw badRequest(`expected an object in list ${field}`);
    if (item[key] === undefined) {
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    }
    const position = merged.findIndex((other) => isRecord(other) && other[key] === item[key]);
    if (item.$patch === 'delete') {
      if (position >= 0) merged.splice(position, 1);
    } else if (position >= 0) {
      merged[position] = strategicMerge(merged[position], item);
    } else {
      merged.push(withoutDirectives(item));
    }
  }
  return merged;
}

function mergeKey(field: string, items: unknown[]): string | undefined {
  return MERGE_KEYS[field]?.find((key) => items.some((item) => isRecord(item) && item[key] !== undefined));
}

/** Sorts what the order names; the rest keeps its place behind. */
function inOrder(field: string, items: unknown[], order: unknown[]): unknown[] {
  const key = mergeKey(field, items);
  const rank = (item: unknown) => {
    const at = order.findIndex((wanted) =>
      key && isRecord(item) && isRecord(wanted) ? wanted[key] === item[key] : wanted === item,
    );
    return at < 0 ? order.length : at;
  };
  return [...items].sort((a, b) => rank(a) - rank(b));
}

function retainKeys(merged: Json, patch: Json): void {
  if (!Array.isArray(patch.$retainKeys)) return;
  for (const field of Object.keys(merged)) if (!patch.$retainKeys.includes(field)) delete merged[field];
}

function withoutDirectives(patch: Json): Json {
  const fields = Object.entries(patch).filter(([field, value]) => !field.startsWith('$') && value !== null);
  return Object.fromEntries(
    fields.map(([field, value]) => [field, isRecord(value) ? withoutDirectives(value) : value]),
  );
}
