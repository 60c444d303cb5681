'use client';

import { LongArrowAltDownIcon, LongArrowAltUpIcon } from '@patternfly/react-icons';
import { css } from '@patternfly/react-styles';
import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from 'react';
import { useText } from '@/components/ui/text';
import {
  type ChosenColumn,
  clampWidth,
  moveColumn,
  resizeColumn,
  type VmColumnId,
  vmColumn,
} from '@/lib/kinds/vm/columns';
import type { VmQuery } from '@/lib/kinds/vm/query';
import styles from './list.module.css';

const KEY_STEP_PX = 16;
const DRAGGED = 'application/x-portlight-column';

/**
 * The head of the list: sorts, and changes columns. One stop of the Tab key; arrows lead from column to column, with
 * Shift they change its width, with Ctrl its place.
 */
export function GridHead({
  columns,
  onColumns,
  onDraw,
  sort,
  onSort,
  selected,
  onSelectAll,
}: {
  columns: readonly ChosenColumn[];
  onColumns: (columns: readonly ChosenColumn[]) => void;
  /** Shows widths while the pointer draws them, without rendering any row. */
  onDraw: (columns: readonly ChosenColumn[]) => void;
  sort: VmQuery['sort'];
  onSort: (sort: VmQuery['sort']) => void;
  selected: 'none' | 'some' | 'all';
  onSelectAll: (all: boolean) => void;
}) {
  const t = useText();
  const hint = useId();
  const [active, setActive] = useState<VmColumnId>('name');
  const row = useRef<HTMLTableRowElement>(null);
  const resizing = useRef(false);
  const first = columns.some(({ id }) => id === active) ? active : columns[0]?.id;

  const headOf = (id: VmColumnId) => row.current?.querySelector<HTMLElement>(`[data-column="${id}"]`);
  const focus = (index: number) => {
    const id = columns[index]?.id;
    if (!id) return;
    setActive(id);
    headOf(id)?.querySelector<HTMLElement>('[data-stop]')?.focus();
  };

  const onKey = (event: KeyboardEvent, id: VmColumnId, index: number) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === 'Delete') onColumns(resizeColumn(columns, id, undefined));
    else if (by === undefined) return;
    else if (event.shiftKey) {
      const width = headOf(id)?.offsetWidth ?? vmColumn(id).width;
      onColumns(resizeColumn(columns, id, width + by * KEY_STEP_PX));
    } else if (event.ctrlKey || event.metaKey) onColumns(moveColumn(columns, id, by));
    else focus(index + by);
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <thead className={styles.head}>
      <tr aria-rowindex={1} className={styles.headRow} ref={row}>
        <th className={styles.check}>
          <input
            type="checkbox"
            aria-label={t('list.selectAll')}
            title={t('list.selectAll')}
            checked={selected === 'all'}
            ref={(element) => {
              if (element) element.indeterminate = selected === 'some';
            }}
            onChange={() => onSelectAll(selected !== 'all')}
          />
        </th>
        {columns.map(({ id }, index) => {
          const column = vmColumn(id);
          const isSorted = column.sort !== undefined && sort.column === column.sort;
          const stop = { 'data-stop': true, tabIndex: id === first ? 0 : -1, 'aria-describedby': hint };
          return (
            <th
              key={id}
              data-column={id}
              className={css(styles.headCell, column.align === 'end' && styles.number)}
              aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : undefined}
              onKeyDown={(event) => onKey(event, id, index)}
              onFocus={() => setActive(id)}
              draggable
              onDragStart={(event) => {
                if (resizing.current) event.preventDefault();
                else event.dataTransfer.setData(DRAGGED, id);
              }}
              onDragOver={(event) => {
                if (event.dataTransfer.types.includes(DRAGGED)) event.preventDefault();
              }}
              onDrop={(event) => {
                const from = columns.findIndex((each) => each.id === event.dataTransfer.getData(DRAGGED));
                const moved = columns[from];
                if (!moved) return;
                event.preventDefault();
                onColumns(moveColumn(columns, moved.id, index - from));
              }}
            >
              {column.sort ? (
                <button
                  type="button"
                  {...stop}
                  className={styles.sort}
                  onClick={() => {
                    if (column.sort)
                      onSort({ column: column.sort, descending: isSorted && !sort.descending });
                  }}
                >
                  <span className={styles.line}>{t(column.label)}</span>
                  {isSorted && (sort.descending ? <LongArrowAltDownIcon /> : <LongArrowAltUpIcon />)}
                </button>
              ) : (
                <span {...stop} className={styles.line}>
                  {t(column.label)}
                </span>
              )}
              <Resizer
                widthNow={() => headOf(id)?.offsetWidth ?? column.width}
                onStart={() => {
                  resizing.current = true;
                }}
                onDraw={(width) => onDraw(resizeColumn(columns, id, width))}
                onEnd={(width) => {
                  resizing.current = false;
                  if (width !== undefined) onColumns(resizeColumn(columns, id, width));
                }}
                onReset={() => onColumns(resizeColumn(columns, id, undefined))}
              />
            </th>
          );
        })}
        <th className={styles.menu}>
          <span className="pf-v6-screen-reader">{t('list.columns.actions')}</span>
          <span id={hint} hidden>
            {t('list.resizeHint')}
          </span>
        </th>
      </tr>
    </thead>
  );
}

/** The right edge of a column. Keys do the same on the column's own stop, so this one is for pointers alone. */
function Resizer({
  widthNow,
  onStart,
  onDraw,
  onEnd,
  onReset,
}: {
  widthNow: () => number;
  onStart: () => void;
  onDraw: (width: number) => void;
  /** Undefined when it was a click and no drawing. */
  onEnd: (width: number | undefined) => void;
  /** Its own width again. */
  onReset: () => void;
}) {
  const drawing = useRef<{ x: number; width: number; now: number }>(undefined);
  const move = ({ clientX }: PointerEvent) => {
    const { current } = drawing;
    if (!current) return;
    current.now = clampWidth(current.width + clientX - current.x);
    onDraw(current.now);
  };
  const end = () => {
    const { current } = drawing;
    drawing.current = undefined;
    if (current) onEnd(current.now === current.width ? undefined : current.now);
  };
  return (
    <span
      aria-hidden="true"
      className={styles.resizer}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.preventDefault();
        event.stopPropagation();
        event.currentTarget.setPointerCapture(event.pointerId);
        const width = widthNow();
        drawing.current = { x: event.clientX, width, now: width };
        onStart();
      }}
      onPointerMove={move}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={onReset}
    />
  );
}
