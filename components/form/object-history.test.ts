import { describe, expect, it } from 'vitest';
import { editedObject } from './object-edit';
import { ObjectHistory, restoredText } from './object-history';
import { ownedFields } from './save-whole';

const object = (version: string, size: number, status = 'a') => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', resourceVersion: version, uid: 'u', labels: { size: String(size) } },
  spec: { size },
  status: { status },
});

describe('the versions of an object in this tab', () => {
  it('are those in which something differs that people write', () => {
    const history = new ObjectHistory();
    history.add(object('1', 1), 'seen', 10);
    history.add(object('2', 1, 'b'), 'seen', 20);
    history.add(object('3', 2), 'seen', 30);
    history.add(object('4', 2), 'saved', 40);
    history.add(object('5', 3), 'seen', 50);
    expect(history.versions.map(({ at, what, by }) => [at, what, by])).toEqual([
      [10, 'opened', ''],
      [30, 'saved', ''],
      [50, 'seen', ''],
    ]);
    history.name(3, 'kubectl-edit');
    expect(history.versions.at(-1)?.by).toBe('kubectl-edit');
  });

  it('keep the first and the newest when there are too many', () => {
    const history = new ObjectHistory();
    for (let size = 0; size < 200; size += 1) history.add(object(String(size), size), 'seen', size);
    expect(history.versions).toHaveLength(60);
    expect(history.versions[0]?.at).toBe(0);
    expect(history.versions.at(-1)?.at).toBe(199);
  });

  it('come back as a change of what is there now, with the comments of the text', () => {
    const now = object('9', 7, 'now');
    const text = `apiVersion: v1
kind: Thing
metadata:
  name: a # mine
  resourceVersion: "9"
  uid: u
  labels:
    size: "7"
spec:
  size: 7
status:
  status: now
`;
    const restored = restoredText(text, now, object('1', 1, 'then'));
    expect(restored).toContain('# mine');
    expect(editedObject(restored)).toEqual(object('9', 1, 'now'));
  });
});

describe('a refused apply', () => {
  it('names the owners of the fields', () => {
    const cause = {
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-edit" using v1',
      field: '.spec.size',
    };
    expect(ownedFields({ code: 409, causes: [cause] })).toEqual([
      { field: 'spec.size', owner: 'kubectl-edit' },
    ]);
    expect(ownedFields({ code: 409, causes: [] })).toEqual([]);
    expect(ownedFields(undefined)).toEqual([]);
  });
});
