import type { Document } from 'yaml';
import type { Style } from './render';
import type { Layout } from './tree';

export const JS_OPTIONS = { maxAliasCount: 100 } as const;

export interface Splice {
  from: number;
  to: number;
  text: string;
}

/** One document on its way to another value. */
export interface Work extends Layout {
  document: Document;
  style: Style;
  hasAliases: boolean;
  /** What anchored nodes come to be, to tell which aliases still say the right thing. */
  finals: Map<unknown, unknown>;
  /** Levels below which what differs is written anew as a whole. */
  depth: number;
  splices: Splice[];
}

/** Where a node stands: after a key, after a dash, inside braces or brackets, or alone in its document. */
export interface Slot {
  kind: 'pair' | 'item' | 'flow' | 'root';
  /** Of the key or dash. */
  column: number;
  /** After the colon or dash with its anchor. */
  after: number;
}
