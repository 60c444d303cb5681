import type { Path } from './field-path';
import type { SourceDocument } from './source';

/** An object of the Kubernetes API as a person wrote it: nothing but its being a mapping is certain. */
export type ManifestObject = Record<string, unknown>;

/** One object to be sent: a document, or an item of a `List` in a document. */
export interface Manifest {
  /** Position in the order of sending. */
  index: number;
  document: SourceDocument;
  /** Where the object stands in its document: empty, or `items[2]`. */
  base: Path;
  object: ManifestObject;
  apiVersion: string;
  kind: string;
  /** Empty when only `generateName` is given. */
  name: string;
  generateName: string;
  /** As written; undefined when the text leaves it to the reader. */
  namespace: string | undefined;
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The API group of an `apiVersion`; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
}

/** How an object is called in a sentence: `VirtualMachine test-vm`. */
export function manifestTitle(manifest: Pick<Manifest, 'kind' | 'name' | 'generateName'>): string {
  return `${manifest.kind} ${manifest.name || `${manifest.generateName}…`}`;
}
