'use client';

import {
  AngleDownIcon,
  AngleRightIcon,
  CheckCircleIcon,
  EllipsisVIcon,
  ExclamationCircleIcon,
  ExclamationTriangleIcon,
  InProgressIcon,
  OffIcon,
  PauseCircleIcon,
} from '@patternfly/react-icons';
import { css } from '@patternfly/react-styles';
import { type MouseEvent, type ReactNode, useId } from 'react';
import { useText } from '@/components/ui/text';
import type { Tone } from '@/lib/kinds/vm/status';
import { isAt, placeKey, type TreePlace, type TreeSum, worstTone } from '@/lib/kinds/vm/tree';
import styles from './tree.module.css';
import { useTreeScope } from './tree-context';
import { useDrop } from './use-drop';

const TONE_ICONS: Record<Tone, typeof OffIcon> = {
  danger: ExclamationCircleIcon,
  warning: ExclamationTriangleIcon,
  progress: InProgressIcon,
  paused: PauseCircleIcon,
  success: CheckCircleIcon,
  off: OffIcon,
};

/** One entry: its name, how many VMs there are, how the worst of them do, and what lies below it. */
export function TreeItem({
  place,
  name,
  sum,
  icon,
  isChosen = false,
  isSpaced = false,
  isBranch = false,
  children,
}: {
  /** Undefined for the entry of everything. */
  place: TreePlace | undefined;
  name: string;
  /** Undefined while it is not known. */
  sum: TreeSum | undefined;
  isChosen?: boolean;
  /** Leaves room for the menu that its neighbours have. */
  isSpaced?: boolean;
  icon: ReactNode;
  /** There is something below it, which `children` shows when it is open. */
  isBranch?: boolean;
  children?: () => ReactNode;
}) {
  const t = useText();
  const { query, active, isOpen, toggle, choose, openMenu, setActive } = useTreeScope();
  const labelId = useId();
  const groupId = useId();
  const key = place ? placeKey(place) : 'all';
  const open = isBranch && isOpen(key);
  const isAtIt = isChosen || (place !== undefined && isAt(query, place));
  const { over, on } = useDrop(place, name, isBranch && !open ? () => toggle(key) : undefined);
  const worst = sum && worstTone(sum.tones);
  const words = worst && t(`clusters.tone.${worst.tone}`, { count: worst.count });
  const Tone = worst && TONE_ICONS[worst.tone];
  const menuOf = place?.kind === 'value' ? undefined : place;

  const showMenu = (event: MouseEvent<HTMLElement>) => {
    if (!menuOf) return;
    event.preventDefault();
    event.stopPropagation();
    openMenu({ place: menuOf, total: sum?.total ?? 0, anchor: event.currentTarget });
  };

  return (
    <div role="none">
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys of all its entries */}
      <div
        role="treeitem"
        aria-labelledby={labelId}
        aria-expanded={isBranch ? open : undefined}
        aria-owns={open ? groupId : undefined}
        aria-selected={isAtIt}
        tabIndex={active === key ? 0 : -1}
        data-key={key}
        data-name={name}
        className={css(styles.entry, isAtIt && styles.chosen)}
        data-over={over}
        onClick={() => {
          setActive(key);
          choose(place);
        }}
        onContextMenu={showMenu}
        {...on}
      >
        <span id={labelId} hidden>
          {t('tree.entry', {
            name,
            total: sum?.total ?? 0,
            status: words ? t('tree.entryStatus', { words }) : '',
          })}
        </span>
        {isBranch ? (
          // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer; the keyboard has the arrows
          // biome-ignore lint/a11y/useKeyWithClickEvents: as above
          <span
            className={styles.fold}
            onClick={(event) => {
              event.stopPropagation();
              toggle(key);
            }}
          >
            {open ? <AngleDownIcon /> : <AngleRightIcon />}
          </span>
        ) : (
          <span className={styles.fold} />
        )}
        <span className={styles.icon}>{icon}</span>
        <span className={styles.label} title={name} aria-hidden="true">
          {name}
        </span>
        {Tone && (
          <span className={styles.tone} data-tone={worst.tone} title={words} aria-hidden="true">
            <Tone />
          </span>
        )}
        {/* Or name and number would be one word to whoever reads the text. */}{' '}
        <span className={styles.total} aria-hidden="true">
          {sum?.total.toLocaleString('en')}
        </span>
        {isSpaced && <span className={styles.noMenu} />}
        {menuOf && (
          <button
            type="button"
            tabIndex={-1}
            className={styles.more}
            aria-label={t('tree.menu', { name })}
            aria-haspopup="menu"
            onClick={showMenu}
          >
            <EllipsisVIcon />
          </button>
        )}
      </div>
      {open && children && (
        // biome-ignore lint/a11y/useSemanticElements: the tree pattern's own group, not a form's
        <div role="group" id={groupId}>
          {children()}
        </div>
      )}
    </div>
  );
}

/** An entry that is no place: what is still loading, or more than is shown. */
export function TreeNote({
  children,
  noteKey,
  onChoose,
}: {
  children: string;
  noteKey: string;
  onChoose?: () => void;
}) {
  const { active, setActive } = useTreeScope();
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree hears the keys of all its entries
    <div
      role="treeitem"
      aria-selected="false"
      aria-disabled={onChoose ? undefined : true}
      tabIndex={active === noteKey ? 0 : -1}
      data-key={noteKey}
      data-name={children}
      className={css(styles.entry, onChoose ? styles.moreEntries : styles.note)}
      onClick={() => {
        setActive(noteKey);
        onChoose?.();
      }}
    >
      {children}
    </div>
  );
}
