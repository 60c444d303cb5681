import { indentWithTab } from '@codemirror/commands';
import { foldAll, unfoldAll } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { diff } from '@codemirror/merge';
import { openSearchPanel } from '@codemirror/search';
import { Annotation, Compartment, EditorState, type Extension, Transaction } from '@codemirror/state';
import { type Command, EditorView, keymap } from '@codemirror/view';
import { basicExtensions, type EditorBasics, readOnlyExtensions } from './extensions';
import { type GoToWords, goToField } from './go-to-field';

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
  readonly #help = new Compartment();

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
          this.#help.of([]),
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
    this.#view.dispatch({
      changes: changesTo(now, content),
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

  /** What the editor knows about the text: completion and documentation. */
  setHelp(help: Extension): void {
    this.#view.dispatch({ effects: this.#help.reconfigure(help) });
  }

  /** The view, for commands of extensions that `setHelp` was given. */
  run(command: (view: EditorView) => void): void {
    command(this.#view);
    if (!this.#view.dom.contains(document.activeElement)) this.#view.focus();
  }

  get content(): string {
    return this.#view.state.doc.toString();
  }

  get cursor(): number {
    return this.#view.state.selection.main.head;
  }

  openSearch(): void {
    openSearchPanel(this.#view);
  }

  foldAll(): void {
    this.run(foldAll);
  }

  unfoldAll(): void {
    this.run(unfoldAll);
  }

  goToField(words: GoToWords): void {
    goToField(this.#view, words, (offset) => this.reveal(offset));
  }

  /** Brings the text to `content` as if it had been typed: it can be undone. */
  type(content: string): void {
    const changes = changesTo(this.content, content);
    const [first] = changes;
    this.#view.dispatch({
      changes,
      ...(first ? { selection: { anchor: first.from }, scrollIntoView: true } : {}),
      userEvent: 'input',
    });
    this.#view.focus();
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

function changesTo(now: string, content: string): { from: number; to: number; insert: string }[] {
  return diff(now, content, DIFF_LIMITS).map(({ fromA, toA, fromB, toB }) => ({
    from: fromA,
    to: toA,
    insert: content.slice(fromB, toB),
  }));
}

function saveBy(onSave: () => void): Command {
  return () => {
    onSave();
    // Handled, so that the browser does not offer to save the page.
    return true;
  };
}
