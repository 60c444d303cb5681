import { parseDocument } from 'yaml';
import { sameJson } from '@/lib/k8s/patch';
import type { Alignment } from './align';
import { READ_OPTIONS } from './go-yaml';
import { isMapping, type ManifestObject } from './manifest';
import { type Reading, readManifests } from './read';
import { rewriteText } from './rewrite';
import type { Source } from './source';
import { tidy, writeManifest } from './write';

/** The objects of a text, half-finished ones without a name included, and all that can be said about it. */
export interface Documents {
  /** In the order of the text; the items of a `List` one by one. */
  objects: ManifestObject[];
  reading: Reading;
}

/** Reads a text of one or more documents; undefined while it can't be read as mappings. */
export function readDocuments(text: string): Documents | undefined {
  const reading = readManifests(text);
  const places = placesOf(reading.source);
  return places && { objects: places.map(({ object }) => object), reading };
}

/** One object's place among the documents. */
interface Place {
  document: number;
  /** Position in a `List`. */
  item: number | undefined;
  object: ManifestObject;
}

function placesOf({ documents, problems }: Source): Place[] | undefined {
  if (problems.some(({ severity }) => severity === 'error')) return undefined;
  const places: Place[] = [];
  for (const { index, value } of documents) {
    if (value === undefined || value === null) continue;
    if (!isMapping(value)) return undefined;
    const items = listItems(value);
    if (!items) places.push({ document: index, item: undefined, object: value });
    for (const [item, object] of (items ?? []).entries()) {
      if (!isMapping(object)) return undefined;
      places.push({ document: index, item, object });
    }
  }
  return places;
}

function listItems({ kind, items }: ManifestObject): unknown[] | undefined {
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : undefined;
}

/**
 * The text with these objects in place of those that `readDocuments` finds in it. Comments, order, spelling and quotes
 * of all that stays equal remain as they are written. An object that is not in the text is added as a document of its
 * own (after the last one), one that is no longer there goes with its document. Undefined when the text can't be read.
 */
export function rewriteDocuments(text: string, after: readonly ManifestObject[]): string | undefined {
  const source = readManifests(text).source;
  const places = placesOf(source);
  if (!places) return undefined;
  const alignment = alignObjects(
    places.map(({ object }) => object),
    after,
  );
  const target = new Map(alignment);
  const values = new Map<number, unknown>();
  const removed = new Set<number>();
  for (const { index, value } of source.documents) {
    const here = places.flatMap((place, at) => (place.document === index ? [{ ...place, at }] : []));
    if (here.length === 0) continue;
    const kept = here.flatMap(({ at }) => after[target.get(at) ?? -1] ?? []);
    if (kept.length === 0) removed.add(index);
    else if (isMapping(value) && here[0]?.item !== undefined) values.set(index, { ...value, items: kept });
    else values.set(index, kept[0]);
  }
  const rewritten = rewriteText(text, values);
  if (rewritten === undefined) return undefined;
  const aligned = new Set(alignment.map(([, at]) => at));
  const added = after.filter((_, at) => !aligned.has(at));
  return withDocuments(withoutDocuments(rewritten, removed), added);
}

/**
 * The same objects by kind and name, wherever they stand; of the others those of the same kind, in order; and where
 * as many are left as there were, those at the same place.
 */
function alignObjects(before: readonly ManifestObject[], after: readonly ManifestObject[]): Alignment {
  const result: Alignment = [];
  const tells = [identity, kindOf, ...(before.length === after.length ? [() => ''] : [])];
  for (const tell of tells) {
    before.forEach((object, at) => {
      if (result.some(([taken]) => taken === at)) return;
      const other = after.findIndex(
        (each, index) => tell(each) === tell(object) && !result.some(([, taken]) => taken === index),
      );
      if (other >= 0) result.push([at, other]);
    });
  }
  return result;
}

function kindOf({ apiVersion, kind }: ManifestObject): string {
  return JSON.stringify([apiVersion, kind]);
}

function identity({ apiVersion, kind, metadata }: ManifestObject): string {
  const { name, namespace } = isMapping(metadata) ? metadata : {};
  return JSON.stringify([apiVersion, kind, name, namespace]);
}

const MARK = /^---(?=\s|$)/;

/** Takes documents out, each with the line of dashes that parts it from the one before. */
function withoutDocuments(text: string, removed: ReadonlySet<number>): string {
  if (removed.size === 0) return text;
  const pieces: string[][] = [[]];
  for (const line of text.split(/(?<=\n)/)) {
    const current = pieces.at(-1) ?? [];
    // Dashes before anything but comments open the first document and part nothing.
    const isParting = MARK.test(line) && (pieces.length > 1 || current.some((each) => !isBlank(each)));
    if (isParting) pieces.push([line]);
    else current.push(line);
  }
  const kept = pieces.filter((_, index) => !removed.has(index));
  const [first = [], ...rest] = kept;
  const isHeadless = removed.has(0) && MARK.test(first[0] ?? '');
  return [isHeadless ? [(first[0] ?? '').replace(/^---[ \t]*\r?\n?/, ''), ...first.slice(1)] : first, ...rest]
    .flat()
    .join('');
}

function isBlank(line: string): boolean {
  return /^\s*(#.*)?$/.test(line.trimEnd());
}

function withDocuments(text: string, added: readonly ManifestObject[]): string {
  let result = text;
  for (const object of added) {
    const isFirst = result.split('\n').every(isBlank);
    const gap = result === '' || result.endsWith('\n') ? '' : '\n';
    result += `${gap}${isFirst || /(^|\n)---\s*$/.test(result) ? '' : '---\n'}${writeManifest(object)}`;
  }
  return result;
}

/**
 * The text of one object with another in its place, as `rewriteDocuments` does it; fields that `writeManifest` leaves
 * out are left out. Undefined when the text is not one readable mapping.
 */
export function rewriteObject(text: string, after: ManifestObject): string | undefined {
  const document = parseDocument(text, READ_OPTIONS);
  if (document.errors.length > 0 || !isMapping(document.toJS())) return undefined;
  const wanted = tidy(after);
  return sameJson(document.toJS(), wanted) ? text : rewriteText(text, new Map([[0, wanted]]));
}
