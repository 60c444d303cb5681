import { describe, expect, it } from 'vitest';
import { editableCopy, sharing } from './sharing';

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}

describe('what is stored', () => {
  it('takes over every part that has not changed', () => {
    const base = frozen({
      spec: { disks: [{ name: 'root' }], cpu: { cores: 2 } },
      status: { phase: 'Running' },
    });
    const next = sharing(base, {
      spec: { disks: [{ name: 'root' }], cpu: { cores: 4 } },
      status: { phase: 'Running' },
    });
    expect(next).toEqual({
      spec: { disks: [{ name: 'root' }], cpu: { cores: 4 } },
      status: { phase: 'Running' },
    });
    expect(next.status).toBe(base.status);
    expect(next.spec.disks).toBe(base.spec.disks);
    expect(next.spec.cpu).not.toBe(base.spec.cpu);
  });

  it('is the same object when nothing changed, whatever the order of the fields', () => {
    const base = frozen({ a: 1, b: { c: [1, 2] } });
    expect(sharing(base, { b: { c: [1, 2] }, a: 1 })).toBe(base);
    expect(sharing(base, { a: 1, b: { c: [1, 2] }, d: undefined })).toBe(base);
    const reordered = sharing<unknown>(base, { b: { c: [1, 2] }, a: 1 }, { inOrder: true });
    expect(JSON.stringify(reordered)).toBe('{"b":{"c":[1,2]},"a":1}');
  });

  it('notices what was removed, emptied or moved', () => {
    const base = frozen({ a: { x: 1, y: 2 }, list: [1, 2, 3], nothing: null as unknown });
    expect(sharing<unknown>(base, { a: { x: 1 }, list: [1, 2], nothing: {} })).toEqual({
      a: { x: 1 },
      list: [1, 2],
      nothing: {},
    });
    const removed = { a: undefined, list: [1, 2, 3, 4], nothing: null };
    expect(sharing<unknown>(base, removed)).toEqual({ list: [1, 2, 3, 4], nothing: null });
    expect(sharing<unknown>(base, { a: { x: undefined, y: 3 }, nothing: () => 1 })).toEqual({ a: { y: 3 } });
    expect(sharing<unknown>(base, { list: [1, 2, 3] })).toEqual({ list: [1, 2, 3] });
    expect(sharing<unknown>(base, { a: [], list: {}, nothing: null })).toEqual({
      a: [],
      list: {},
      nothing: null,
    });
  });

  it('keeps nothing that somebody else may still edit', () => {
    const draft = { spec: { list: [{ name: 'a' }] } };
    const stored = sharing(undefined, draft);
    draft.spec.list[0] = { name: 'b' };
    expect(stored.spec.list[0]).toEqual({ name: 'a' });
    const copy = editableCopy(frozen(stored));
    copy.spec.list.push({ name: 'c' });
    expect(stored.spec.list).toHaveLength(1);
  });

  it.each([
    ['dates', { at: new Date(0) }],
    ['holes and undefined in lists', { list: [1, undefined, Number.NaN] }],
    ['undefined fields', { gone: undefined, kept: null }],
    ['functions', { call: () => 1, list: [() => 1] }],
    ['a field called __proto__', JSON.parse('{"labels":{"__proto__":"x"}}')],
  ])('is what JSON makes of %s', (_what, value) => {
    const wire = JSON.stringify(value);
    expect(JSON.stringify(sharing(undefined, value))).toBe(wire);
    expect(JSON.stringify(editableCopy(value))).toBe(wire);
  });
});
