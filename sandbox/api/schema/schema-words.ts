import type { Schema } from './schema-type';

/** Short words for schemas that are written by hand. */
export const TEXT: Schema = { type: 'string' };
export const WHOLE: Schema = { type: 'integer', format: 'int64' };
export const FLAG: Schema = { type: 'boolean' };
export const TIME: Schema = { type: 'string', format: 'date-time' };
export const ANY: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
export const QUANTITY_TEXT: Schema = { $ref: 'io.k8s.apimachinery.pkg.api.resource.Quantity' };

export const map = (values: Schema): Schema => ({ type: 'object', additionalProperties: values });
export const list = (items: Schema): Schema => ({ type: 'array', items });
export const oneOf = (...values: string[]): Schema => ({ type: 'string', enum: values });
export const says = (schema: Schema, description: string): Schema => ({ ...schema, description });
export const reference = (name: string): Schema => ({ $ref: name });

/** An object; fields whose name ends with `!` are required. */
export function fields(properties: Record<string, Schema>): Schema {
  const entries = Object.entries(properties);
  const required = entries.filter(([name]) => name.endsWith('!')).map(([name]) => name.slice(0, -1));
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, schema]) => [name.replace(/!$/, ''), schema])),
    ...(required.length > 0 ? { required } : {}),
  };
}

/** The schema of a kind: what every object has, and its own fields. */
export function kindSchema(
  place: string,
  kind: string,
  description: string,
  own: Record<string, Schema>,
): Schema {
  const [group = '', version = ''] = place.split('/');
  return {
    ...fields({
      apiVersion: says(TEXT, 'Version of the schema of this object.'),
      kind: says(TEXT, 'Kind of this object.'),
      metadata: reference('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'),
      ...own,
    }),
    description,
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}

/** Conditions as most operators write them. */
export const CONDITIONS = list(
  fields({
    'type!': TEXT,
    'status!': TEXT,
    reason: TEXT,
    message: TEXT,
    lastTransitionTime: TIME,
    lastHeartbeatTime: TIME,
    observedGeneration: WHOLE,
  }),
);
