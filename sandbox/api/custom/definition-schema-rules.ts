import {
  duplicateValue,
  forbiddenValue,
  invalidValue,
  requiredValue,
  unsupportedValue,
} from '../admission/field-error';
import type { StatusCause } from '../errors';
import type { Schema } from '../schema/schema-type';

/** JSON Schema that structural schemas may not use at all. */
const FORBIDDEN = {
  $ref: '$ref is not supported',
  definitions: 'definitions is not supported',
  dependencies: 'dependencies is not supported',
  patternProperties: 'patternProperties is not supported',
  additionalItems: 'additionalItems is not supported',
  id: 'id is not supported',
  $schema: '',
};
/** What the branches of allOf, anyOf, oneOf and not may only restate, not declare. */
const DECLARING = [
  'description',
  'type',
  'default',
  'additionalProperties',
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
];
const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
/** As schemas come from outside, where anything may stand. */
type Sent = Schema & Record<string, unknown>;

/** Why a schema is not structural, or not one that the apiserver takes. */
export function schemaRuleCauses(schema: Schema, path: string): StatusCause[] {
  const causes: StatusCause[] = [];
  if (!schema.type) causes.push(requiredValue(`${path}.type`, 'must not be empty at the root'));
  else if (schema.type !== 'object') {
    causes.push(invalidValue(`${path}.type`, schema.type, 'must be object at the root'));
  }
  if (schema.nullable) {
    causes.push(forbiddenValue(`${path}.nullable`, 'nullable cannot be true at the root'));
  }
  const { properties: fields, ...limits } = schema.properties?.metadata ?? {};
  const restricts = Object.keys(fields ?? {}).some((name) => name !== 'name' && name !== 'generateName');
  if (restricts || 'additionalProperties' in limits || 'required' in limits) {
    causes.push(
      forbiddenValue(
        `${path}.properties[metadata]`,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
  }
  walk(schema as Sent, path, 'root', causes);
  return causes;
}

function walk(
  schema: Sent,
  path: string,
  place: 'root' | 'field' | 'item' | 'value',
  causes: StatusCause[],
): void {
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  const preserves = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (!schema.type && place !== 'root' && !intOrString && !preserves) {
    const what = {
      field: 'specified object fields',
      item: 'specified array items',
      value: 'specified object fields',
    }[place];
    causes.push(requiredValue(`${path}.type`, `must not be empty for ${what}`));
  }
  if (schema.type && intOrString) {
    causes.push(
      invalidValue(`${path}.type`, schema.type, 'must be empty if x-kubernetes-int-or-string is true'),
    );
  } else if (schema.type && !TYPES.includes(schema.type)) {
    causes.push(unsupportedValue(`${path}.type`, schema.type, TYPES));
  }
  for (const [name, why] of Object.entries(FORBIDDEN)) {
    if (schema[name] !== undefined) causes.push(forbiddenValue(`${path}.${name}`, why));
  }
  if (schema.uniqueItems === true) {
    causes.push(
      forbiddenValue(
        `${path}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    causes.push(
      invalidValue(`${path}.x-kubernetes-preserve-unknown-fields`, false, 'must be true or undefined'),
    );
  }
  if ((schema.additionalProperties as unknown) === false) {
    causes.push(
      forbiddenValue(`${path}.additionalProperties`, 'additionalProperties cannot be set to false'),
    );
  }
  if (schema.properties && schema.additionalProperties) {
    causes.push(
      forbiddenValue(
        `${path}.additionalProperties`,
        'additionalProperties and properties are mutual exclusive',
      ),
    );
  }
  if (schema['x-kubernetes-embedded-resource'] && schema.type !== 'object') {
    causes.push(
      invalidValue(
        `${path}.type`,
        schema.type ?? '',
        'must be object if x-kubernetes-embedded-resource is true',
      ),
    );
  }
  listCauses(schema, path, causes);
  if (schema.type === 'array' && !schema.items) {
    causes.push(requiredValue(`${path}.items`, 'must be specified'));
  }
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    // Metadata of the root is Kubernetes' own business.
    if (place === 'root' && name === 'metadata') continue;
    walk(field as Sent, `${path}.properties[${name}]`, 'field', causes);
  }
  if (schema.items) walk(schema.items as Sent, `${path}.items`, 'item', causes);
  if (typeof schema.additionalProperties === 'object') {
    walk(schema.additionalProperties as Sent, `${path}.additionalProperties`, 'value', causes);
  }
  for (const kind of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, branch] of (schema[kind] ?? []).entries()) {
      branchCauses(branch as Sent, `${path}.${kind}[${index}]`, intOrString, causes);
    }
  }
  if (schema.not) branchCauses(schema.not as Sent, `${path}.not`, false, causes);
}

function listCauses(schema: Sent, path: string, causes: StatusCause[]): void {
  const kind = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (kind === undefined) {
    if (keys.length > 0) {
      causes.push(
        requiredValue(
          `${path}.x-kubernetes-list-type`,
          'must be map if x-kubernetes-list-map-keys is non-empty',
        ),
      );
    }
    return;
  }
  if (schema.type !== 'array') {
    causes.push(
      invalidValue(`${path}.type`, schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'),
    );
  }
  if (!['atomic', 'set', 'map'].includes(kind)) {
    causes.push(unsupportedValue(`${path}.x-kubernetes-list-type`, kind, ['atomic', 'set', 'map']));
  }
  if (kind !== 'map') return;
  if (keys.length === 0) {
    causes.push(
      requiredValue(
        `${path}.x-kubernetes-list-map-keys`,
        'must not be empty if x-kubernetes-list-type is map',
      ),
    );
  }
  const { items } = schema;
  if (items && items.type !== 'object') {
    causes.push(
      invalidValue(
        `${path}.items.type`,
        items.type ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    );
  }
  const seen = new Set<string>();
  for (const [index, key] of keys.entries()) {
    const where = `${path}.x-kubernetes-list-map-keys[${index}]`;
    if (seen.has(key)) causes.push(duplicateValue(where, key));
    seen.add(key);
    const field = items?.properties?.[key];
    if (items?.properties && !field) {
      causes.push(invalidValue(where, key, 'property is not specified'));
    } else if (field && !items?.required?.includes(key) && field.default === undefined) {
      causes.push(
        requiredValue(
          `${path}.items.properties[${key}].default`,
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    }
  }
}

/** A branch may narrow what the schema around it declares, and declare nothing itself. */
function branchCauses(branch: Sent, path: string, intOrString: boolean, causes: StatusCause[]): void {
  for (const name of DECLARING) {
    if (branch[name] === undefined || (name === 'type' && intOrString)) continue;
    const empty = name === 'nullable' || name.startsWith('x-') ? 'false' : 'empty';
    causes.push(
      forbiddenValue(`${path}.${name}`, `must be ${empty === 'empty' ? 'empty' : 'false'} to be structural`),
    );
  }
  for (const [name, field] of Object.entries(branch.properties ?? {})) {
    branchCauses(field as Sent, `${path}.properties[${name}]`, intOrString, causes);
  }
  if (branch.items) branchCauses(branch.items as Sent, `${path}.items`, intOrString, causes);
}
