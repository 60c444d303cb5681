import { badRequest } from './errors';
import type { ResourceType } from './resource-type';

type Fields = Record<string, unknown>;
type Refuse = (path: string, found: unknown, wanted: string) => Error;

const TEXTS = ['name', 'generateName', 'namespace', 'uid', 'resourceVersion'] as const;
const OWNER_TEXTS = ['apiVersion', 'kind', 'name', 'uid'] as const;
const OWNER_FLAGS = ['controller', 'blockOwnerDeletion'] as const;

/**
 * Decodes metadata as Go decodes an ObjectMeta: in place, null becomes the zero value of what stands there.
 * @throws ApiError 400 for parts of another type.
 */
export function decodeMetadata(type: ResourceType, version: string, metadata: Fields): void {
  const refuse: Refuse = (path, found, wanted) => {
    const kind = Array.isArray(found) ? 'array' : typeof found;
    return badRequest(
      `${type.kind} in version "${version}" cannot be handled as a ${type.kind}: json: cannot unmarshal ${kind} into Go struct field ObjectMeta.metadata.${path} of type ${wanted}`,
    );
  };
  for (const field of TEXTS) decodeText(metadata, field, field, refuse);
  for (const field of ['labels', 'annotations'] as const) {
    const map = metadata[field];
    if (map === undefined || map === null) continue;
    if (!isFields(map)) throw refuse(field, map, 'map[string]string');
    for (const key of Object.keys(map)) {
      map[key] ??= '';
      if (typeof map[key] !== 'string') throw refuse(field, map[key], 'string');
    }
  }
  decodeList(metadata, 'finalizers', '', refuse, (item) => {
    if (typeof item !== 'string') throw refuse('finalizers', item, 'string');
  });
  decodeList(metadata, 'ownerReferences', {}, refuse, (owner) => {
    if (!isFields(owner)) throw refuse('ownerReferences', owner, 'v1.OwnerReference');
    for (const field of OWNER_TEXTS) {
      decodeText(owner, field, `ownerReferences.${field}`, refuse);
      owner[field] ??= '';
    }
    for (const field of OWNER_FLAGS) {
      if (owner[field] === null) delete owner[field];
      if (owner[field] !== undefined && typeof owner[field] !== 'boolean') {
        throw refuse(`ownerReferences.${field}`, owner[field], 'bool');
      }
    }
  });
  decodeList(metadata, 'managedFields', {}, refuse, (entry) => {
    if (!isFields(entry)) throw refuse('managedFields', entry, 'v1.ManagedFieldsEntry');
  });
}

function decodeText(fields: Fields, field: string, path: string, refuse: Refuse): void {
  if (fields[field] === null) delete fields[field];
  const value = fields[field];
  if (value !== undefined && typeof value !== 'string') throw refuse(path, value, 'string');
}

function decodeList(
  metadata: Fields,
  field: string,
  zero: string | object,
  refuse: Refuse,
  decode: (item: unknown) => void,
): void {
  const list = metadata[field];
  if (list === undefined || list === null) return;
  if (!Array.isArray(list)) throw refuse(field, list, '[]');
  for (const [index, item] of list.entries()) {
    if (item === null) list[index] = structuredClone(zero);
    decode(list[index]);
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
