import { describe, expect, it } from 'vitest';
import { applyMergePatch, isEmptyPatch, mergePatch, sameJson, withResourceVersion } from './patch';

describe('mergePatch', () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
    ['nothing', { a: { b: [1] } }, { a: { b: [1] } }, {}],
    ['another order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }, {}],
    ['a value', { a: { b: 1, c: 2 } }, { a: { b: 3, c: 2 } }, { a: { b: 3 } }],
    ['a new key', {}, { a: {} }, { a: {} }],
    ['a deleted key', { a: { b: 1, c: 2 } }, { a: { c: 2 } }, { a: { b: null } }],
    ['a list, whole', { a: [1, 2] }, { a: [1, 3] }, { a: [1, 3] }],
    ['a mapping in place of a list', { a: [1] }, { a: { b: 1 } }, { a: { b: 1 } }],
    ['a null as "not there"', { a: 1 }, { a: null }, { a: null }],
    ['a null that was none before', {}, { a: null }, {}],
  ])('sees %s', (_title, opened, edited, patch) => {
    expect(mergePatch(opened, edited)).toEqual(patch);
    expect(isEmptyPatch(patch)).toBe(Object.keys(patch).length === 0);
    const without = Object.fromEntries(Object.entries(edited).filter(([, value]) => value !== null));
    expect(sameJson(applyMergePatch(opened, patch), without)).toBe(true);
  });

  it('is guarded by the version', () => {
    expect(withResourceVersion({ metadata: { labels: { a: 'b' } }, spec: 1 }, '5')).toEqual({
      metadata: { labels: { a: 'b' }, resourceVersion: '5' },
      spec: 1,
    });
  });
});
