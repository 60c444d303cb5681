import { type EditorView, showDialog } from '@codemirror/view';
import { parseFieldPath } from '@/lib/manifest/field-path';
import { entryOf, nodeAt, type OutlineNode } from '@/lib/manifest/schema/outline';
import { outlineAt } from '@/lib/manifest/schema/read-outline';

/** The words of the dialog. */
export interface GoToWords {
  label: string;
  go: string;
  example: string;
}

/** Asks for a field by its path, and puts the cursor there or at its nearest parent. */
export function goToField(view: EditorView, words: GoToWords, reveal: (offset: number) => void): void {
  const { result } = showDialog(view, {
    label: words.label,
    input: { name: 'path', type: 'text', placeholder: words.example, 'aria-label': words.label },
    submitLabel: words.go,
    focus: true,
    top: true,
  });
  void result.then((form) => {
    if (!form) return;
    const path = String(new FormData(form).get('path') ?? '').trim();
    const offset = offsetOf(view.state.doc.toString(), view.state.selection.main.head, path);
    if (offset !== undefined) reveal(offset);
  });
}

/** Where a field stands in the document around `cursor`; where it is missing, its nearest parent that is there. */
export function offsetOf(text: string, cursor: number, path: string): number | undefined {
  const outline = outlineAt(text, cursor);
  let node: OutlineNode | undefined = outline?.root;
  let found: number | undefined;
  for (const step of parseFieldPath(path)) {
    if (node?.kind === 'map') {
      const entry = entryOf(node, String(step));
      if (!entry) break;
      found = entry.from;
      node = entry.value;
      continue;
    }
    if (node?.kind !== 'seq') break;
    const index = typeof step === 'number' ? step : namedIndex(node, step);
    const value: OutlineNode | undefined = node.items[index]?.value;
    if (!value) break;
    found = startOf(value) ?? found;
    node = value;
  }
  return found;
}

/** `disks[root]`: by the entry's name. */
function namedIndex(list: Extract<OutlineNode, { kind: 'seq' }>, name: string): number {
  return list.items.findIndex(({ value }) => {
    const own = value && nodeAt(value, ['name']);
    return own?.kind === 'scalar' && own.text === name;
  });
}

function startOf(node: OutlineNode): number | undefined {
  if (node.kind === 'scalar') return node.from;
  if (node.kind === 'map') return node.entries[0]?.from;
  const first = node.items[0]?.value;
  return first && startOf(first);
}
