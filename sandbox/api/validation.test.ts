import { describe, expect, it } from 'vitest';
import { customResourceType, resourceType } from './resource-type';
import { withDefaultType } from './validation';

const facts = { group: 'apps', version: 'v1', plural: 'deployments', kind: 'Deployment', namespaced: true };

describe('withDefaultType', () => {
  it('completes a built-in object and keeps what it says itself', () => {
    const type = resourceType(facts);
    expect(withDefaultType(type, 'v1', { spec: {} })).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec: {},
    });
    expect(withDefaultType(type, 'v1', { kind: 'Pod', apiVersion: '' })).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Pod',
    });
    expect(withDefaultType(type, 'v1', 'text')).toBe('text');
  });

  it('leaves a custom object as it came', () => {
    expect(withDefaultType(customResourceType(facts), 'v1', {})).toEqual({});
  });
});
