import { type Document, isMap, isNode, parseDocument } from 'yaml';
import { READ_OPTIONS } from './go-yaml';
import { isMapping, type ManifestObject } from './manifest';
import { WRITE_OPTIONS } from './write';

/**
 * Applies a JSON merge patch to the text of one object and keeps what the patch doesn't touch as it was written:
 * comments, order, spelling. Undefined when the text cannot be read as one mapping.
 */
export function patchText(content: string, patch: ManifestObject): string | undefined {
  const document = parseDocument(content, READ_OPTIONS);
  if (document.errors.length > 0 || !isMap(document.contents)) return undefined;
  write(document, [], patch);
  return document.toString(WRITE_OPTIONS);
}

function write(document: Document, path: readonly string[], patch: ManifestObject): void {
  for (const [key, value] of Object.entries(patch)) {
    const at = [...path, key];
    if (value === null) {
      if (document.hasIn(at)) document.deleteIn(at);
    } else if (isMapping(value) && isMap(document.getIn(at, true))) {
      write(document, at, value);
    } else {
      document.setIn(at, kept(document, at, withoutNulls(value)));
    }
  }
}

/** A new scalar takes the place of the old one's value, so that its comment and quotes stay. */
function kept(document: Document, at: readonly string[], value: unknown): unknown {
  const old = document.getIn(at, true);
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
