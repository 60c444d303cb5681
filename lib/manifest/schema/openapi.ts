/** The part of an OpenAPI v3 schema that the Kubernetes API writes. */
export interface OpenApiSchema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  nullable?: boolean;
  minimum?: number;
  maximum?: number;
  required?: string[];
  properties?: Record<string, OpenApiSchema>;
  additionalProperties?: boolean | OpenApiSchema;
  items?: OpenApiSchema;
  allOf?: OpenApiSchema[];
  oneOf?: OpenApiSchema[];
  anyOf?: OpenApiSchema[];
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

/** What `/openapi/v3/apis/<group>/<version>` answers, as far as it is read here. */
export interface OpenApiDocument {
  components?: { schemas?: Record<string, OpenApiSchema> };
}

export type JsonType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/** A schema with its references and alternatives put together. */
export interface Shape {
  /** Which values fit; undefined where any does. */
  types: ReadonlySet<JsonType> | undefined;
  description: string;
  properties: ReadonlyMap<string, OpenApiSchema>;
  /** Of keys that `properties` does not name. */
  rest: OpenApiSchema | undefined;
  /** Keys beyond `properties` are kept by the server, so that none is unknown. */
  isOpen: boolean;
  items: OpenApiSchema | undefined;
  required: readonly string[];
  /** The only values there are, where the schema lists them. */
  values: readonly unknown[] | undefined;
  default: unknown;
  format: string;
  minimum: number | undefined;
  maximum: number | undefined;
  isDeprecated: boolean;
  /** An object with an apiVersion and kind of its own. */
  isEmbedded: boolean;
  /** The keys that tell the entries of a list apart. */
  listKeys: readonly string[];
}

