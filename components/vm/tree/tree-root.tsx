'use client';

import { type KeyboardEvent, type ReactNode, useEffect, useRef } from 'react';
import styles from './tree.module.css';
import { useTreeScope } from './tree-context';
import { entriesOf, moveOf, typedEntry } from './tree-keys';

const TYPING_MS = 600;

/** The tree itself: one stop for the Tab key, and the keys of WAI-ARIA's tree pattern inside. */
export function TreeRoot({ label, children }: { label: string; children: ReactNode }) {
  const { active, setActive, toggle } = useTreeScope();
  const tree = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', at: 0 });

  // The entry that Tab leads to may have gone, or not be there yet.
  useEffect(() => {
    const all = tree.current ? entriesOf(tree.current) : [];
    if (all.some(({ dataset }) => dataset.key === active)) return;
    const first = all.find((entry) => entry.getAttribute('aria-selected') === 'true') ?? all[0];
    if (first?.dataset.key) setActive(first.dataset.key);
  });

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const { ctrlKey, metaKey, altKey, key, target, currentTarget } = event;
    if (ctrlKey || metaKey || altKey || !(target instanceof HTMLElement)) return;
    if (target.getAttribute('role') !== 'treeitem') return;
    const move = moveOf(currentTarget, target, event);
    if (move) {
      event.preventDefault();
      event.stopPropagation();
      switch (move.kind) {
        case 'focus':
          return goTo(move.entry);
        case 'toggle':
          return toggle(move.entry.dataset.key ?? '');
        case 'choose':
          return move.entry.click();
        case 'menu':
          return move.entry.querySelector<HTMLElement>('[aria-haspopup]')?.click();
      }
    }
    if (key.length !== 1) return;
    const now = Date.now();
    typed.current = { text: (now - typed.current.at < TYPING_MS ? typed.current.text : '') + key, at: now };
    const found = typedEntry(currentTarget, target, typed.current.text);
    // What is typed into a tree must not reach the shortcuts of the page.
    event.stopPropagation();
    if (found) goTo(found);
  };

  const goTo = (entry: HTMLElement) => {
    setActive(entry.dataset.key ?? '');
    entry.focus();
  };

  return (
    <div ref={tree} role="tree" aria-label={label} className={styles.tree} onKeyDown={onKeyDown}>
      {children}
    </div>
  );
}
