import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { basicExtensions, type EditorBasics, readOnlyExtensions } from './extensions';

export interface DiffOptions extends Omit<EditorBasics, 'label'> {
  parent: HTMLElement;
  before: string;
  after: string;
  beforeLabel: string;
  afterLabel: string;
  /** Present when the second text may be edited. */
  onType: ((after: string) => void) | undefined;
  /** One above the other instead of side by side, where there is no room. */
  isNarrow: boolean;
}

const COLLAPSE = { margin: 3, minSize: 6 };

/** Shows two texts and where they differ. Returns what ends it. */
export function openDiff(options: DiffOptions): () => void {
  const { parent, before, after, beforeLabel, afterLabel, onType, isNarrow, ...basics } = options;
  const extensions = (label: string): Extension[] => [
    basicExtensions({ ...basics, label }),
    EditorView.lineWrapping,
  ];
  const typed: Extension[] = onType
    ? [EditorView.updateListener.of((update) => update.docChanged && onType(update.state.doc.toString()))]
    : readOnlyExtensions();
  if (isNarrow) {
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: after,
        extensions: [
          extensions(afterLabel),
          typed,
          unifiedMergeView({ original: before, mergeControls: Boolean(onType), collapseUnchanged: COLLAPSE }),
        ],
      }),
    });
    return () => view.destroy();
  }
  const view = new MergeView({
    parent,
    a: { doc: before, extensions: [extensions(beforeLabel), readOnlyExtensions()] },
    b: { doc: after, extensions: [extensions(afterLabel), typed] },
    ...(onType ? { revertControls: 'a-to-b' as const } : {}),
    collapseUnchanged: COLLAPSE,
    gutter: true,
  });
  return () => view.destroy();
}
