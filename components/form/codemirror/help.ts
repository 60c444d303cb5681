import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  pickedCompletion,
  startCompletion,
} from '@codemirror/autocomplete';
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap, showTooltip, type Tooltip } from '@codemirror/view';
import type { FieldDocumentation, HoveredField } from '@/lib/manifest/schema/documentation';
import type { EditorHelp } from '../schema/editor-help';
import type { FieldWords } from '../schema/field-words';
import type { Suggestion } from '../schema/suggestion';
import { fieldDom, fieldSentence } from './field-doc';

export interface HelpOptions {
  help: EditorHelp;
  /** A field's documentation in the reader's language. */
  words: (field: FieldDocumentation, path?: HoveredField['path']) => FieldWords;
  /** What a screen reader hears where nothing is known. */
  unknown: string;
  /** What a snippet is for. */
  about: (suggestion: Suggestion) => string;
}

const ICONS: Record<Suggestion['kind'], string> = {
  key: 'property',
  value: 'constant',
  item: 'property',
  object: 'class',
  name: 'variable',
  snippet: 'text',
};

/** Completion, documentation on hover and by F2. */
export function helpExtensions(options: HelpOptions): Extension {
  return [
    autocompletion({
      override: [(context) => suggest(context, options)],
      activateOnTyping: true,
      activateOnTypingDelay: 30,
      // What is shown as chosen is what Enter takes, however fast somebody types.
      interactionDelay: 0,
      maxRenderedOptions: 200,
      icons: false,
      tooltipClass: () => 'cm-suggestions',
    }),
    keymap.of([{ key: 'F2', run: (view) => describeHere(view, options) }]),
    fieldTooltip,
    hoverTooltip(async (view, at) => {
      const field = await options.help.describe(view.state.doc.toString(), at);
      if (!field || field.from > at || field.to < at) return null;
      return { pos: field.from, end: field.to, above: false, create: () => ({ dom: dom(field, options) }) };
    }),
  ];
}

async function suggest(context: CompletionContext, options: HelpOptions): Promise<CompletionResult | null> {
  const { pos, explicit, state } = context;
  const found = await options.help.suggest(state.doc.toString(), pos);
  if (!found || context.aborted || found.suggestions.length === 0) return null;
  const { place, suggestions } = found;
  // An unasked list while somebody types text would be in the way; at the start of a key or value it helps.
  if (!explicit && place.word === '' && !isFreshAt(context)) return null;
  return {
    from: pos - place.word.length,
    options: suggestions.map((suggestion) => optionOf(suggestion, pos, options)),
    validFor: /^[\w./@:-]*$/,
  };
}

/** Right behind `key: ` and `- `, as a completion leaves the cursor. */
function isFreshAt({ state, pos }: CompletionContext): boolean {
  return /(?::|-) $/.test(state.sliceDoc(Math.max(0, pos - 2), pos));
}

function optionOf(suggestion: Suggestion, askedAt: number, options: HelpOptions): Completion {
  const { label, kind, rank, detail, field } = suggestion;
  const about = kind === 'snippet' ? options.about(suggestion) : undefined;
  return {
    label,
    type: ICONS[kind],
    boost: rank,
    ...(detail || about || field
      ? { detail: detail ?? about ?? (field && options.words(field).facts) ?? '' }
      : {}),
    ...(field ? { info: () => fieldDom(options.words(field)) } : {}),
    apply: (view, completion) => {
      // What stood behind the cursor when it was asked still does; what was typed since is replaced too.
      const to = view.state.selection.main.head + (suggestion.to - askedAt);
      const caret = suggestion.from + suggestion.insert.length;
      view.dispatch({
        changes: { from: suggestion.from, to: Math.max(suggestion.from, to), insert: suggestion.insert },
        selection: { anchor: caret },
        scrollIntoView: true,
        userEvent: 'input.complete',
        annotations: pickedCompletion.of(completion),
      });
      if (suggestion.goesOn) startCompletion(view);
    },
  };
}

const setField = StateEffect.define<Tooltip | null>();

const fieldTooltip = StateField.define<Tooltip | null>({
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) if (effect.is(setField)) return effect.value;
    return transaction.docChanged || transaction.selection ? null : tooltip;
  },
  provide: (field) => [
    showTooltip.from(field),
    EditorView.domEventHandlers({
      keydown(event, view) {
        if (event.key !== 'Escape' || !view.state.field(field)) return false;
        view.dispatch({ effects: setField.of(null) });
        return true;
      },
    }),
  ],
});

/** Shows the documentation of the field under the cursor, and has it read out. */
export function describeHere(view: EditorView, options: HelpOptions): boolean {
  const { head } = view.state.selection.main;
  const content = view.state.doc;
  void options.help.describe(content.toString(), head).then((field) => {
    if (view.state.doc !== content) return;
    const words = field && options.words(field, field.path);
    view.dispatch({
      effects: [
        setField.of(field ? { pos: head, above: false, create: () => ({ dom: dom(field, options) }) } : null),
        EditorView.announce.of(words ? fieldSentence(words) : options.unknown),
      ],
    });
  });
  return true;
}

function dom(field: HoveredField, options: HelpOptions): HTMLElement {
  return fieldDom(options.words(field, field.path));
}
