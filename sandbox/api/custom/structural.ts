import { definition, INT_OR_STRING, QUANTITY, schemaName, TIMES } from '../schema/definitions';
import type { Schema } from '../schema/schema-type';

const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
/** What controller-gen writes for resource.Quantity. */
const QUANTITY_PATTERN =
  '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$';
const INT_OR_STRING_SCHEMA: Schema = {
  anyOf: [{ type: 'integer' }, { type: 'string' }],
  'x-kubernetes-int-or-string': true,
};
const ROOT_DESCRIPTIONS = {
  apiVersion:
    'APIVersion defines the versioned schema of this representation of an object.\nServers should convert recognized schemas to the latest internal value, and\nmay reject unrecognized values.\nMore info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
  kind: 'Kind is a string value representing the REST resource this object represents.\nServers may infer this from the endpoint the client submits requests to.\nCannot be updated.\nIn CamelCase.\nMore info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
};
/** Kinds embedded whole, whose metadata a definition keeps as it comes. */
const TEMPLATES = /(TemplateSpec|\.VirtualMachine|\.DataVolume)$/;

const known = new Map<string, Schema | undefined>();

/**
 * The schema that the CustomResourceDefinition of a well-known kind carries: what is generated from the published
 * types, with everything that it refers to put in place, in the dialect of structural schemas.
 */
export function seededSchema(group: string, kind: string): Schema | undefined {
  const place = `${group}/${kind}`;
  if (!known.has(place)) {
    const name = schemaName(group, kind);
    known.set(place, name === undefined ? undefined : rootSchema(definition(name)));
  }
  return known.get(place);
}

function rootSchema(schema: Schema): Schema {
  const { 'x-kubernetes-group-version-kind': _kind, properties = {}, ...rest } = schema;
  const fields = Object.entries(properties).map(([name, field]): [string, Schema] => {
    if (name === 'metadata') return [name, { type: 'object' }];
    if (name === 'apiVersion' || name === 'kind') {
      return [name, { type: 'string', description: ROOT_DESCRIPTIONS[name] }];
    }
    return [name, inlined(field)];
  });
  return { ...rest, type: 'object', properties: Object.fromEntries(fields) };
}

function inlined(schema: Schema, embeds = false): Schema {
  const { $ref, properties, items, additionalProperties, oneOf, ...own } = schema;
  const text = own.description === undefined ? {} : { description: own.description };
  const nullable = own.nullable ? { nullable: true } : {};
  if ($ref === QUANTITY) return { ...INT_OR_STRING_SCHEMA, pattern: QUANTITY_PATTERN, ...text };
  if ($ref === INT_OR_STRING) return { ...INT_OR_STRING_SCHEMA, ...text };
  if ($ref && TIMES.includes($ref)) return { type: 'string', format: 'date-time', ...nullable, ...text };
  if ($ref === OBJECT_META) {
    const kept = embeds ? { nullable: true, 'x-kubernetes-preserve-unknown-fields': true } : {};
    return { type: 'object', ...kept, ...text };
  }
  if ($ref) return inlined({ ...definition($ref), ...own }, TEMPLATES.test($ref));
  const place: Schema = { ...own };
  // controller-gen knows no unsigned numbers: their width is all that is left.
  if (own.format === 'uint32') place.format = 'int32';
  if (own.format === 'uint') delete place.format;
  delete place['x-kubernetes-group-version-kind'];
  delete place['x-kubernetes-patch-merge-key'];
  delete place['x-kubernetes-patch-strategy'];
  if (items) place.items = inlined(items);
  if (additionalProperties) place.additionalProperties = inlined(additionalProperties);
  if (oneOf) return { ...place, ...INT_OR_STRING_SCHEMA };
  if (properties) {
    const fields = Object.entries(properties).map(([name, field]) => [name, inlined(field, embeds)] as const);
    place.properties = Object.fromEntries(fields);
  }
  return place;
}

const prepared = new WeakMap<Schema, Schema>();

/**
 * A definition's schema as objects are pruned and validated by it: `additionalProperties: true` becomes what it means,
 * and every object that is a resource, the root among them, has the fields that resources have.
 */
export function workingSchema(schema: Schema): Schema {
  const done = prepared.get(schema);
  if (done) return done;
  const working = withTypeFields(expanded(schema));
  prepared.set(schema, working);
  return working;
}

function expanded(schema: Schema): Schema {
  const copy: Schema = { ...schema };
  const { additionalProperties: more } = schema as { additionalProperties?: Schema | boolean };
  if (more === true) copy.additionalProperties = { 'x-kubernetes-preserve-unknown-fields': true };
  else if (more) copy.additionalProperties = expanded(more);
  else delete copy.additionalProperties;
  if (schema.items) copy.items = expanded(schema.items);
  if (schema.properties) {
    const fields = Object.entries(schema.properties).map(([name, field]) => [name, expanded(field)] as const);
    copy.properties = Object.fromEntries(fields);
  }
  return schema['x-kubernetes-embedded-resource'] ? withTypeFields(copy) : copy;
}

function withTypeFields(schema: Schema): Schema {
  const text: Schema = { type: 'string' };
  const { metadata } = schema.properties ?? {};
  const properties: Record<string, Schema> = { apiVersion: text, kind: text, ...schema.properties };
  // Names may be restricted by the definition; all else of the metadata is Kubernetes' own.
  properties.metadata = metadata?.properties
    ? { ...metadata, 'x-kubernetes-preserve-unknown-fields': true }
    : { $ref: OBJECT_META };
  return { ...schema, properties };
}
