import type { JsonPath } from '@/lib/k8s/json';
import type { OpenApiSchema, Schemas } from './openapi';
import { nodeAt, type OutlineNode, wordsAt } from './outline';

/** An `apiVersion` and a `kind`. */
export interface ObjectType {
  apiVersion: string;
  kind: string;
}

/** The schemas of a group and version; undefined while they are not known. */
export type SchemasOf = (apiVersion: string) => Schemas | undefined;

/** A place's schema, and the schemas that it is to be read with. */
export interface PlacedSchema {
  schemas: Schemas;
  schema: OpenApiSchema;
  /** How far into the path the object begins that this schema belongs to: 2 in a List's item. */
  base: number;
}

/**
 * The types of objects whose schemas a place of a document needs: of the document itself, of the List's item around the
 * place, of an object embedded in it.
 */
export function objectTypesAround(root: OutlineNode | undefined, path: JsonPath): ObjectType[] {
  const found: ObjectType[] = [];
  for (let depth = 0; depth <= path.length; depth += 1) {
    const at = path.slice(0, depth);
    if (nodeAt(root, at)?.kind !== 'map') continue;
    const apiVersion = wordsAt(root, [...at, 'apiVersion']);
    const kind = wordsAt(root, [...at, 'kind']);
    if (apiVersion && kind) found.push({ apiVersion, kind });
  }
  return found;
}

/** The schema of a place of a document. */
export function schemaAt(
  root: OutlineNode | undefined,
  path: JsonPath,
  schemasOf: SchemasOf,
): PlacedSchema | undefined {
  let placed = rootSchema(root, [], schemasOf);
  for (let depth = 1; depth <= path.length; depth += 1) {
    const at = path.slice(0, depth);
    const step = at.at(-1) ?? '';
    const next = placed?.schemas.step(placed.schema, step);
    const isObject = isListItem(root, at) || (next && placed?.schemas.shape(next).isEmbedded);
    const own = isObject ? rootSchema(root, at, schemasOf) : undefined;
    placed = own ?? (placed && next ? { ...placed, schema: next } : undefined);
  }
  return placed;
}

function rootSchema(
  root: OutlineNode | undefined,
  at: JsonPath,
  schemasOf: SchemasOf,
): PlacedSchema | undefined {
  const apiVersion = wordsAt(root, [...at, 'apiVersion']);
  const schemas = apiVersion ? schemasOf(apiVersion) : undefined;
  const schema = schemas?.root(apiVersion, wordsAt(root, [...at, 'kind']));
  return schemas && schema ? { schemas, schema, base: at.length } : undefined;
}

/** `items[2]` of a `kind: List`, which holds any objects. */
export function isListItem(root: OutlineNode | undefined, path: JsonPath): boolean {
  return path.length === 2 && path[0] === 'items' && wordsAt(root, ['kind']) === 'List';
}
