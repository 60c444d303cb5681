/** What a key asks of the tree. The entries are read from the page: branches load theirs by themselves. */
export type TreeMove =
  | { kind: 'focus'; entry: HTMLElement }
  | { kind: 'toggle' | 'choose' | 'menu'; entry: HTMLElement };

const ENTRY = '[role="treeitem"]';

export function entriesOf(tree: Element): HTMLElement[] {
  return [...tree.querySelectorAll<HTMLElement>(ENTRY)];
}

/** The keys of the tree pattern of WAI-ARIA; undefined for keys that are not the tree's. */
export function moveOf(
  tree: Element,
  entry: HTMLElement,
  { key, shiftKey }: { key: string; shiftKey: boolean },
): TreeMove | undefined {
  const entries = entriesOf(tree);
  const at = entries.indexOf(entry);
  const focus = (next: HTMLElement | null | undefined): TreeMove | undefined =>
    next ? { kind: 'focus', entry: next } : undefined;
  const expanded = entry.getAttribute('aria-expanded');
  switch (key) {
    case 'ArrowDown':
      return focus(entries[at + 1]);
    case 'ArrowUp':
      return focus(entries[at - 1]);
    case 'Home':
      return focus(entries[0]);
    case 'End':
      return focus(entries.at(-1));
    case 'ArrowRight':
      if (expanded === 'false') return { kind: 'toggle', entry };
      return expanded === 'true' ? focus(entries[at + 1]) : undefined;
    case 'ArrowLeft':
      if (expanded === 'true') return { kind: 'toggle', entry };
      return focus(outerOf(entry));
    case 'Enter':
    case ' ':
      return { kind: 'choose', entry };
    case 'ContextMenu':
      return { kind: 'menu', entry };
    case 'F10':
      return shiftKey ? { kind: 'menu', entry } : undefined;
    default:
      return undefined;
  }
}

/** The next entry after this one whose name begins with what was typed, going round. */
export function typedEntry(tree: Element, entry: HTMLElement, typed: string): HTMLElement | undefined {
  const entries = entriesOf(tree);
  const at = entries.indexOf(entry);
  // Who goes on typing may stay where they are; who types a first letter wants the next.
  const start = typed.length > 1 ? at : at + 1;
  const round = [...entries.slice(start), ...entries.slice(0, start)];
  return round.find((each) => each.dataset.name?.toLowerCase().startsWith(typed.toLowerCase()));
}

/** The entry that an entry lies below: its group follows it in the page. */
function outerOf(entry: HTMLElement): HTMLElement | null {
  const group = entry.closest('[role="group"]');
  return group?.parentElement?.querySelector<HTMLElement>(`:scope > ${ENTRY}`) ?? null;
}
