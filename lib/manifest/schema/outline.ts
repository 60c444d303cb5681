import type { JsonPath } from '@/lib/k8s/json';

/** A rough syntax tree of one YAML document that is being typed: nothing in it needs to be right. */
export type OutlineNode = Mapping | Sequence | Scalar;

export interface Mapping {
  kind: 'map';
  entries: Entry[];
}

export interface Entry {
  key: string;
  /** Where the key stands, quotes included. */
  from: number;
  to: number;
  value: OutlineNode | undefined;
}

export interface Sequence {
  kind: 'seq';
  items: { value: OutlineNode | undefined }[];
}

export interface Scalar {
  kind: 'scalar';
  text: string;
  from: number;
  to: number;
}

/** What stands at a path. */
export function nodeAt(root: OutlineNode | undefined, path: JsonPath): OutlineNode | undefined {
  let node = root;
  for (const step of path) {
    if (typeof step === 'number') node = node?.kind === 'seq' ? node.items[step]?.value : undefined;
    else node = node?.kind === 'map' ? entryOf(node, step)?.value : undefined;
  }
  return node;
}

/** The words at a path; empty where there are none. */
export function wordsAt(root: OutlineNode | undefined, path: JsonPath): string {
  const node = nodeAt(root, path);
  return node?.kind === 'scalar' ? node.text : '';
}

export function entryOf(map: Mapping, key: string): Entry | undefined {
  return map.entries.find((entry) => entry.key === key);
}

/** Where the reader is in a document, and what may be written there. */
export interface Place {
  /** Of the mapping that a key belongs to, or of the value. */
  path: JsonPath;
  /**
   * `key`: a key of the mapping at `path`. `value`: what follows the colon of the key that `path` ends with. `open`: the
   * first thing below a key or after a dash, so that the value at `path` may still become anything.
   */
  kind: 'key' | 'value' | 'open';
  /** What is typed already, up to the cursor, without an opening quote. */
  word: string;
  /** What a completion replaces. */
  from: number;
  to: number;
  /** The opening quote before the cursor. */
  quote: string;
  /** Column (0-based) of the key or value; of the key that a value follows. */
  column: number;
  /** Whether a colon follows the key. */
  hasColon: boolean;
  /** Inside braces or brackets. */
  isFlow: boolean;
  /** A list at the same column, which the line may continue with a dash. */
  list: JsonPath | undefined;
}
