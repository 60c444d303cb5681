import { expect, it } from 'vitest';
import { duplicateJsonFields, duplicateYamlKeys } from './duplicate-fields';

it('finds fields that a JSON text says twice, by their paths', () => {
  const text =
    '{"a": {"b": 1, "c": [ {"d": "}", "d": "\\"", "d": 2}, {"d": 1} ], "b": null}, "e": {}, "f": [] }';
  expect(duplicateJsonFields(text)).toEqual(['duplicate field "a.c[0].d"', 'duplicate field "a.b"']);
  expect(duplicateJsonFields('{"a":{"x":1},"b":{"x":1}}')).toEqual([]);
});

it('finds keys that a YAML text says twice, by their lines', () => {
  expect(duplicateYamlKeys('a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n')).toBe(
    'yaml: unmarshal errors:\n  line 5: key "c" already set in map',
  );
  expect(duplicateYamlKeys('a: 1\nb: {a: 1}\n')).toBeUndefined();
});
