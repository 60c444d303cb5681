import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readManifests } from './read';

const HEAD = 'apiVersion: kubevirt.io/v1\nkind: VirtualMachine\n';
const VM = `${HEAD}metadata:\n  name: a\n`;

/** Text, the line the first complaint must stand at, and its key below `yaml.problem.`. */
const BROKEN: [title: string, content: string, line: number, key: string][] = [
  ['nothing at all', '', 1, 'empty'],
  ['only white space', '  \n\n  ', 1, 'empty'],
  ['only comments', '# a\n---\n# b\n', 1, 'empty'],
  ['a plain sentence', 'create a virtual machine', 1, 'notAMapping'],
  ['a web page', '<!DOCTYPE html>\n<html></html>', 1, 'webPage'],
  ['a list', '- apiVersion: v1\n- kind: Pod', 1, 'listNotMapping'],
  ['a number', '42', 1, 'notAMapping'],
  ['no space after the colons', 'apiVersion:v1\nkind:Pod', 1, 'missingSpace'],
  ['no space after one colon', `${HEAD}metadata:\n  name:a\n  namespace: b`, 4, 'missingSpaceHere'],
  ['a tab as indentation', 'apiVersion: v1\nkind: Namespace\nmetadata:\n\tname: a', 4, 'tab'],
  ['a line indented too far', `${VM}   namespace: b`, 4, 'nestedOnOneLine'],
  ['a line indented too little', `${HEAD}metadata:\n    name: a\n  namespace: b`, 5, 'indent'],
  ['an open bracket', `${VM}spec: [1, 2`, 5, 'unclosed'],
  ['an open brace', `${VM}spec: {a: 1`, 5, 'unclosed'],
  ['an open bracket far above', `${VM}spec:\n  a: [\n    b: 1\n  c: {}\nd: 1\n`, 6, 'unclosed'],
  ['a quote open to the end', `${VM}spec: "b\nstatus: {}\n\n`, 5, 'unclosedQuote'],
  ['an open quote', `${HEAD}metadata:\n  name: "a\n`, 4, 'unclosedQuote'],
  ['an unquoted @', `${VM}spec: @home`, 5, 'reservedStart'],
  ['a colon inside a value', `${VM}spec: image: b`, 5, 'nestedOnOneLine'],
  ['an escape that does not exist', `${VM}spec: "C:\\dir"`, 5, 'badEscape'],
  ['an alias of nothing', `${VM}spec: *base`, 5, 'unknownAlias'],
  ['the same key twice', `${VM}spec: {}\nkind: Pod`, 6, 'duplicateKey'],
  ['the same document twice', `${VM}---\n${VM}`, 9, 'duplicateDocument'],
  ['a Markdown fence', `\`\`\`yaml\n${VM}\`\`\``, 1, 'markdown'],
  ['a merge conflict', `<<<<<<< HEAD\n${VM}=======\n${VM}>>>>>>> b`, 1, 'mergeMarker'],
  ['a Helm template', `${HEAD}metadata:\n  name: {{ .Values.name }}`, 4, 'template'],
  ['JSON objects in a row', '{"a": 1}\n{"b": 2}', 2, 'jsonInARow'],
  ['words after the end', '{"a": 1} b', 1, 'syntax'],
  ['JSON objects on one line', '{"a": 1}{"b": 2}', 1, 'jsonInARow'],
  ['no apiVersion', 'kind: Pod\nmetadata:\n  name: a', 1, 'noApiVersion'],
  ['an apiVersion that is a number', 'apiVersion: 1\nkind: Pod\nmetadata:\n  name: a', 1, 'notText'],
  [
    'an apiVersion without a version',
    'apiVersion: kubevirt.io\nkind: Pod\nmetadata:\n  name: a',
    1,
    'badApiVersion',
  ],
  ['no kind', 'apiVersion: v1\nmetadata:\n  name: a', 1, 'noKind'],
  ['a kind that is a list', 'apiVersion: v1\nkind: [Pod]\nmetadata:\n  name: a', 2, 'notText'],
  ['no metadata', HEAD, 1, 'noMetadata'],
  ['metadata that is a text', `${HEAD}metadata: a`, 3, 'fieldNotMapping'],
  ['no name', `${HEAD}metadata:\n  namespace: b`, 3, 'noName'],
  ['a name that is a number', `${HEAD}metadata:\n  name: 123`, 4, 'notText'],
  ['a name of 300 characters', `${HEAD}metadata:\n  name: ${'a'.repeat(300)}`, 4, 'nameTooLong'],
  ['a name in capitals', `${HEAD}metadata:\n  name: My_VM`, 4, 'nameNotSubdomain'],
  ['a name that ends in a hyphen', `${HEAD}metadata:\n  name: vm-`, 4, 'nameNotSubdomain'],
  ['a namespace with a dot', 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a.b', 4, 'nameNotLabel'],
  ['a namespace in capitals', `${VM}  namespace: Team`, 5, 'nameNotLabel'],
  ['a namespace of 64 characters', `${VM}  namespace: ${'n'.repeat(64)}`, 5, 'nameTooLong'],
  ['a label without quotes', `${VM}  labels:\n    on: true`, 6, 'notText'],
  ['labels in a list', `${VM}  labels: [a]`, 5, 'fieldNotMapping'],
  ['an empty List', 'apiVersion: v1\nkind: List\nitems: []', 3, 'emptyList'],
  ['a List of words', 'apiVersion: v1\nkind: List\nitems:\n- a', 4, 'notAMapping'],
  ['a document of 5 MB', `${VM}spec: ${'x'.repeat(5_000_000)}`, 1, 'tooLong'],
  ['brackets without end', `a: ${'['.repeat(50_000)}`, 1, 'tooDeep'],
  ['a thousand documents', `${VM}---\n`.repeat(1000), 1, 'tooManyDocuments'],
];

const BOMB = `${VM}a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]`;

const catalogue = JSON.parse(readFileSync(new URL('../messages/en/yaml.json', import.meta.url), 'utf8'));

describe('a broken manifest is told what is wrong, at its line', () => {
  it.each([...BROKEN, ['an alias bomb', BOMB, 1, 'aliasBomb'] as const])(
    '%s',
    (_title, content, line, key) => {
      const started = performance.now();
      const [first] = readManifests(content).problems;
      expect(first?.message.key).toBe(`yaml.problem.${key}`);
      expect(first?.range.line).toBe(line);
      expect(first?.severity).toBe('error');
      expect(catalogue.problem).toHaveProperty(key);
      expect(performance.now() - started).toBeLessThan(3_000);
    },
  );

  it('points at the character, not only at the line', () => {
    const [problem] = readManifests(`${HEAD}metadata:\n  name: My_VM`).problems;
    expect(problem?.range).toMatchObject({ line: 4, column: 9 });
  });

  it('goes on with the documents that can be read', () => {
    const { manifests, problems } = readManifests(`a: [\n---\n${VM}`);
    expect(manifests.map((manifest) => manifest.name)).toEqual(['a']);
    expect(problems).toHaveLength(1);
  });
});
