'use client';

import type { MouseEvent } from 'react';
import { StatusLabel } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { PaletteEntry, PaletteGroup } from './entries';
import styles from './palette.module.css';

/** The options of the palette in their groups. The focus stays in the field; `activeId` is the option it is at. */
export function PaletteList({
  id,
  groups,
  activeId,
  onHover,
  onOpen,
  label,
}: {
  /** Options are called `<id>-<index>`, the list `<id>-list`. */
  id: string;
  groups: PaletteGroup[];
  activeId: string | undefined;
  onHover: (entry: PaletteEntry) => void;
  onOpen: (entry: PaletteEntry, event: MouseEvent) => void;
  label: string;
}) {
  let index = 0;
  return (
    <div id={`${id}-list`} role="listbox" aria-label={label} className={styles.list}>
      {groups.map((group) => (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no group of options
        <div key={group.id} role="group" aria-labelledby={`${id}-group-${group.id}`} className={styles.group}>
          <div id={`${id}-group-${group.id}`} role="presentation" className={styles.groupTitle}>
            {group.title}
          </div>
          {group.entries.map((entry) => (
            <Option
              key={entry.id}
              id={`${id}-${index++}`}
              entry={entry}
              activeId={activeId}
              onHover={onHover}
              onOpen={onOpen}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

function Option({
  id,
  entry,
  activeId,
  onHover,
  onOpen,
}: {
  id: string;
  entry: PaletteEntry;
  activeId: string | undefined;
  onHover: (entry: PaletteEntry) => void;
  onOpen: (entry: PaletteEntry, event: MouseEvent) => void;
}) {
  const t = useText();
  const { label, hint, status, reason } = entry;
  const open = (event: MouseEvent) => onOpen(entry, event);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the combobox, which knows the active option
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the combobox
    <div
      id={id}
      role="option"
      aria-selected={id === activeId}
      aria-disabled={reason ? true : undefined}
      className={styles.option}
      // Browsers tell of a move as well when the list moves under a mouse that rests.
      onMouseMove={({ movementX, movementY }) =>
        (movementX !== 0 || movementY !== 0) && id !== activeId && onHover(entry)
      }
      // The field keeps the focus.
      onMouseDown={(event) => event.preventDefault()}
      onClick={open}
    >
      <span className={styles.label}>{label}</span>
      {status && <StatusLabel tone={status.tone}>{status.word}</StatusLabel>}
      {(reason ?? hint) && <span className={styles.hint}>{reason ?? hint}</span>}
      {entry.vm && id === activeId && <kbd className={styles.keys}>{t('search.actionsKey')}</kbd>}
    </div>
  );
}
