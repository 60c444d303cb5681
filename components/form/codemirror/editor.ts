import { indentWithTab } from '@codemirror/commands';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { diff } from '@codemirror/merge';
import { Annotation, Compartment, EditorState, Transaction } from '@codemirror/state';
import { type Command, EditorView, keymap } from '@codemirror/view';
import { basicExtensions, type EditorBasics, readOnlyExtensions } from './extensions';

export interface EditorOptions extends EditorBasics {
  parent: HTMLElement;
  content: string;
  onType: (content: string) => void;
  onSave: () => void;
}

/** Marks what the program changed, so that it doesn't count as typed. */
const byProgram = Annotation.define<boolean>();

/** A difference finer than this is not worth a stall: beyond it the whole text is replaced. */
const DIFF_LIMITS = { scanLimit: 1000, timeout: 100 };

/** One CodeMirror editor, with what the console changes while it lives. Final after `close`. */
export class Editor {
  readonly #view: EditorView;
  readonly #readOnly = new Compartment();
  readonly #tabKey = new Compartment();

  constructor({ parent, content, onType, onSave, ...basics }: EditorOptions) {
    this.#view = new EditorView({
      parent,
      state: EditorState.create({
        doc: content,
        extensions: [
          keymap.of([{ key: 'Mod-s', run: saveBy(onSave) }, ...lintKeymap]),
          basicExtensions(basics),
          lintGutter(),
          this.#readOnly.of([]),
          this.#tabKey.of([]),
          EditorView.updateListener.of((update) => {
            const typed = update.transactions.some((each) => each.docChanged && !each.annotation(byProgram));
            if (typed) onType(update.state.doc.toString());
          }),
        ],
      }),
    });
  }

  /** Brings the text to `content`; cursor, folds and undo stay where the texts agree. */
  setContent(content: string): void {
    const now = this.#view.state.doc.toString();
    if (now === content) return;
    const changes = diff(now, content, DIFF_LIMITS).map(({ fromA, toA, fromB, toB }) => ({
      from: fromA,
      to: toA,
      insert: content.slice(fromB, toB),
    }));
    this.#view.dispatch({
      changes,
      annotations: [byProgram.of(true), Transaction.addToHistory.of(false)],
    });
  }

  setReadOnly(isReadOnly: boolean): void {
    this.#view.dispatch({ effects: this.#readOnly.reconfigure(isReadOnly ? readOnlyExtensions() : []) });
  }

  /** Whether Tab indents. It leaves the editor otherwise, as everywhere on a page. */
  setTabIndents(indents: boolean): void {
    this.#view.dispatch({ effects: this.#tabKey.reconfigure(indents ? keymap.of([indentWithTab]) : []) });
  }

  setProblems(problems: readonly Diagnostic[]): void {
    const end = this.#view.state.doc.length;
    const inside = problems.map((problem) => ({
      ...problem,
      from: Math.min(problem.from, end),
      to: Math.min(problem.to, end),
    }));
    this.#view.dispatch(setDiagnostics(this.#view.state, inside));
  }

  /** Puts the cursor at an offset, in sight, and the focus into the editor. */
  reveal(offset: number): void {
    const at = Math.min(offset, this.#view.state.doc.length);
    this.#view.dispatch({
      selection: { anchor: at },
      effects: EditorView.scrollIntoView(at, { y: 'center' }),
    });
    this.#view.focus();
  }

  close(): void {
    this.#view.destroy();
  }
}

function saveBy(onSave: () => void): Command {
  return () => {
    onSave();
    // Handled, so that the browser does not offer to save the page.
    return true;
  };
}
