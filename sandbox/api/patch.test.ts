import { describe, expect, it } from 'vitest';
import { jsonPatch, mergePatch } from './patch';
import { definition, schemaName } from './schema/definitions';
import { strategicMerge } from './strategic-merge';

const podSchema = definition(schemaName('', 'Pod') ?? '');

describe('JSON patch', () => {
  it('applies operations to a copy', () => {
    const target = { a: 1, list: [1] };
    expect(jsonPatch(target, [{ op: 'add', path: '/list/-', value: 2 }])).toEqual({ a: 1, list: [1, 2] });
    expect(target.list).toEqual([1]);
  });

  it.each([
    [[{ op: 'test', path: '/a', value: 2 }]],
    [[{ op: 'test', path: '/a', value: null }]],
    [[{ op: 'test', path: '/b/c', value: null }]],
    [[{ op: 'remove', path: '/b/c' }]],
    [[{ op: 'add', path: '/b/c', value: 1 }]],
  ])('refuses %j in the apiserver’s words', (patch) => {
    expect(() => jsonPatch({ a: 1 }, patch)).toThrow(
      'the server rejected our request due to an error in our request',
    );
  });

  it('takes a missing field for null in tests', () => {
    const patch = [
      { op: 'test', path: '/b', value: null },
      { op: 'add', path: '/b', value: 2 },
    ];
    expect(jsonPatch({ a: 1 }, patch)).toEqual({ a: 1, b: 2 });
  });

  it('refuses what is no list of operations', () => {
    expect(() => jsonPatch({}, {})).toThrow('cannot unmarshal object');
  });
});

describe('merge patch', () => {
  it('merges maps, replaces lists and removes nulls', () => {
    const target = { a: { b: 1, c: 2 }, list: [1, 2] };
    expect(mergePatch(target, { a: { b: null, d: 3 }, list: [3] })).toEqual({ a: { c: 2, d: 3 }, list: [3] });
    expect(target.a.b).toBe(1);
  });
});

describe('strategic merge patch', () => {
  const pod = {
    metadata: { finalizers: ['a'], labels: { x: '1', y: '2' } },
    spec: {
      containers: [
        { name: 'compute', image: 'one', env: [{ name: 'A', value: '1' }] },
        { name: 'side', image: 'two' },
      ],
      tolerations: [{ key: 'old' }],
    },
  };

  it('merges keyed lists item by item and replaces the others', () => {
    const patch = {
      metadata: { finalizers: ['b'], labels: { x: null } },
      spec: {
        containers: [{ name: 'compute', image: 'new', env: [{ name: 'B', value: '2' }] }],
        tolerations: [{ key: 'new' }],
      },
    };
    expect(strategicMerge(pod, patch, podSchema)).toEqual({
      metadata: { finalizers: ['a', 'b'], labels: { y: '2' } },
      spec: {
        containers: [
          {
            name: 'compute',
            image: 'new',
            env: [
              { name: 'A', value: '1' },
              { name: 'B', value: '2' },
            ],
          },
          { name: 'side', image: 'two' },
        ],
        tolerations: [{ key: 'new' }],
      },
    });
  });

  it('follows directives', () => {
    const patch = {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['a'], labels: { $patch: 'replace', z: '3' } },
      spec: {
        '$setElementOrder/containers': [{ name: 'side' }, { name: 'new' }],
        containers: [{ name: 'compute', $patch: 'delete' }, { name: 'new' }],
      },
    };
    expect(strategicMerge(pod, patch, podSchema)).toMatchObject({
      metadata: { finalizers: [], labels: { z: '3' } },
      spec: { containers: [{ name: 'side', image: 'two' }, { name: 'new' }] },
    });
  });

  it('refuses an item without its key', () => {
    expect(() =>
      strategicMerge(pod, { spec: { containers: [{ name: 'a' }, { image: 'x' }] } }, podSchema),
    ).toThrow('does not contain declared merge key: name');
  });
});
