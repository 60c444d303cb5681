import { type JsonObject, mappingsAt, valueAt, withValueAt } from '@/lib/k8s/json';
import { readDocuments, rewriteDocuments } from '@/lib/manifest/documents';
import { nodeAt } from '@/lib/manifest/schema/outline';
import { outlineAt } from '@/lib/manifest/schema/read-outline';
import { SNIPPETS, type Snippet, templateOf } from './snippets';

/** The snippets that the document at an offset takes, e.g. a machine's. */
export function snippetsFor(text: string, offset: number): readonly Snippet[] {
  const outline = outlineAt(text, offset);
  const template = outline && templateOf(outline.root);
  if (!template) return [];
  return SNIPPETS.filter((each) => each.for === 'both' || each.for === template.for).filter(
    ({ parts }) => !parts.some(({ key, at }) => key && nodeAt(outline.root, [...template.path, ...at, key])),
  );
}

/**
 * Puts all parts of a snippet where they belong in the document at an offset, whatever the cursor's place in it. Names
 * that are taken get a number. Undefined when the document can't be read.
 */
export function insertSnippet(text: string, offset: number, snippet: Snippet): string | undefined {
  const outline = outlineAt(text, offset);
  const template = outline && templateOf(outline.root);
  if (!template) return undefined;
  const content = text.slice(outline.from, outline.to);
  const [object, second] = readDocuments(content)?.objects ?? [];
  if (!object || second) return undefined;
  const name = freeName(object, template.path, snippet);
  let after: JsonObject = object;
  for (const { at, entry, key, value } of snippet.parts) {
    const path = [...template.path, ...at];
    if (key !== undefined) {
      after = withValueAt(after, [...path, key], value);
      continue;
    }
    const list = valueAt(after, path);
    const made = name === undefined ? entry : { ...entry, name };
    after = withValueAt(after, path, [...(Array.isArray(list) ? list : []), made]);
  }
  const written = rewriteDocuments(content, [after]);
  if (written === undefined) return undefined;
  const isLast = outline.to === text.length;
  return text.slice(0, outline.from) + (isLast ? written : written.trimEnd()) + text.slice(outline.to);
}

/** The name of the snippet's entries, or the next one that is in none of their lists. */
function freeName(
  object: JsonObject,
  template: readonly (string | number)[],
  snippet: Snippet,
): string | undefined {
  const wanted = snippet.parts.map(({ entry }) => entry?.name).find((name) => typeof name === 'string');
  if (typeof wanted !== 'string') return undefined;
  const taken = new Set(
    snippet.parts.flatMap(({ at }) => mappingsAt(object, [...template, ...at]).map((each) => each.name)),
  );
  let name: string = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${number}`;
  return name;
}
