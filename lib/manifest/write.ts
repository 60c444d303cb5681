import { stringify } from 'yaml';
import type { ManifestObject } from './manifest';

/** How the console writes YAML: as kubectl prints it, so that nobody has to read it anew. */
export const WRITE_OPTIONS = {
  lineWidth: 0,
  indentSeq: false,
  aliasDuplicateObjects: false,
  // Quotes `yes`, `on` and `0644`, which Kubernetes' reader would take for something else.
  compat: 'yaml-1.1',
} as const;

const FIRST = ['apiVersion', 'kind', 'metadata'];
const LAST = ['status'];
const METADATA_FIRST = ['name', 'generateName', 'namespace', 'labels', 'annotations'];

/**
 * An object as YAML for reading and editing: `managedFields` left out, keys in the order people expect, the
 * rest as the server gave it.
 */
export function writeManifest(object: ManifestObject): string {
  return stringify(tidy(object), WRITE_OPTIONS);
}

/** The object in the order and with the fields that `writeManifest` writes. */
export function tidy(object: ManifestObject): ManifestObject {
  const ordered = ordering(object, FIRST, LAST);
  const { metadata } = ordered;
  if (typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)) {
    const { managedFields: _managedFields, ...rest } = metadata as ManifestObject;
    ordered.metadata = ordering(rest, METADATA_FIRST, []);
  }
  return ordered;
}

function ordering(object: ManifestObject, first: readonly string[], last: readonly string[]): ManifestObject {
  const middle = Object.keys(object).filter((key) => !first.includes(key) && !last.includes(key));
  const keys = [...first, ...middle, ...last].filter((key) => object[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, object[key]]));
}
