import { describe, expect, it } from 'vitest';
import type { Schema } from '../schema/schema-type';
import { applyDefaults } from './defaulting';
import { schemaRuleCauses } from './definition-schema-rules';
import { seededSchema, workingSchema } from './structural';
import { schemaCauses } from './validation';
import { compareVersions } from './versions';

const text: Schema = { type: 'string' };
const objectOf = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});
const lines = (value: unknown, schema: Schema) =>
  schemaCauses(value, workingSchema(schema)).map(({ field, message }) => `${field}: ${message}`);

describe('validation by a definition', () => {
  it.each([
    [
      { when: 'noon' },
      objectOf({ when: { type: 'string', format: 'date-time' } }),
      'when: Invalid value: "noon": when in body must be of type date-time: "noon"',
    ],
    [
      { ip: '10.0.0.256' },
      objectOf({ ip: { type: 'string', format: 'ipv4' } }),
      'ip: Invalid value: "10.0.0.256": ip in body must be of type ipv4: "10.0.0.256"',
    ],
    [
      { a: 'x' },
      objectOf({ a: { ...text, minLength: 2 } }),
      'a: Invalid value: "x": a in body should be at least 2 chars long',
    ],
    [
      { a: 10 },
      objectOf({ a: { type: 'integer', maximum: 10, exclusiveMaximum: true } }),
      'a: Invalid value: 10: a in body should be less than 10',
    ],
    [
      { a: 7 },
      objectOf({ a: { type: 'integer', multipleOf: 2 } }),
      'a: Invalid value: 7: a in body should be a multiple of 2',
    ],
    [
      { a: [] },
      objectOf({ a: { type: 'array', items: text, minItems: 1 } }),
      'a: Invalid value: 0: a in body should have at least 1 items',
    ],
    [
      { a: [1] },
      objectOf({ a: { type: 'array', items: text } }),
      'a[0]: Invalid value: "integer": a[0] in body must be of type string: "integer"',
    ],
    [
      { a: [2 ** 53, 1e21] },
      objectOf({ a: { type: 'array', items: { type: 'integer' } } }),
      'a[1]: Invalid value: "number": a[1] in body must be of type integer: "number"',
    ],
    [
      { a: { b: 1 } },
      objectOf({ a: { type: 'object', additionalProperties: text } }),
      'a.b: Invalid value: "integer": a.b in body must be of type string: "integer"',
    ],
    [
      { l: [{ k: 'a' }, { k: 'a' }] },
      objectOf({
        l: {
          type: 'array',
          items: objectOf({ k: text }),
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
        },
      }),
      'l[1]: Duplicate value: {"k":"a"}',
    ],
    [
      { o: {} },
      objectOf({ o: objectOf({}, { 'x-kubernetes-embedded-resource': true }) }),
      'o.apiVersion: Required value: must not be empty',
    ],
    [
      { a: 'x' },
      objectOf({ a: text }, { oneOf: [{ required: ['b'] }, { required: ['c'] }] }),
      '<nil>: Invalid value: "": "" must validate one and only one schema (oneOf). Found none valid',
    ],
  ])('says of %j what the apiserver says', (value, schema, line) => {
    expect(lines(value, schema)[0]).toBe(line);
  });

  it('takes null where a field may be null, and drops it where not', () => {
    const schema = objectOf({ a: { ...text, nullable: true }, b: text, c: { ...text, default: 'd' } });
    const value = { a: null, b: null, c: null };
    applyDefaults(value, workingSchema(schema));
    expect(value).toEqual({ a: null, c: 'd' });
    expect(lines(value, schema)).toEqual([]);
  });
});

describe('a schema that is not structural', () => {
  const refused = (schema: Schema) =>
    schemaRuleCauses(schema, 's').map(({ field, message }) => `${field}: ${message}`);

  it.each([
    [{}, 's.type: Required value: must not be empty at the root'],
    [
      objectOf({ a: {} }),
      's.properties[a].type: Required value: must not be empty for specified object fields',
    ],
    [
      objectOf({ a: { type: 'array', items: {} } }),
      's.properties[a].items.type: Required value: must not be empty for specified array items',
    ],
    [objectOf({ a: { type: 'array' } }), 's.properties[a].items: Required value: must be specified'],
    [
      objectOf({ a: { $ref: 'B', type: 'object' } }),
      's.properties[a].$ref: Forbidden: $ref is not supported',
    ],
    [
      objectOf({ metadata: objectOf({ labels: { type: 'object' } }) }),
      's.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
    [
      objectOf({ a: { type: 'integer', anyOf: [{ type: 'integer' }] } }),
      's.properties[a].anyOf[0].type: Forbidden: must be empty to be structural',
    ],
  ])('is refused: %j', (schema, line) => {
    expect(refused(schema)).toContain(line);
  });

  it('is none of those that the well-known definitions carry', () => {
    for (const [group, kind] of [
      ['kubevirt.io', 'VirtualMachine'],
      ['kubevirt.io', 'KubeVirt'],
      ['cdi.kubevirt.io', 'DataVolume'],
      ['export.kubevirt.io', 'VirtualMachineExport'],
    ] as const) {
      expect(refused(seededSchema(group, kind) ?? {})).toEqual([]);
    }
  });
});

describe('versions', () => {
  it('are preferred as Kubernetes prefers them', () => {
    const names = ['v1alpha1', 'foo', 'v2', 'v1beta2', 'v10', 'v1', 'v1beta10', 'bar'];
    expect(names.sort(compareVersions)).toEqual([
      'v10',
      'v2',
      'v1',
      'v1beta10',
      'v1beta2',
      'v1alpha1',
      'bar',
      'foo',
    ]);
  });
});
