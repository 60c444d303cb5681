'use client';

import { useMemo } from 'react';
import { useText } from '@/components/ui/text';
import type { MessageKey } from '@/lib/text';

/** CodeMirror's words, as it asks for them, with our keys. */
const PHRASES: Record<string, MessageKey> = {
  Find: 'yaml.editor.find',
  Replace: 'yaml.editor.replaceWith',
  next: 'yaml.editor.next',
  previous: 'yaml.editor.previous',
  all: 'yaml.editor.all',
  'match case': 'yaml.editor.matchCase',
  'by word': 'yaml.editor.byWord',
  regexp: 'yaml.editor.regexp',
  replace: 'yaml.editor.replace',
  'replace all': 'yaml.editor.replaceAll',
  close: 'yaml.editor.close',
  'Go to line': 'yaml.editor.goToLine',
  go: 'yaml.editor.go',
  'current match': 'yaml.editor.currentMatch',
  'on line': 'yaml.editor.onLine',
  'Fold line': 'yaml.editor.foldLine',
  'Unfold line': 'yaml.editor.unfoldLine',
  'Folded lines': 'yaml.editor.foldedLines',
  'Unfolded lines': 'yaml.editor.unfoldedLines',
  'folded code': 'yaml.editor.foldedCode',
  unfold: 'yaml.editor.unfold',
  to: 'yaml.editor.to',
  'Selection deleted': 'yaml.editor.selectionDeleted',
  Diagnostics: 'yaml.editor.problems',
  'No diagnostics': 'yaml.editor.noProblems',
  'Control character': 'yaml.editor.controlCharacter',
  '$ unchanged lines': 'yaml.editor.unchangedLines',
  'replaced $ matches': 'yaml.editor.replacedMatches',
  'replaced match on line $': 'yaml.editor.replacedOnLine',
  Accept: 'yaml.editor.acceptChunk',
  Reject: 'yaml.editor.rejectChunk',
  Completions: 'editor.completions',
  'Revert this chunk': 'yaml.editor.revertChunk',
};

/** The catalogue in the form that CodeMirror takes; the same object as long as the language is the same. */
export function usePhrases(): Record<string, string> {
  const t = useText();
  return useMemo(
    () => Object.fromEntries(Object.entries(PHRASES).map(([phrase, key]) => [phrase, t(key)])),
    [t],
  );
}
