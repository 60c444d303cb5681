import { describe, expect, it } from 'vitest';
import { normalise } from './normalise';

describe('normalise', () => {
  it('makes zero values of items that are null, and drops fields that are', () => {
    const pod = {
      containers: [null, { name: 'a', args: [null], env: null, resources: { limits: { memory: '1024Mi' } } }],
    };
    normalise(pod, { $ref: 'io.k8s.api.core.v1.PodSpec' });
    expect(pod).toEqual({
      containers: [{}, { name: 'a', args: [''], resources: { limits: { memory: '1Gi' } } }],
    });
  });
});
