import { describe, expect, it } from 'vitest';
import { deviations } from './conformance';
import { definition, schemaName } from './definitions';
import { goDecodeError } from './go-decode';
import { normalise } from './normalise';
import type { Schema } from './schema-type';
import { pruneUnknownFields } from './unknown-fields';

const QUANTITY = { $ref: 'io.k8s.apimachinery.pkg.api.resource.Quantity' };
const TIME = { $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.Time' };
const schema: Schema = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { type: 'string' },
    size: QUANTITY,
    count: { type: 'integer', format: 'uint32' },
    when: TIME,
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    items: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' } } } },
    anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    nothing: { type: 'object' },
  },
};

describe('the generated schemas', () => {
  it.each([
    ['kubevirt.io', 'VirtualMachine'],
    ['kubevirt.io', 'VirtualMachineInstance'],
    ['kubevirt.io', 'VirtualMachineInstanceMigration'],
    ['kubevirt.io', 'KubeVirt'],
    ['', 'Pod'],
    ['', 'Event'],
    ['events.k8s.io', 'Event'],
    ['storage.k8s.io', 'StorageClass'],
  ])('know %s %s', (group, kind) => {
    const name = schemaName(group, kind);
    expect(name && definition(name).properties).toHaveProperty('metadata');
  });

  it('describe the fields that people ask about', () => {
    const { cores, maxSockets } = definition('io.kubevirt.v1.CPU').properties ?? {};
    expect(cores).toMatchObject({
      type: 'integer',
      format: 'uint32',
      description: expect.stringContaining('cores'),
    });
    expect(maxSockets?.description).toBeTruthy();
    expect(definition('io.kubevirt.v1.VirtualMachineSpec').required).toEqual(['template']);
    expect(definition('io.kubevirt.v1.MultusNetwork').properties).toHaveProperty('default');
  });

  it('know the times of conditions', () => {
    const { lastProbeTime } = definition('io.kubevirt.v1.VirtualMachineInstanceCondition').properties ?? {};
    expect(lastProbeTime).toMatchObject({ nullable: true });
  });
});

describe('unknown fields', () => {
  it('are removed and named by their path', () => {
    const value = {
      name: 'a',
      colour: 'red',
      labels: { any: 'key' },
      items: [{ id: 1 }, { id: 2, x: 1 }],
      anything: { goes: { here: 1 } },
      nothing: { here: 1 },
    };
    expect(pruneUnknownFields(value, schema)).toEqual(['colour', 'items[1].x', 'nothing.here']);
    expect(value).toEqual({
      name: 'a',
      labels: { any: 'key' },
      items: [{ id: 1 }, { id: 2 }],
      anything: { goes: { here: 1 } },
      nothing: {},
    });
  });
});

describe('types and required fields', () => {
  it('are told as go-openapi does', () => {
    const value = {
      size: true,
      items: [{ id: 'x' }, { id: 2 ** 53 }, { id: 2 ** 53 - 1 }],
      labels: { a: 1 },
      count: null,
      when: null,
    };
    expect(deviations(value, schema, 'spec').map(({ message }) => message)).toEqual([
      'spec.size in body must be of type string,integer,number: "boolean"',
      'spec.items.0.id in body must be of type integer: "string"',
      'spec.items.1.id in body must be of type integer: "number"',
      'spec.labels.a in body must be of type string: "integer"',
      'spec.count in body must be of type integer: "null"',
      'spec.name in body is required',
    ]);
  });
});

describe("Go's decoder", () => {
  it.each([
    [{ name: 1 }, 'json: cannot unmarshal number into Go struct field S.name of type string'],
    [{ count: -1 }, 'json: cannot unmarshal number -1 into Go struct field S.count of type uint32'],
    [
      { count: 4294967296 },
      'json: cannot unmarshal number 4294967296 into Go struct field S.count of type uint32',
    ],
    [{ items: [{ id: 2 ** 53 }, { id: 2 ** 63 }] }, undefined],
    [
      { items: [{ id: 1e21 }] },
      'json: cannot unmarshal number 1e+21 into Go struct field S.items.id of type int64',
    ],
    [{ items: {} }, 'json: cannot unmarshal object into Go struct field S.items of type []map[string]string'],
    [{ labels: [] }, 'json: cannot unmarshal array into Go struct field S.labels of type map[string]string'],
    [{ when: 'noon' }, 'parsing time "noon" as "2006-01-02T15:04:05Z07:00": cannot parse "noon" as "2006"'],
    [{ when: '2026-13-30T05:01:01Z' }, 'parsing time "2026-13-30T05:01:01Z": month out of range'],
    [{ when: '2026-02-30T25:61:61Z' }, 'parsing time "2026-02-30T25:61:61Z": hour out of range'],
    [{ when: '2026-02-29T05:01:01Z' }, 'parsing time "2026-02-29T05:01:01Z": day out of range'],
    [{ when: '2028-02-29T23:59:59.9+02:00' }, undefined],
    [{ name: null, count: 0, when: '2026-01-02T03:04:05Z' }, undefined],
  ])('says of %j: %s', (value, message) => {
    expect(goDecodeError(value, schema, '', 'S')).toBe(message);
  });
});

describe('a trip through a Go struct', () => {
  it('leaves canonical quantities and no nulls', () => {
    const value = { name: null, size: '1024Ki', items: [{ id: null }], anything: { kept: null } };
    normalise(value, schema);
    expect(value).toEqual({ size: '1Mi', items: [{}], anything: { kept: null } });
  });
});
