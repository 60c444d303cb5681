import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import {
  bracketMatching,
  codeFolding,
  foldGutter,
  foldKeymap,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';

/** What every editor of the console is made with. */
export interface EditorBasics {
  /** How a screen reader calls it. */
  label: string;
  /** The page's nonce for style elements; its CSP refuses others. */
  nonce: string | undefined;
  /** CodeMirror's own English words, each with ours. */
  phrases: Record<string, string>;
}

/** YAML with highlighting, folding, search, line numbers and undo. Colours come from editor.module.css. */
export function basicExtensions({ label, nonce, phrases }: EditorBasics): Extension[] {
  return [
    ...(nonce ? [EditorView.cspNonce.of(nonce)] : []),
    EditorState.phrases.of(phrases),
    EditorView.contentAttributes.of({
      'aria-label': label,
      spellcheck: 'false',
      autocapitalize: 'off',
      tabindex: '0',
    }),
    lineNumbers(),
    highlightActiveLineGutter(),
    highlightSpecialChars(),
    history(),
    foldGutter(),
    codeFolding(),
    drawSelection(),
    indentOnInput(),
    syntaxHighlighting(classHighlighter),
    bracketMatching(),
    highlightActiveLine(),
    highlightSelectionMatches(),
    search({ top: true }),
    yaml(),
    keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap]),
  ];
}

export function readOnlyExtensions(): Extension[] {
  // Focus stays possible, so that the text can be read, searched and copied with the keyboard.
  return [EditorState.readOnly.of(true)];
}
