import type { JsonPath } from '@/lib/k8s/json';
import { type PlacedSchema, type SchemasOf, schemaAt } from './document-schema';
import type { OpenApiSchema, Schemas, Shape } from './openapi';
import type { Outline } from './read-outline';

/** What is known of a field, for people. */
export interface FieldDocumentation {
  name: string;
  /** `integer`, `list of objects`, `string or integer`, in the schema's words. */
  types: readonly string[];
  /** Of a list's entries. */
  entryTypes: readonly string[];
  format: string;
  isRequired: boolean;
  isDeprecated: boolean;
  description: string;
  values: readonly string[];
  /** As JSON; empty without one. */
  default: string;
}

export interface HoveredField extends FieldDocumentation {
  path: JsonPath;
  from: number;
  to: number;
}

export function documentationOf(
  schemas: Schemas,
  schema: OpenApiSchema,
  name: string,
  isRequired: boolean,
): FieldDocumentation {
  const shape = schemas.shape(schema);
  const entries = shape.items && schemas.shape(shape.items);
  return {
    name,
    types: typeNames(shape),
    entryTypes: entries ? typeNames(entries) : [],
    format: shape.format,
    isRequired,
    isDeprecated: shape.isDeprecated,
    description: shape.description || (entries?.description ?? ''),
    values: (shape.values ?? entries?.values ?? []).map(String),
    default: shape.default === undefined ? '' : JSON.stringify(shape.default),
  };
}

/** The field whose key or value stands at the outline's place. */
export function fieldAt(outline: Outline, schemasOf: SchemasOf): HoveredField | undefined {
  const { place } = outline;
  if (!place) return undefined;
  const key = outline.text.slice(place.from, place.to).replace(/^(["'])(.*)\1$/, '$2');
  const path = place.kind === 'key' ? [...place.path, key] : place.path;
  if (place.kind === 'key' && key === '') return undefined;
  const found: PlacedSchema | undefined = schemaAt(outline.root, path, schemasOf);
  if (!found) return undefined;
  const name = path.findLast((step) => typeof step === 'string') ?? '';
  const parent = schemaAt(outline.root, path.slice(0, -1), schemasOf);
  const isRequired = parent?.schemas.shape(parent.schema).required.includes(String(path.at(-1))) ?? false;
  return {
    ...documentationOf(found.schemas, found.schema, name, isRequired),
    path,
    from: place.from,
    to: place.to,
  };
}

function typeNames({ types }: Shape): string[] {
  return [...(types ?? [])];
}
