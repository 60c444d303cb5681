import { createHash } from 'node:crypto';
import type { Registry } from '../custom/registry';
import { definition } from './definitions';
import { ownSchemas, type ServedKind, servedKinds } from './openapi-kinds';
import { type PathItem, pathsOf } from './openapi-paths';
import type { Schema } from './schema-type';

const REF_PREFIX = '#/components/schemas/';

/** A schema as it is served: `$ref` is a pointer into the document. */
export type ServedSchema = Record<string, unknown>;

export interface OpenApiDocument {
  openapi: '3.0.0';
  info: { title: string; version: string };
  paths: Record<string, PathItem>;
  components: { schemas: Record<string, ServedSchema> };
}

/** A document as text, and the hash that names its content. */
export interface HashedText {
  text: string;
  /** SHA-512 in capitals. */
  hash: string;
}

/** The OpenAPI v3 endpoints, as JSON texts that are made once and again when what is served changes. */
export interface OpenApi {
  /** The body of `GET /openapi/v3`. */
  index(): string;
  /** `GET /openapi/v3/<path>`, e.g. `api/v1` or `apis/kubevirt.io/v1`; undefined where there is none. */
  document(path: string): HashedText | undefined;
  /** Every document there is, as objects. */
  all(): OpenApiDocument[];
  /** What a copy of any of this is out of date by. */
  generation(): number;
}

/**
 * Describes every resource of the registry. kubectl explains kinds from it, and looks up whether PATCH of a kind takes
 * `dryRun` and `fieldValidation` before it applies.
 */
export function createOpenApi(registry: Registry): OpenApi {
  let generation = -1;
  let served = new Map<string, ServedKind[]>();
  let texts = new Map<string, HashedText>();
  let index: string | undefined;

  function refresh(): void {
    if (generation === registry.generation) return;
    generation = registry.generation;
    served = servedKinds(registry);
    texts = new Map();
    index = undefined;
  }

  function document(path: string): HashedText | undefined {
    refresh();
    const kinds = served.get(path);
    if (!kinds) return undefined;
    const known = texts.get(path);
    if (known) return known;
    const text = JSON.stringify(documentOf(registry, kinds));
    const made = { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
    texts.set(path, made);
    return made;
  }

  return {
    document,
    index() {
      refresh();
      index ??= JSON.stringify({
        paths: Object.fromEntries(
          [...served.keys()].sort().map((path) => {
            const hash = document(path)?.hash ?? '';
            return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
          }),
        ),
      });
      return index;
    },
    all() {
      refresh();
      return [...served.values()].map((kinds) => documentOf(registry, kinds));
    },
    generation: () => registry.generation,
  };
}

function documentOf(registry: Registry, kinds: ServedKind[]): OpenApiDocument {
  const schemas = new Map<string, ServedSchema>();
  for (const [name, schema] of ownSchemas(registry, kinds)) schemas.set(name, serve(schema, schemas));
  const custom = kinds.some(({ type }) => type.custom);
  return {
    openapi: '3.0.0',
    info: custom
      ? { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }
      : { title: 'Kubernetes', version: '1.34' },
    paths: Object.assign({}, ...kinds.map((kind) => pathsOf(kind, REF_PREFIX))) as Record<string, PathItem>,
    components: { schemas: Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1))) },
  };
}

function addDefinition(name: string, schemas: Map<string, ServedSchema>): void {
  if (schemas.has(name)) return;
  schemas.set(name, {});
  schemas.set(name, serve(definition(name), schemas));
}

/** Rewrites references into pointers, and adds what they point to. */
function serve(schema: Schema, schemas: Map<string, ServedSchema>): ServedSchema {
  const { $ref, properties, items, additionalProperties, ...rest } = schema;
  if ($ref) {
    // Kinds of the document itself are added by their own names.
    if (!$ref.endsWith('List') && !schemas.has($ref)) addIfDefined($ref, schemas);
    const pointer = { $ref: `${REF_PREFIX}${$ref}` };
    // OpenAPI 3.0 ignores everything beside a $ref.
    return Object.keys(rest).length > 0 ? { ...rest, allOf: [pointer] } : pointer;
  }
  const served: ServedSchema = { ...rest };
  for (const name of ['oneOf', 'anyOf', 'allOf'] as const) {
    if (schema[name]) served[name] = schema[name].map((one) => serve(one, schemas));
  }
  if (schema.not) served.not = serve(schema.not, schemas);
  if (items) served.items = serve(items, schemas);
  if (typeof additionalProperties === 'object') {
    served.additionalProperties = serve(additionalProperties, schemas);
  } else if (additionalProperties) served.additionalProperties = additionalProperties;
  if (properties) {
    const fields = Object.entries(properties).map(([name, field]) => [name, serve(field, schemas)] as const);
    served.properties = Object.fromEntries(fields);
  }
  return served;
}

function addIfDefined(name: string, schemas: Map<string, ServedSchema>): void {
  if (/^io\.k8s\.(api|apimachinery|apiextensions|kube)/.test(name)) addDefinition(name, schemas);
}
