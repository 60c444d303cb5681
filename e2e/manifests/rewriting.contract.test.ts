import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonPath, valueAt, withValueAt } from '@/lib/k8s/json';
import { sameJson } from '@/lib/k8s/patch';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import type { ManifestObject } from '@/lib/manifest/manifest';
import { readManifests } from '@/lib/manifest/read';
import { CORPUS } from './corpus';

/** Written in a way that a change can't keep: what an alias or a tag says, an escape, a folded text, no value. */
const UNKEPT: Record<string, RegExp> = {
  'anchors-and-aliases.yaml': /labels|disk|memory/,
  'merge-keys.yaml': /labels/,
  'empty-collections.yaml': /annotations/,
  'quoted-keys-and-tags.yaml': /^kind|terminationGracePeriodSeconds/,
  'number-and-word-traps.yaml': /unicode/,
  'blank-lines-and-long-words.yaml': /description/,
};

function objectsOf(text: string): ManifestObject[] {
  const objects = readDocuments(text)?.objects;
  if (!objects) throw new Error('cannot be read');
  return objects;
}

function rewritten(text: string, objects: readonly ManifestObject[]): string {
  const result = rewriteDocuments(text, objects);
  if (result === undefined) throw new Error('cannot be rewritten');
  return result;
}

/** Every comment, wherever it stands; a text that only looks like one, e.g. in cloud-init, counts too. */
function comments(text: string): string[] {
  return text.split('\n').flatMap((line) => /(?:^|\s)(#.*?)\r?$/.exec(line)?.[1] ?? []);
}

/** How many lines at the start and end both have, less than which nothing may differ. */
function differingLines(before: string, after: string): { gone: string[]; come: string[] } {
  const [a, b] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  return { gone: a.slice(start, a.length - end), come: b.slice(start, b.length - end) };
}

function* leaves(value: unknown, path: JsonPath = []): Generator<JsonPath> {
  if (Array.isArray(value))
    for (const [index, inner] of value.entries()) yield* leaves(inner, [...path, index]);
  else if (isJsonObject(value))
    for (const key of Object.keys(value)) yield* leaves(value[key], [...path, key]);
  else yield path;
}

function* collections(value: unknown, path: JsonPath = []): Generator<JsonPath> {
  if (Array.isArray(value)) {
    yield path;
    for (const [index, inner] of value.entries()) yield* collections(inner, [...path, index]);
  } else if (isJsonObject(value)) {
    yield path;
    for (const key of Object.keys(value)) yield* collections(value[key], [...path, key]);
  }
}

function other(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'string') return value.includes('\n') ? value.replace(/\n/, ' more\n') : `${value}-2`;
  return 'was-nothing';
}

/** A list with one more entry of the kind that it has, or a mapping with one more key. */
function grown(value: unknown): unknown {
  if (!Array.isArray(value)) return { ...(isJsonObject(value) ? value : {}), added: 'by a form' };
  if (value.length > 0 && !value.every(isJsonObject)) return [...value, 'added'];
  return [...value, { name: 'added', disk: { bus: 'virtio' } }];
}

describe.each(CORPUS)('$name', ({ name, text }) => {
  const objects = objectsOf(text);
  const isKept = (path: JsonPath) => !UNKEPT[name]?.test(path.join('.'));

  it('has no errors', () => {
    expect(readManifests(text).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('stays byte for byte when nothing differs', () => {
    expect(rewritten(text, objects)).toBe(text);
    expect(rewritten(text, structuredClone(objects))).toBe(text);
  });

  it('changes the lines of one value alone, keeps every comment, and goes back', () => {
    for (const [at, object] of objects.entries()) {
      for (const path of leaves(object)) {
        if (/^(kind|apiVersion|items)$/.test(String(path[0])) || path.length === 0) continue;
        const place = `${at} ${path.join('.')}`;
        const before = valueAt(object, path);
        const changed = objects.with(at, withValueAt(object, path, other(before)));
        const after = rewritten(text, changed);
        expect(sameJson(objectsOf(after), changed), place).toBe(true);
        expect(comments(after).length, place).toBe(comments(text).length);
        if (!isKept(path)) continue;
        const { gone, come } = differingLines(text, after);
        expect([gone.length, come.length], `${place}\n${come.join('\n')}`).toEqual([1, 1]);
        expect(rewritten(after, objects), place).toBe(text);
      }
    }
  });

  it('takes an entry in and lets it go again', () => {
    for (const [at, object] of objects.entries()) {
      for (const path of collections(object)) {
        const place = `${at} ${path.join('.')}`;
        const value = grown(path.length === 0 ? object : valueAt(object, path));
        const changed = objects.with(
          at,
          path.length === 0 && isJsonObject(value) ? value : withValueAt(object, path, value),
        );
        const after = rewritten(text, changed);
        expect(sameJson(objectsOf(after), changed), place).toBe(true);
        if (!isKept(path)) continue;
        expect(comments(after), place).toEqual(comments(text));
        expect(rewritten(after, objects), place).toBe(text);
      }
    }
  });

  it('lets any entry go and keeps the comments that are not its own', () => {
    for (const [at, object] of objects.entries()) {
      for (const path of [...leaves(object), ...collections(object)].filter(({ length }) => length > 0)) {
        const changed = objects.with(at, withValueAt(object, path, undefined));
        expect(sameJson(objectsOf(rewritten(text, changed)), changed), path.join('.')).toBe(true);
      }
    }
  });
});

it('is a corpus of at least sixty manifests of virtual machines', () => {
  const machines = CORPUS.flatMap(({ text }) => objectsOf(text)).filter(
    ({ kind }) => kind === 'VirtualMachine',
  );
  expect(CORPUS.length).toBeGreaterThanOrEqual(60);
  expect(machines.length).toBeGreaterThanOrEqual(60);
});
