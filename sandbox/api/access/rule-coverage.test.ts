import { expect, test } from 'vitest';
import { described, uncovered } from './rule-coverage';

test('rights are covered verb by verb, by stars and by names', () => {
  const wanted = [
    { apiGroups: ['a'], resources: ['x', 'x/scale'], verbs: ['get', 'list'] },
    { apiGroups: ['a'], resources: ['y'], resourceNames: ['one', 'two'], verbs: ['get'] },
    { nonResourceURLs: ['/metrics', '/other'], verbs: ['get'] },
  ];
  const held = [
    { apiGroups: ['*'], resources: ['x', '*/scale'], verbs: ['get'] },
    { apiGroups: ['a'], resources: ['y'], resourceNames: ['one'], verbs: ['*'] },
    { nonResourceURLs: ['/met*'], verbs: ['get'] },
  ];
  expect(described(uncovered(held, wanted))).toEqual([
    '{APIGroups:["a"], Resources:["x"], Verbs:["list"]}',
    '{APIGroups:["a"], Resources:["x/scale"], Verbs:["list"]}',
    '{APIGroups:["a"], Resources:["y"], ResourceNames:["two"], Verbs:["get"]}',
    '{NonResourceURLs:["/other"], Verbs:["get"]}',
  ]);
  expect(uncovered([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }], wanted.slice(0, 2))).toEqual([]);
});

test('a rule for named objects does not cover the rule for all of them', () => {
  const all = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };
  expect(uncovered([{ ...all, resourceNames: ['p'] }], [all])).toEqual([all]);
});
