import { describe, expect, it } from 'vitest';
import { ApiError } from '@/lib/k8s/error';
import { readManifests } from '../read';
import { complete } from './complete';
import { fieldAt } from './documentation';
import { lintManifests, withSchemaProblems } from './lint';
import { openApiPath, Schemas } from './openapi';
import { outlineAt } from './read-outline';
import { SchemaStore } from './schema-store';
import { LAMPS } from './testing';

const schemas = new Schemas(LAMPS);
const schemasOf = (apiVersion: string) => (apiVersion === 'example.com/v1' ? schemas : undefined);
const HEAD = 'apiVersion: example.com/v1\nkind: Lamp\nmetadata:\n  name: a\n';

function labelsAt(marked: string): string[] {
  const cursor = marked.indexOf('|');
  const outline = outlineAt(marked.replace('|', ''), cursor);
  return outline?.place ? complete(outline, outline.place, schemasOf).map(({ label }) => label) : [];
}

function lint(text: string): string[] {
  return lintManifests(readManifests(text), schemasOf).map(
    ({ severity, message, range }) =>
      `${range.line} ${severity} ${message.key.replace('editor.lint.', '')} ${Object.values(message.values ?? {}).join(' ')}`,
  );
}

describe('schemas', () => {
  it('are found by group, version and kind, and walked through references that go round', () => {
    const root = schemas.root('example.com/v1', 'Lamp');
    expect(root).toBeDefined();
    expect(schemas.root('example.com/v2', 'Lamp')).toBeUndefined();
    const deep = root && schemas.at(root, ['spec', 'root', 'parts', 3, 'parts', 0, 'label']);
    expect(deep && schemas.shape(deep).types).toEqual(new Set(['string']));
    expect(root && schemas.at(root, ['spec', 'free', 'anything', 'below'])).toBeUndefined();
  });

  it('put alternatives together', () => {
    const root = schemas.root('example.com/v1', 'Lamp');
    const types = (path: string[]) => {
      const schema = root && schemas.at(root, path);
      return schema && [...(schemas.shape(schema).types ?? [])];
    };
    expect(types(['spec', 'size'])).toEqual(['integer', 'string']);
    expect(types(['spec', 'power'])).toEqual(['string', 'number']);
    const source = root && schemas.at(root, ['spec', 'source']);
    expect(source && [...schemas.shape(source).properties.keys()]).toEqual(['url', 'disk']);
  });

  it('lie where the index says', () => {
    const index = { paths: { 'apis/example.com/v1': { serverRelativeURL: '/openapi/v3/apis/x?hash=1' } } };
    expect(openApiPath(index, 'example.com/v1')).toBe('/openapi/v3/apis/x?hash=1');
    expect(openApiPath(index, 'v1')).toBeUndefined();
    expect(openApiPath(undefined, 'v1')).toBeUndefined();
  });
});

describe('completion by a schema', () => {
  it('puts what is required first, and lists values, defaults and metadata of templates', () => {
    expect(labelsAt(`${HEAD}spec:\n  |`)[0]).toBe('colour');
    expect(labelsAt(`${HEAD}spec:\n  |`).at(-1)).toBe('dim');
    expect(labelsAt(`${HEAD}spec:\n  colour: |`)).toEqual(['Red', 'Green', 'Blue']);
    expect(labelsAt(`${HEAD}spec:\n  colour: "G|"`)).toEqual(['Red', 'Green', 'Blue']);
    expect(labelsAt(`${HEAD}spec:\n  mode: |`)).toEqual(['Steady']);
    expect(labelsAt(`${HEAD}spec:\n  ports:\n  - protocol: |`)).toEqual(['TCP', 'UDP']);
    expect(labelsAt(`${HEAD}spec:\n  ports: [{protocol: |}]`)).toEqual(['TCP', 'UDP']);
    expect(labelsAt(`${HEAD}spec:\n  template:\n    metadata:\n      |`)).toContain('labels');
    expect(
      labelsAt(
        `${HEAD}spec:\n  embedded:\n    apiVersion: example.com/v1\n    kind: Lamp\n    spec:\n      |`,
      ),
    ).toContain('colour');
  });

  it('quotes as the text does', () => {
    const marked = `${HEAD}spec:\n  colour: "|"`;
    const outline = outlineAt(marked.replace('|', ''), marked.indexOf('|'));
    const [red] = outline?.place ? complete(outline, outline.place, schemasOf) : [];
    expect(red?.insert).toBe('"Red"');
  });
});

describe('documentation', () => {
  it('says type, values and default of a key and of a value', () => {
    const at = (marked: string) => {
      const outline = outlineAt(marked.replace('|', ''), marked.indexOf('|'));
      return outline && fieldAt(outline, schemasOf);
    };
    const colour = { types: ['string'], values: ['Red', 'Green', 'Blue'], isRequired: true };
    expect(at(`${HEAD}spec:\n  col|our: Red`)).toMatchObject({ ...colour, path: ['spec', 'colour'] });
    expect(at(`${HEAD}spec:\n  colour: R|ed`)).toMatchObject(colour);
    expect(at(`${HEAD}spec:\n  mo|de: x`)).toMatchObject({ default: '"Steady"', isRequired: false });
    expect(at(`${HEAD}spec:\n  no|ne: x`)).toBeUndefined();
  });
});

