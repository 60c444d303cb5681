import { describe, expect, test } from 'vitest';
import { decodeMetadata } from './metadata-types';
import { resourceType } from './resource-type';

const pods = resourceType({ group: '', version: 'v1', plural: 'pods', kind: 'Pod' });

test('null is the zero value of what stands there', () => {
  const metadata = {
    name: null,
    labels: { app: null },
    finalizers: ['a/b', null],
    ownerReferences: [null, { name: 'x', controller: null }],
  };
  decodeMetadata(pods, 'v1', metadata);
  expect(metadata).toEqual({
    labels: { app: '' },
    finalizers: ['a/b', ''],
    ownerReferences: [
      { apiVersion: '', kind: '', name: '', uid: '' },
      { apiVersion: '', kind: '', name: 'x', uid: '' },
    ],
  });
});

describe('what is of another type is refused', () => {
  test.each([
    [{ name: 7 }, 'name of type string'],
    [{ labels: [] }, 'labels of type map[string]string'],
    [{ labels: { app: 1 } }, 'labels of type string'],
    [{ finalizers: 'x' }, 'finalizers of type []'],
    [{ finalizers: [{}] }, 'finalizers of type string'],
    [{ ownerReferences: ['x'] }, 'ownerReferences of type v1.OwnerReference'],
    [{ ownerReferences: [{ name: 1 }] }, 'ownerReferences.name of type string'],
    [{ ownerReferences: [{ controller: 'yes' }] }, 'ownerReferences.controller of type bool'],
    [{ managedFields: [3] }, 'managedFields of type v1.ManagedFieldsEntry'],
  ])('%j', (metadata, text) => {
    expect(() => decodeMetadata(pods, 'v1', metadata)).toThrow(text);
  });
});
