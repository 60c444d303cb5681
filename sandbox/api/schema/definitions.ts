import { addConstraints } from './constraints';
import kubernetes from './generated/kubernetes.json';
import kubevirt from './generated/kubevirt.json';
import { addMergeRules } from './list-types';
import type { Schema } from './schema-type';
import { WRITTEN_SCHEMAS } from './written-kinds';

export const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
export const INT_OR_STRING = 'io.k8s.apimachinery.pkg.util.intstr.IntOrString';
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
export const TIMES = [`${META}.Time`, `${META}.MicroTime`];

// The generator writes this shape; the compiler sees only the literals.
const generated = { ...kubernetes, ...kubevirt } as unknown as Record<string, Schema>;
const definitions = { ...generated, ...WRITTEN_SCHEMAS };
addMergeRules(definitions);
addConstraints(definitions);

const byKind = new Map<string, string>();
for (const [name, schema] of Object.entries(definitions)) {
  for (const { group, kind } of schema['x-kubernetes-group-version-kind'] ?? [])
    byKind.set(`${group}/${kind}`, name);
}

/** The definition called `name`. */
export function definition(name: string): Schema {
  const schema = definitions[name];
  if (!schema) throw new Error(`No schema is called ${name}`);
  return schema;
}

/** The name of a kind's schema. Older served versions share the schema of the stored one. */
export function schemaName(group: string, kind: string): string | undefined {
  return byKind.get(`${group}/${kind}`);
}

/** Follows `$ref` to what it means. */
export function resolve(schema: Schema): Schema {
  return schema.$ref ? definition(schema.$ref) : schema;
}
