import { type Document, parseAllDocuments } from 'yaml';
import { sameJson } from '@/lib/k8s/patch';
import { change } from './change';
import { READ_OPTIONS } from './go-yaml';
import { JS_OPTIONS, type Slot, type Splice, type Work } from './rewriting';
import { blockStart, isNodeLike, styleOf } from './tree';

const TREE_OPTIONS = { ...READ_OPTIONS, keepSourceTokens: true } as const;

/** Values that fill a text's documents, by position; a document that is absent here stays as it is. */
export type DocumentValues = ReadonlyMap<number, unknown>;

/** Each try is coarser than the one before: it may lose comments, never a value. */
const DEPTHS = [Number.POSITIVE_INFINITY, 8, 6, 5, 4, 3, 2, 1, 0];

const MAX_PASSES = 3;

/**
 * Changes a text so that its documents have these values, by replacing only the stretches that differ: all else,
 * comments, order, spelling and quotes included, stays byte for byte. Entries of lists are recognized by name, or else
 * by their order. The result is read again before it is given out; what a small change can't bring about (an anchor
 * used in ways that contradict) is written anew in a larger piece. Undefined when the text can't be read.
 */
export function rewriteText(text: string, values: DocumentValues): string | undefined {
  if (!parsed(text)) return undefined;
  let current = text;
  for (const depth of DEPTHS) {
    // Moving entries and changing them are two passes.
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      const documents = parsed(current);
      if (!documents) break;
      if (isReached(documents, values)) return current;
      const next = splice(
        current,
        documents.flatMap((document, index) =>
          values.has(index) ? spliceDocument(current, document, values.get(index), depth) : [],
        ),
      );
      if (next === current) break;
      current = next;
    }
    const documents = parsed(current);
    if (documents && isReached(documents, values)) return current;
    current = text;
  }
  return undefined;
}

function parsed(text: string): Document.Parsed[] | undefined {
  const documents = parseAllDocuments(text, TREE_OPTIONS);
  if (!Array.isArray(documents)) return [];
  return documents.some(({ errors }) => errors.length > 0) ? undefined : documents;
}

function isReached(documents: readonly Document[], values: DocumentValues): boolean {
  try {
    return [...values].every(([index, value]) =>
      sameJson(documents[index]?.toJS(JS_OPTIONS) ?? null, value ?? null),
    );
  } catch {
    // An alias whose anchor a change has removed.
    return false;
  }
}

function splice(text: string, splices: readonly Splice[]): string {
  let result = '';
  let at = 0;
  for (const { from, to, text: inserted } of [...splices].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from < at) continue;
    result += text.slice(at, from) + inserted;
    at = to;
  }
  return result + text.slice(at);
}

function spliceDocument(text: string, document: Document, value: unknown, depth: number): Splice[] {
  const work: Work = {
    text,
    document,
    style: styleOf(text, document),
    hasAliases: /\*/.test(text),
    finals: new Map(),
    depth,
    splices: [],
  };
  const root = document.contents;
  const slot: Slot = { kind: 'root', column: 0, after: isNodeLike(root) ? blockStart(root) : 0 };
  if (isNodeLike(root)) change(work, root, document.toJS(JS_OPTIONS), value, slot, 0);
  return work.splices;
}