const LINTED: [text: string, said: string[]][] = [
  ['spec: {colour: Red}', []],
  ['spec:\n  colour: Red\n  power: 0.5\n  size: 3\n  steps: 4\n  free: {any: thing}', []],
  ['spec:\n  colour: Red\n  size: 12Mi\n  power: 100m', []],
  ['spec:\n  colour: Red\n  mode:', []],
  ['spec:\n  colour: Red\n  bogus: 1', ['7 warning unknown bogus']],
  ['spec:\n  colour: Red\n  moed: x', ['7 warning unknownMeant moed mode']],
  ['spec:\n  color: Red', ['6 warning unknownMeant color colour', '6 error requiredIn colour spec']],
  ['spec:\n  colour: Redd', ['6 error valueMeant colour Redd Red']],
  ['spec:\n  colour: Purple', ['6 error value colour Purple Red, Green, Blue']],
  ['spec:\n  colour: 3', ['6 error type colour string integer']],
  ['spec:\n  colour: Red\n  steps: "4"', ['7 error type steps integer string']],
  ['spec:\n  colour: Red\n  steps: 4.5', ['7 error type steps integer number']],
  ['spec:\n  colour: Red\n  steps: 0', ['7 error least steps 1']],
  ['spec:\n  colour: Red\n  steps: 10', ['7 error most steps 9']],
  ['spec:\n  colour: Red\n  dim: true', ['7 info deprecated dim']],
  ['spec:\n  colour: Red\n  dim: maybe', ['7 info deprecated dim', '7 error type dim boolean string']],
  ['spec:\n  colour: Red\n  ports: {}', ['7 error type ports array object']],
  ['spec:\n  colour: Red\n  root: []', ['7 error type root object array']],
  ['spec:\n  colour: Red\n  size: true', ['7 error type size other boolean']],
  ['spec:\n  colour: Red\n  ports:\n  - protocol: TCP', ['8 error requiredIn number ports']],
  ['spec:\n  colour: Red\n  ports:\n  - number: 1\n  - number: 1', ['9 error twice number 1']],
  [
    'spec:\n  colour: Red\n  root:\n    parts:\n    - parts:\n      - lable: x',
    ['10 warning unknownMeant lable label'],
  ],
  ['spec:\n  colour: Red\nextra: 1', ['7 warning unknown extra']],
  ['status:\n  isLit: often\nspec: {colour: Red}', []],
  ['base: &b {colour: Red}\nspec:\n  <<: *b', ['5 warning unknown base']],
  ['spec:\n  colour: Red\n  template:\n    metadata:\n      anything: goes', []],
  ['', ['1 error required spec']],
];

describe('what a schema has against a text', () => {
  it.each(LINTED)('%j', (body, said) => {
    expect(lint(`${HEAD}${body}`)).toEqual(said);
  });

  it('speaks of each document by its own kind, and of no kind that it does not know', () => {
    const text = `${HEAD}spec: {colour: Red}\n---\napiVersion: v1\nkind: Other\nmetadata: {name: b}\nbogus: 1\n---\n${HEAD.replace('name: a', 'name: c')}spec: {bogus: 1, colour: Red}`;
    expect(lint(text)).toEqual(['16 warning unknown bogus']);
  });

  it('is silent where something is said already', () => {
    const reading = readManifests(`${HEAD}spec:\n  colour: Red\n  bogus: 1`);
    const [found] = lintManifests(reading, schemasOf);
    if (!found) throw new Error('Nothing was found');
    const known = { ...found, message: { key: 'yaml.problem.empty' as const } };
    expect(withSchemaProblems([known], [found])).toEqual([known]);
    expect(withSchemaProblems([], [found])).toEqual([found]);
  });
});

describe('the store of schemas', () => {
  const index = { paths: { 'apis/example.com/v1': { serverRelativeURL: '/openapi/v3/apis/x?hash=1' } } };

  it('asks for the index and the one document, once', async () => {
    const asked: string[] = [];
    const store = new SchemaStore('lab', async <T>(_: string, path: string) => {
      asked.push(path);
      return { body: (path === '/openapi/v3' ? index : LAMPS) as T, warnings: [] };
    });
    await Promise.all([store.load('example.com/v1'), store.load('example.com/v1'), store.load('v1')]);
    expect(asked).toEqual(['/openapi/v3', '/openapi/v3/apis/x?hash=1']);
    expect(store.known('example.com/v1')?.root('example.com/v1', 'Lamp')).toBeDefined();
    expect(store.known('v1')).toBeUndefined();
    expect(store.error).toBeUndefined();
  });

  it('says why the cluster does not describe its API, and asks again later', async () => {
    let now = 0;
    let isOpen = false;
    const call = async <T>(_: string, path: string) => {
      if (!isOpen) throw new ApiError(403, 'Forbidden', 'no', { method: 'GET', path });
      return { body: (path === '/openapi/v3' ? index : LAMPS) as T, warnings: [] };
    };
    const store = new SchemaStore('lab', call, () => now);
    expect(await store.load('example.com/v1')).toBeUndefined();
    expect(store.error?.code).toBe(403);
    isOpen = true;
    now = 120_000;
    expect(await store.load('example.com/v1')).toBeDefined();
    expect(store.error).toBeUndefined();
  });
});
