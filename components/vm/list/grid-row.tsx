'use client';

import { EllipsisVIcon } from '@patternfly/react-icons';
import { css } from '@patternfly/react-styles';
import { useRouter } from 'next/navigation';
import { type MouseEvent, memo, useEffect, useRef, useState } from 'react';
import { ActionMenu } from '@/components/ui/action-menu';
import { StatusMark } from '@/components/ui/status-label';
import { useText } from '@/components/ui/text';
import type { ChosenColumn } from '@/lib/kinds/vm/columns';
import { vmColumn } from '@/lib/kinds/vm/columns';
import type { VmRow } from '@/lib/kinds/vm/row';
import { paths } from '@/lib/paths';
import { VmHandle } from '../tree/vm-handle';
import { useVmItems } from '../vm-actions';
import { cellOf, StatusCell } from './cells';
import styles from './list.module.css';

/** What rows do to the list; the same object for all of them, and for as long as the list is shown. */
export interface RowEvents {
  onToggle: (index: number) => void;
  onExtend: (index: number) => void;
  onActive: (index: number) => void;
  onMenu: (open: boolean) => void;
  onOpen: () => void;
  /** The rows that are selected, as far as they are loaded: they are dragged together. */
  selected: () => readonly VmRow[];
}

export interface GridRowProps {
  cluster: string;
  index: number;
  /** Undefined while it is not loaded. */
  row: VmRow | undefined;
  /** It was deleted while its place was held. */
  gone: boolean;
  columns: readonly ChosenColumn[];
  selected: boolean;
  active: boolean;
  /** Pixels to add to the row's place in a list that is too high for browsers. */
  shift: number;
  events: RowEvents;
}

/** One VM in the list. Renders again only when something of it changes. */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { cluster, index, row, gone, columns, selected, active, shift, events } = props;
  const t = useText();
  const router = useRouter();
  const [isOver, setOver] = useState(false);
  const near = isOver || active;
  const tabIndex = active ? 0 : -1;
  const common = {
    'aria-rowindex': index + 2,
    'data-index': index,
    style: { insetBlockStart: `calc(var(--vm-row) * ${index}${shift ? ` + ${shift}px` : ''})` },
  };
  if (!row) {
    return (
      <tr {...common} className={css(styles.row, styles.unknown)} aria-busy="true" tabIndex={tabIndex}>
        <td className={styles.check} />
        {columns.map(({ id }) => (
          <td key={id} data-column={id}>
            <span className={styles.blank} />
          </td>
        ))}
        <td className={styles.menu} />
      </tr>
    );
  }
  const { namespace, name } = row;
  const href = paths.vm({ cluster, namespace, name });

  const open = (event: MouseEvent<HTMLElement>) => {
    const isLink = event.target instanceof Element && event.target.closest('a') !== null;
    if (gone || isForSomethingElse(event)) return;
    if (event.shiftKey && event.button === 0) {
      event.preventDefault();
      events.onExtend(index);
    } else if (event.button === 1 || event.ctrlKey || event.metaKey) {
      // A link does that by itself.
      if (!isLink) window.open(href, '_blank', 'noopener');
    } else if (event.button === 0) {
      event.preventDefault();
      events.onOpen();
      router.push(href);
    }
  };

  return (
    <tr
      {...common}
      className={css(styles.row, selected && styles.selected, gone && styles.gone)}
      aria-selected={selected}
      tabIndex={tabIndex}
      onClick={open}
      onAuxClick={open}
      onMouseDown={keepSelectionOfText}
      onFocus={() => events.onActive(index)}
      onPointerEnter={() => setOver(true)}
      onPointerLeave={() => setOver(false)}
    >
      <td className={styles.check}>
        {!gone && (
          <input
            type="checkbox"
            aria-label={t('list.select', { name })}
            checked={selected}
            tabIndex={tabIndex}
            onChange={() => undefined}
            onClick={(event) => {
              event.stopPropagation();
              if (event.shiftKey) events.onExtend(index);
              else events.onToggle(index);
            }}
          />
        )}
      </td>
      {columns.map(({ id }) => {
        if (id === 'name') {
          return (
            <td key={id} className={styles.name} data-column={id}>
              {gone ? (
                <span className={styles.line}>{name}</span>
              ) : (
                <VmHandle cluster={cluster} row={row} selected={events.selected}>
                  <a href={href} className={styles.line} title={name} tabIndex={tabIndex}>
                    {name}
                  </a>
                </VmHandle>
              )}
            </td>
          );
        }
        if (id === 'status') {
          return (
            <td key={id} className={styles.status} data-column={id}>
              {gone ? (
                <StatusMark tone="off" className={styles.mark}>
                  {t('list.deleted')}
                </StatusMark>
              ) : (
                <StatusCell cluster={cluster} row={row} />
              )}
            </td>
          );
        }
        const { align, label } = vmColumn(id);
        const content = cellOf(id, { cluster, row, near }, t);
        return (
          <td
            key={id}
            data-column={id}
            data-label={t(label)}
            className={css(styles.cell, align === 'end' && styles.number, !content && styles.empty)}
          >
            {content || t('common.none')}
          </td>
        );
      })}
      <td className={styles.menu}>
        {!gone && <RowMenu cluster={cluster} row={row} tabIndex={tabIndex} onMenu={events.onMenu} />}
      </td>
    </tr>
  );
});

