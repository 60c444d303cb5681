import type { OpenApiDocument } from './openapi';

const OBJECT_META = {
  type: 'object',
  properties: {
    name: { type: 'string', description: 'Name must be unique within a namespace.' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    managedFields: { type: 'array', items: { type: 'object' } },
  },
};

/** A description in the spellings that Kubernetes and custom resources have, small enough to read in a test. */
export const LAMPS: OpenApiDocument = {
  components: {
    schemas: {
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': OBJECT_META,
      'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
      'example.Node': {
        type: 'object',
        description: 'A part that may hold more of its kind.',
        properties: {
          label: { type: 'string' },
          parts: { type: 'array', items: { $ref: '#/components/schemas/example.Node' } },
        },
      },
      'example.Lamp': {
        type: 'object',
        required: ['spec'],
        'x-kubernetes-group-version-kind': [{ group: 'example.com', version: 'v1', kind: 'Lamp' }],
        properties: {
          apiVersion: { type: 'string' },
          kind: { type: 'string' },
          metadata: {
            allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' }],
          },
          status: { type: 'object', properties: { isLit: { type: 'boolean' } } },
          spec: {
            type: 'object',
            required: ['colour'],
            properties: {
              colour: { type: 'string', enum: ['Red', 'Green', 'Blue'], description: 'What it shines in.' },
              mode: { type: 'string', default: 'Steady' },
              power: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' },
              size: {
                anyOf: [{ type: 'integer' }, { type: 'string' }],
                'x-kubernetes-int-or-string': true,
              },
              steps: { type: 'integer', minimum: 1, maximum: 9 },
              dim: { type: 'boolean', description: 'Whether it dims.\nDeprecated: use steps.' },
              free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              root: { $ref: '#/components/schemas/example.Node' },
              template: {
                type: 'object',
                properties: {
                  metadata: {
                    type: 'object',
                    nullable: true,
                    'x-kubernetes-preserve-unknown-fields': true,
                  },
                },
              },
              ports: {
                type: 'array',
                'x-kubernetes-list-type': 'map',
                'x-kubernetes-list-map-keys': ['number'],
                items: {
                  type: 'object',
                  required: ['number'],
                  properties: {
                    number: { type: 'integer' },
                    protocol: { type: 'string', enum: ['TCP', 'UDP'] },
                  },
                },
              },
              source: {
                type: 'object',
                properties: { url: { type: 'string' } },
                oneOf: [
                  { required: ['url'] },
                  { required: ['disk'], properties: { disk: { type: 'string' } } },
                ],
              },
              embedded: {
                type: 'object',
                'x-kubernetes-embedded-resource': true,
                'x-kubernetes-preserve-unknown-fields': true,
              },
            },
          },
        },
      },
    },
  },
};
