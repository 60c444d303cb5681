import { createHash } from 'node:crypto';
import { groupVersion, type ResourceType, servedVersions } from '../resource-type';
import { RESOURCES } from '../resources';
import { definition, schemaName } from './definitions';
import { listOperations, objectOperations, type PathItem, statusOperations } from './openapi-paths';
import type { GroupVersionKind, Schema } from './schema-type';

const REF_PREFIX = '#/components/schemas/';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const SERVER_VERSION = 'unversioned';

/** A schema as it is served: `$ref` is a pointer into the document. */
type ServedSchema = Record<string, unknown>;

/** The OpenAPI v3 endpoints, as JSON texts that are made once. */
export interface OpenApi {
  /** The body of `GET /openapi/v3`. */
  index(): string;
  /** The body of `GET /openapi/v3/<path>`, e.g. `api/v1` or `apis/kubevirt.io/v1`; undefined where there is none. */
  document(path: string): string | undefined;
}

/**
 * Describes every resource in the registry. kubectl explains kinds from it, and looks up whether PATCH of a kind takes
 * `dryRun` and `fieldValidation` before it applies.
 */
export function createOpenApi(resources: readonly ResourceType[] = RESOURCES): OpenApi {
  const served = groupByPath(resources);
  const documents = new Map<string, string>();
  let index: string | undefined;

  function document(path: string): string | undefined {
    const known = documents.get(path);
    if (known !== undefined) return known;
    const types = served.get(path);
    if (!types) return undefined;
    const text = JSON.stringify(documentOf(types));
    documents.set(path, text);
    return text;
  }

  return {
    document,
    index() {
      index ??= JSON.stringify({
        paths: Object.fromEntries(
          [...served.keys()].sort().map((path) => {
            const hash = createHash('sha512')
              .update(document(path) ?? '')
              .digest('hex')
              .toUpperCase();
            return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
          }),
        ),
      });
      return index;
    },
  };
}

interface ServedType {
  type: ResourceType;
  version: string;
}

function groupByPath(resources: readonly ResourceType[]): Map<string, ServedType[]> {
  const served = new Map<string, ServedType[]>();
  for (const type of resources) {
    for (const version of servedVersions(type)) {
      const path = type.group ? `apis/${groupVersion({ group: type.group, version })}` : `api/${version}`;
      const list = served.get(path) ?? [];
      list.push({ type, version });
      served.set(path, list);
    }
  }
  return served;
}

function documentOf(types: ServedType[]): object {
  const schemas = new Map<string, ServedSchema>();
  const paths: Record<string, PathItem> = {};
  for (const name of ['DeleteOptions', 'ListMeta', 'Status']) addDefinition(`${META}.${name}`, schemas);
  for (const { type, version } of types) {
    const gvk = { group: type.group, version, kind: type.kind };
    const name = addKind(gvk, schemas);
    addList(name, gvk, schemas);
    Object.assign(paths, pathsOf(type, version, `${REF_PREFIX}${name}`));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: SERVER_VERSION },
    paths,
    components: { schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
}

function pathsOf(type: ResourceType, version: string, ref: string): Record<string, PathItem> {
  const root = type.group ? `/apis/${type.group}/${version}` : `/api/${version}`;
  const collection = type.namespaced
    ? `${root}/namespaces/{namespace}/${type.plural}`
    : `${root}/${type.plural}`;
  const paths: Record<string, PathItem> = {
    [collection]: listOperations(type, version, ref),
    [`${collection}/{name}`]: objectOperations(type, version, ref),
  };
  if (type.status) paths[`${collection}/{name}/status`] = statusOperations(type, version, ref);
  if (type.namespaced) {
    paths[`${root}/${type.plural}`] = { get: listOperations(type, version, ref).get, parameters: [] };
  }
  return paths;
}

/** Adds the kind's schema under the version that is served, and says what the schema is called. */
function addKind(gvk: GroupVersionKind, schemas: Map<string, ServedSchema>): string {
  const stored = schemaName(gvk.group, gvk.kind);
  const name = stored
    ? stored.replace(/\.v\d\w*\.(\w+)$/, `.${gvk.version}.$1`)
    : `${gvk.group.split('.').reverse().join('.')}.${gvk.version}.${gvk.kind}`;
  const schema: Schema = stored
    ? definition(stored)
    : { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const served = serve(schema, schemas);
  schemas.set(name, { ...served, 'x-kubernetes-group-version-kind': [gvk] });
  return name;
}

function addList(name: string, gvk: GroupVersionKind, schemas: Map<string, ServedSchema>): void {
  const text = { type: 'string' };
  schemas.set(`${name}List`, {
    description: `A list of ${gvk.kind} objects.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: text,
      items: { type: 'array', items: { $ref: `${REF_PREFIX}${name}` } },
      kind: text,
      metadata: { $ref: `${REF_PREFIX}${META}.ListMeta` },
    },
    'x-kubernetes-group-version-kind': [{ ...gvk, kind: `${gvk.kind}List` }],
  });
}

function addDefinition(name: string, schemas: Map<string, ServedSchema>): void {
  if (schemas.has(name)) return;
  schemas.set(name, {});
  schemas.set(name, serve(definition(name), schemas));
}

/** Rewrites references into pointers, and adds what they point to. */
function serve(schema: Schema, schemas: Map<string, ServedSchema>): ServedSchema {
  const { $ref, properties, items, additionalProperties, oneOf, ...rest } = schema;
  if ($ref) {
    addDefinition($ref, schemas);
    const pointer = { $ref: `${REF_PREFIX}${$ref}` };
    // OpenAPI 3.0 ignores everything beside a $ref.
    return Object.keys(rest).length > 0 ? { ...rest, allOf: [pointer] } : pointer;
  }
  const served: ServedSchema = { ...rest };
  if (oneOf) served.oneOf = oneOf.map((one) => serve(one, schemas));
  if (items) served.items = serve(items, schemas);
  if (additionalProperties) served.additionalProperties = serve(additionalProperties, schemas);
  if (properties) {
    const fields = Object.entries(properties).map(([name, field]) => [name, serve(field, schemas)] as const);
    served.properties = Object.fromEntries(fields);
  }
  return served;
}