/**
 * The menu of a row. What makes its button a menu comes with the first press, or with the focus of the keyboard: while
 * one scrolls, rows pass by the hundred. A press is not cut in two: the button stays until it is over.
 */
function RowMenu({
  cluster,
  row,
  tabIndex,
  onMenu,
}: {
  cluster: string;
  row: VmRow;
  tabIndex: number;
  onMenu: (open: boolean) => void;
}) {
  const t = useText();
  const [isUsed, setUsed] = useState(false);
  const [open, setOpen] = useState(false);
  const hadFocus = useRef(false);
  const place = useRef<HTMLSpanElement>(null);
  const { namespace, name, facts } = row;
  const items = useVmItems({ cluster, namespace, name }, facts, open);
  const label = t('list.actionsFor', { name });
  const change = (next: boolean) => {
    setOpen(next);
    onMenu(next);
  };
  // The one button takes the other's place, and its focus.
  useEffect(() => {
    if (isUsed && hadFocus.current) place.current?.querySelector('button')?.focus();
    hadFocus.current = false;
  }, [isUsed]);
  return (
    <span ref={place}>
      {isUsed ? (
        <ActionMenu items={items} label={label} isOpen={open} tabIndex={tabIndex} onOpenChange={change} />
      ) : (
        <button
          type="button"
          className="pf-v6-c-menu-toggle pf-m-plain"
          aria-label={label}
          aria-expanded={false}
          tabIndex={tabIndex}
          onFocus={({ currentTarget }) => {
            hadFocus.current = true;
            if (currentTarget.matches(':focus-visible')) setUsed(true);
          }}
          onBlur={() => {
            hadFocus.current = false;
          }}
          onClick={() => {
            hadFocus.current = true;
            setUsed(true);
            // Not before this press is over: to an open menu it would be one beside it.
            setTimeout(() => change(true));
          }}
        >
          <EllipsisVIcon />
        </button>
      )}
    </span>
  );
}

/** A click on a control in the row, in a menu that React counts to the row, or that ends a selection of text. */
function isForSomethingElse({ target, currentTarget, shiftKey }: MouseEvent<HTMLElement>): boolean {
  if (!(target instanceof Element) || !currentTarget.contains(target)) return true;
  if (target.closest('button, input, label') !== null) return true;
  return !shiftKey && target.closest('a') === null && String(window.getSelection()) !== '';
}

/** With Shift a click means rows, not the text between them. */
function keepSelectionOfText(event: MouseEvent<HTMLElement>): void {
  if (event.shiftKey && !(event.target instanceof HTMLInputElement)) event.preventDefault();
}
