import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** The comment above a declaration, without its tags and on as few lines as its paragraphs need. */
export function commentOf(node) {
  const parts = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = parts.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join('\n');
  const lines = text.split('\n').filter((line) => !/^\s*(\+|@)/.test(line));
  const plain = lines.join('\n').trim();
  return plain || undefined;
}

/** A schema with the description of the field that has it. */
export function described(schema, description) {
  return description ? { ...schema, description } : schema;
}