const TYPES: readonly JsonType[] = ['object', 'array', 'string', 'integer', 'number', 'boolean'];
const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Kubernetes' OpenAPI has no mark for it; its conventions put the word at the start of a sentence. */
const DEPRECATED = /(^|\n|[.;]\s+)\(?deprecated\b/i;

/** The schemas of one group and version, taken apart where they are asked for: `$ref`s may go round in circles. */
export class Schemas {
  readonly #named: Record<string, OpenApiSchema>;
  readonly #shapes = new WeakMap<OpenApiSchema, Shape>();
  readonly #roots = new Map<string, OpenApiSchema>();

  constructor(document: OpenApiDocument) {
    this.#named = document.components?.schemas ?? {};
    for (const schema of Object.values(this.#named)) {
      for (const { group, version, kind } of schema['x-kubernetes-group-version-kind'] ?? []) {
        this.#roots.set(`${group ? `${group}/` : ''}${version} ${kind}`, schema);
      }
    }
  }

  /** The schema of a kind; undefined when this document does not describe it. */
  root(apiVersion: string, kind: string): OpenApiSchema | undefined {
    return this.#roots.get(`${apiVersion} ${kind}`);
  }

  shape(schema: OpenApiSchema): Shape {
    const known = this.#shapes.get(schema);
    if (known) return known;
    const parts = this.#parts(schema, new Set());
    const made = shapeOf(parts, this.#alternatives(parts));
    this.#shapes.set(schema, made);
    return made;
  }

  /** One step from a schema: a key of a mapping, or any index of a list. */
  step(schema: OpenApiSchema, step: string | number): OpenApiSchema | undefined {
    const shape = this.shape(schema);
    if (typeof step === 'number') return shape.items;
    const child = shape.properties.get(step) ?? shape.rest;
    // Templates of objects keep any metadata, and say nothing of what there is.
    if (child && step === 'metadata' && this.shape(child).properties.size === 0) return this.#metadata(child);
    return child;
  }

  at(schema: OpenApiSchema, path: readonly (string | number)[]): OpenApiSchema | undefined {
    let found: OpenApiSchema | undefined = schema;
    for (const step of path) found = found && this.step(found, step);
    return found;
  }

  readonly #metadataOf = new WeakMap<OpenApiSchema, OpenApiSchema>();

  #metadata(child: OpenApiSchema): OpenApiSchema {
    const properties = this.#named[OBJECT_META]?.properties;
    if (!properties) return child;
    const known = this.#metadataOf.get(child) ?? { ...child, properties };
    this.#metadataOf.set(child, known);
    return known;
  }

  /** A schema with all that must hold beside it: what it refers to, and its `allOf`. */
  #parts(schema: OpenApiSchema, seen: Set<OpenApiSchema>): OpenApiSchema[] {
    if (seen.has(schema)) return [];
    seen.add(schema);
    const name = schema.$ref?.split('/').at(-1);
    const target = name === undefined ? undefined : this.#named[decodeURIComponent(name)];
    return [
      schema,
      ...(target ? this.#parts(target, seen) : []),
      ...(schema.allOf ?? []).flatMap((part) => this.#parts(part, seen)),
    ];
  }

  #alternatives(parts: readonly OpenApiSchema[]): OpenApiSchema[][] {
    return parts.flatMap(({ oneOf = [], anyOf = [] }) =>
      [...oneOf, ...anyOf].map((part) => this.#parts(part, new Set(parts))),
    );
  }
}

function shapeOf(parts: readonly OpenApiSchema[], alternatives: readonly OpenApiSchema[][]): Shape {
  const first = <T>(read: (part: OpenApiSchema) => T | undefined) =>
    parts.map(read).find((value) => value !== undefined);
  const properties = new Map<string, OpenApiSchema>();
  // An alternative often says only which of the fields must be there.
  for (const part of [...parts, ...alternatives.flat()]) {
    for (const [key, schema] of Object.entries(part.properties ?? {})) {
      if (!properties.has(key)) properties.set(key, schema);
    }
  }
  const rest = first(({ additionalProperties }) => additionalProperties);
  const description = first((part) => part.description) ?? '';
  const types = typesOf(parts, alternatives);
  const isObject = types === undefined || types.has('object');
  const keeps = parts.some((part) => part['x-kubernetes-preserve-unknown-fields']);
  return {
    types,
    description,
    properties,
    rest: typeof rest === 'object' ? rest : undefined,
    isOpen: keeps || rest === true || (isObject && properties.size === 0 && rest === undefined),
    items: first((part) => part.items),
    required: [...new Set(parts.flatMap((part) => part.required ?? []))],
    values: first((part) => part.enum) ?? valuesOf(alternatives),
    default: first((part) => part.default),
    format: first((part) => part.format) ?? '',
    minimum: first((part) => part.minimum),
    maximum: first((part) => part.maximum),
    isDeprecated: DEPRECATED.test(description),
    isEmbedded: parts.some((part) => part['x-kubernetes-embedded-resource']),
    listKeys:
      first((part) =>
        part['x-kubernetes-list-type'] === 'map' ? part['x-kubernetes-list-map-keys'] : undefined,
      ) ?? [],
  };
}

function typesOf(
  parts: readonly OpenApiSchema[],
  alternatives: readonly OpenApiSchema[][],
): ReadonlySet<JsonType> | undefined {
  if (parts.some((part) => part['x-kubernetes-int-or-string'] || part.format === 'int-or-string')) {
    return new Set(['integer', 'string']);
  }
  const own = parts.map(({ type }) => TYPES.find((known) => known === type)).find(Boolean);
  if (own) return new Set([own]);
  const others = alternatives.map((each) => each.map(({ type }) => type).find(Boolean));
  if (others.length > 0 && others.every(Boolean)) {
    return new Set(TYPES.filter((known) => others.includes(known)));
  }
  if (parts.some((part) => part.properties || part.additionalProperties)) return new Set(['object']);
  return parts.some((part) => part.items) ? new Set(['array']) : undefined;
}

/** Alternatives that all list their values together list the values that there are. */
function valuesOf(alternatives: readonly OpenApiSchema[][]): unknown[] | undefined {
  const lists = alternatives.map((each) => each.map((part) => part.enum).find(Boolean));
  return lists.length > 0 && lists.every(Boolean) ? lists.flatMap((list) => list ?? []) : undefined;
}

/** Where `/openapi/v3` says that the description of a group and version lies, with the hash of its content. */
export function openApiPath(index: unknown, apiVersion: string): string | undefined {
  const key = apiVersion.includes('/') ? `apis/${apiVersion}` : `api/${apiVersion}`;
  const paths = (index as { paths?: Record<string, { serverRelativeURL?: string }> } | undefined)?.paths;
  return paths && Object.hasOwn(paths, key) ? paths[key]?.serverRelativeURL : undefined;
}
