import { createHash } from 'node:crypto';
import type { Registry } from '../custom/registry';
import { SUBRESOURCE_GROUP, SUBRESOURCE_VERSIONS } from '../kubevirt-subresources';
import { definition } from './definitions';
import { actionPaths, actionSchemas, VIRT_API_INFO } from './openapi-actions';
import {
  discoveryReadings,
  type Reading,
  readingPath,
  resourcesReading,
  VERSION_SCHEMA,
} from './openapi-discovery';
import { ownSchemas, type ServedKind, servedKinds } from './openapi-kinds';
import { type PathItem, pathsOf } from './openapi-paths';
import type { Schema } from './schema-type';

const REF_PREFIX = '#/components/schemas/';
const INFO = { title: 'Kubernetes', version: '1.34' };
const CUSTOM_INFO = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };

/** A schema as it is served: `$ref` is a pointer into the document. */
export type ServedSchema = Record<string, unknown>;

export interface OpenApiDocument {
  openapi: '3.0.0';
  info: { title: string; version: string; description?: string };
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
  let makers = new Map<string, () => OpenApiDocument>();
  let texts = new Map<string, HashedText>();
  let index: string | undefined;

  function refresh(): void {
    if (generation === registry.generation) return;
    generation = registry.generation;
    makers = makersOf(registry);
    texts = new Map();
    index = undefined;
  }

  function document(path: string): HashedText | undefined {
    refresh();
    const make = makers.get(path);
    if (!make) return undefined;
    const known = texts.get(path);
    if (known) return known;
    const text = JSON.stringify(make());
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
          [...makers.keys()].sort().map((path) => {
            const hash = document(path)?.hash ?? '';
            return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
          }),
        ),
      });
      return index;
    },
    all() {
      refresh();
      return [...makers.values()].map((make) => make());
    },
    generation: () => registry.generation,
  };
}

/** How each document is made, by its path. */
function makersOf(registry: Registry): Map<string, () => OpenApiDocument> {
  const served = servedKinds(registry);
  const makers = new Map<string, () => OpenApiDocument>();
  for (const [path, kinds] of served) makers.set(path, () => kindsDocument(registry, kinds));
  const groups = new Set(registry.list().map(({ group }) => group));
  for (const [path, reading] of discoveryReadings([...groups])) {
    makers.set(path, () => readingDocument(reading));
  }
  for (const version of SUBRESOURCE_VERSIONS) {
    makers.set(`apis/${SUBRESOURCE_GROUP}/${version}`, () => {
      const named = actionSchemas().map((name): [string, Schema] => [name, definition(name)]);
      return assemble(VIRT_API_INFO, actionPaths(version, REF_PREFIX), named);
    });
  }
  return makers;
}

function kindsDocument(registry: Registry, kinds: ServedKind[]): OpenApiDocument {
  const own = ownSchemas(registry, kinds);
  const paths: Record<string, PathItem> = {};
  for (const kind of kinds) Object.assign(paths, pathsOf(kind, REF_PREFIX));
  const [first] = kinds;
  if (!first || kinds.some(({ type }) => type.custom)) return assemble(CUSTOM_INFO, paths, own);
  const reading = resourcesReading(first.gvk.group, first.version);
  paths[reading.path] = readingPath(reading, REF_PREFIX);
  if (reading.answer) own.set(reading.answer, definition(reading.answer));
  return assemble(INFO, paths, own);
}

function readingDocument(reading: Reading): OpenApiDocument {
  const { path, answer } = reading;
  const schema =
    answer === undefined ? undefined : answer.endsWith('.Info') ? VERSION_SCHEMA : definition(answer);
  const named: [string, Schema][] = answer && schema ? [[answer, schema]] : [];
  return assemble(INFO, { [path]: readingPath(reading, REF_PREFIX) }, named);
}

function assemble(
  info: OpenApiDocument['info'],
  paths: Record<string, PathItem>,
  named: Iterable<[string, Schema]>,
): OpenApiDocument {
  const schemas = new Map<string, ServedSchema>();
  for (const [name, schema] of named) schemas.set(name, serve(schema, schemas));
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(Object.entries(paths).sort(byName)),
    components: { schemas: Object.fromEntries([...schemas].sort(byName)) },
  };
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1);

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
  if (/^io\.(k8s\.(api|apimachinery)\.|kubevirt\.v1)/.test(name)) addDefinition(name, schemas);
}
