import { type Document, isMap, isNode, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { READ_OPTIONS } from './go-yaml';
import { isMapping, type ManifestObject } from './manifest';
import { tidy, WRITE_OPTIONS } from './write';

/**
 * Applies a JSON merge patch to the text of one object and keeps what the patch doesn't touch as it was written:
 * comments, order, spelling. New keys stand where `model` has them. Undefined when the text cannot be read as one
 * mapping.
 */
export function patchText(
  content: string,
  patch: ManifestObject,
  model: ManifestObject = {},
): string | undefined {
  const document = parseDocument(content, READ_OPTIONS);
  const root: unknown = document.contents;
  if (document.errors.length > 0 || !isMap(root)) return undefined;
  write(document, root, patch, tidy(model));
  return document.toString(WRITE_OPTIONS);
}

function write(document: Document, map: YAMLMap, patch: ManifestObject, model: unknown): void {
  const order = isMapping(model) ? Object.keys(model) : [];
  for (const [key, value] of Object.entries(patch)) {
    const inner = isMapping(model) ? model[key] : undefined;
    const old: unknown = map.get(key, true);
    if (value === null) map.delete(key);
    else if (isMapping(value) && isMap(old)) write(document, old, value, inner);
    else if (map.has(key)) map.set(key, kept(document, old, withoutNulls(value)));
    else insert(map, document.createPair(key, withoutNulls(value)), order);
  }
}

/** Puts a new pair before the first of its successors in `order` that is there. */
function insert(map: YAMLMap, pair: Pair, order: readonly string[]): void {
  const keys = map.items.map((item) => (isScalar(item.key) ? String(item.key.value) : ''));
  const name = isScalar(pair.key) ? String(pair.key.value) : '';
  const successors = new Set(order.slice(order.indexOf(name) + 1));
  const at = order.includes(name) ? keys.findIndex((key) => successors.has(key)) : -1;
  map.items.splice(at < 0 ? map.items.length : at, 0, pair);
}

/** A new scalar takes the place of the old one's value, so that its comment and quotes stay. */
function kept(document: Document, old: unknown, value: unknown): unknown {
  if (isNode(old) && 'value' in old && typeof old.value === typeof value) {
    old.value = value;
    return old;
  }
  return document.createNode(value);
}

/** In a merge patch a null inside a new mapping says "not there" (RFC 7386). */
function withoutNulls(value: unknown): unknown {
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}
