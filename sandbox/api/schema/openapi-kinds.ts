import type { Registry } from '../custom/registry';
import { seededSchema } from '../custom/structural';
import { groupVersion, type ResourceType, servedVersions } from '../resource-type';
import { REVIEW_TYPES } from '../review-types';
import { definition, schemaName } from './definitions';
import type { GroupVersionKind, Schema } from './schema-type';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const CONVENTIONS =
  'More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md';
const API_VERSION: Schema = {
  description: `APIVersion defines the versioned schema of this representation of an object. Servers should convert recognized schemas to the latest internal value, and may reject unrecognized values. ${CONVENTIONS}#resources`,
  type: 'string',
};
const KIND: Schema = {
  description: `Kind is a string value representing the REST resource this object represents. Servers may infer this from the endpoint the client submits requests to. Cannot be updated. In CamelCase. ${CONVENTIONS}#types-kinds`,
  type: 'string',
};
const METADATA: Schema = {
  $ref: `${META}.ObjectMeta`,
  description: `Standard object's metadata. ${CONVENTIONS}#metadata`,
};
const SCALE = 'io.k8s.api.autoscaling.v1.Scale';

/** One resource in one of its versions, with the names of its schemas. */
export interface ServedKind {
  type: ResourceType;
  version: string;
  gvk: GroupVersionKind;
  /** Name of the kind's schema; that of its list ends with List. */
  name: string;
}

/** What is served, by the path of its OpenAPI document: `api/v1`, `apis/kubevirt.io/v1` … */
export function servedKinds(registry: Registry): Map<string, ServedKind[]> {
  const served = new Map<string, ServedKind[]>();
  for (const listed of [...registry.list(), ...REVIEW_TYPES]) {
    for (const version of servedVersions(listed)) {
      const type = registry.find(listed.group, version, listed.plural) ?? listed;
      const path = type.group ? `apis/${groupVersion({ group: type.group, version })}` : `api/${version}`;
      const gvk = { group: type.group, version, kind: type.kind };
      const kinds = served.get(path) ?? [];
      kinds.push({ type, version, gvk, name: nameOf(type, version) });
      served.set(path, kinds);
    }
  }
  return served;
}

function nameOf({ group, kind, custom }: ResourceType, version: string): string {
  const stored = custom ? undefined : schemaName(group, kind);
  if (stored) return stored.replace(/\.v\d\w*\.(\w+)$/, `.${version}.$1`);
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

/** The schemas that a document's kinds have of their own, by name; everything else is found by `definition`. */
export function ownSchemas(registry: Registry, kinds: readonly ServedKind[]): Map<string, Schema> {
  const schemas = new Map<string, Schema>();
  for (const kind of kinds) {
    schemas.set(kind.name, kindSchema(registry, kind));
    schemas.set(`${kind.name}List`, listSchema(kind));
    if (kind.type.scale) schemas.set(SCALE, definition(SCALE));
  }
  for (const name of ['DeleteOptions', 'ListMeta', 'Status']) {
    schemas.set(`${META}.${name}`, definition(`${META}.${name}`));
  }
  schemas.set(`${META}.Patch`, {
    description: 'Patch is provided to give a concrete name and type to the Kubernetes PATCH request body.',
    type: 'object',
  });
  return schemas;
}

function kindSchema(registry: Registry, { type, version, gvk }: ServedKind): Schema {
  const tag = { 'x-kubernetes-group-version-kind': [gvk] };
  if (!type.custom) {
    const stored = schemaName(type.group, type.kind);
    return stored ? { ...definition(stored), ...tag } : openSchema(tag);
  }
  const schema = registry.customSchema(type.id, version) ?? seededSchema(type.group, type.kind);
  if (!schema) return openSchema(tag);
  const own = schema.properties ?? {};
  return {
    ...schema,
    properties: { ...own, apiVersion: API_VERSION, kind: KIND, metadata: METADATA },
    ...tag,
  };
}

const openSchema = (tag: Schema): Schema => ({
  type: 'object',
  'x-kubernetes-preserve-unknown-fields': true,
  ...tag,
});

function listSchema({ name, gvk, type }: ServedKind): Schema {
  const listKind = type.listKind ?? `${gvk.kind}List`;
  return {
    description: `${listKind} is a list of ${gvk.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: API_VERSION,
      items: {
        description: `List of ${type.plural}. ${CONVENTIONS}`,
        type: 'array',
        items: { $ref: name },
      },
      kind: KIND,
      metadata: {
        $ref: `${META}.ListMeta`,
        description: `Standard list metadata. ${CONVENTIONS}#types-kinds`,
      },
    },
    'x-kubernetes-group-version-kind': [{ ...gvk, kind: listKind }],
  };
}
