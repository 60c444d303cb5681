import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { VM_FIELDS } from './fields';
import { parseVmText } from './parse';

const guide = readFileSync('docs/query-language.md', 'utf8');

test.each(VM_FIELDS.map((field) => [field.name, field] as const))(
  '%s is in the reference, and its example can be read',
  (name, field) => {
    const line = guide
      .slice(guide.indexOf('## Fields'))
      .split('\n')
      .find((each) => each.startsWith(`| \`${name}${field.example}\` |`));
    expect(line).toBeDefined();
    for (const alias of field.aliases) expect(line?.split('|')[2]).toContain(alias);
    expect(parseVmText(name + field.example)).toMatchObject({
      problems: [],
      terms: [{ kind: 'field', field: name }],
    });
  },
);

test('no two fields share a name', () => {
  const names = VM_FIELDS.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
});

test('what the reference shows can be read', () => {
  const samples = [...guide.slice(0, guide.indexOf('## What is not')).matchAll(/^\| `([^`]+)`/gm)].map(
    ([, text]) => text ?? '',
  );
  expect(samples.length).toBeGreaterThan(35);
  for (const sample of samples) expect([sample, parseVmText(sample).problems]).toEqual([sample, []]);
});
