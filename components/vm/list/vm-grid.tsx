'use client';

import { css } from '@patternfly/react-styles';
import {
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useText } from '@/components/ui/text';
import { type ChosenColumn, vmColumn } from '@/lib/kinds/vm/columns';
import type { VmQuery } from '@/lib/kinds/vm/query';
import { GridHead } from './grid-head';
import { GridRow, type RowEvents } from './grid-row';
import styles from './list.module.css';
import type { RowCache } from './row-cache';
import { nextWindow, type RowWindow } from './row-range';
import { keepTopRow, useKeptTopRow } from './scroll-memory';
import { headState, isSelected, keyTarget } from './selection';
import type { Hold } from './use-hold';
import type { ListSettingsControl } from './use-list-settings';
import { useRowHeight } from './use-row-height';
import { useRowRange } from './use-row-range';
import type { SelectionControl } from './use-selection';

/** As many rows as a window has, while nobody knows how many there are. */
const UNKNOWN_ROWS = 8;

/** What the list around the grid may ask of it. */
export interface GridHandle {
  toTop: () => void;
}

/**
 * The rows of the list in a window that scrolls over all of them. Only those in sight are drawn, each at its place; the
 * grid tells which rows it needs next.
 */
export function VmGrid({
  cluster,
  cache,
  total,
  window: rowWindow,
  onWindow,
  settings,
  sort,
  onSort,
  selection,
  hold,
  stale,
  handle,
}: {
  cluster: string;
  cache: RowCache;
  /** Undefined while nothing is known. */
  total: number | undefined;
  window: RowWindow;
  onWindow: (window: RowWindow) => void;
  settings: ListSettingsControl;
  sort: VmQuery['sort'];
  onSort: (sort: VmQuery['sort']) => void;
  selection: SelectionControl;
  hold: Hold;
  stale: boolean;
  handle: RefObject<GridHandle | null>;
}) {
  const t = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const grid = useRef<HTMLTableElement>(null);
  const { columns } = settings;
  const count = total === undefined ? UNKNOWN_ROWS : total + cache.ghosts;
  const { rowPx, headPx } = useRowHeight(grid, settings.density);
  const range = useRowRange(scroller, {
    count,
    rowPx,
    headPx,
    firstRow: useKeptTopRow(),
    onSettle: keepTopRow,
  });
  const { first, end, shift, page, scrollTo, toTop } = range;
  useImperativeHandle(handle, () => ({ toTop }), [toTop]);

  const wanted = nextWindow(rowWindow, range, count);
  useEffect(() => {
    if (wanted !== rowWindow && total !== undefined) onWindow(wanted);
  }, [wanted, rowWindow, total, onWindow]);

  const [active, setActive] = useState(0);
  const stop = Math.min(active, Math.max(0, count - 1));
  /** Set when the next rendering of the active row must take the focus. */
  const mustFocus = useRef(false);
  useLayoutEffect(() => {
    if (!mustFocus.current) return;
    const row = grid.current?.querySelector<HTMLElement>(`[data-index="${stop}"]`);
    if (!row) return;
    // A row that is not loaded yet gives its place to the one that is.
    if (cache.get(stop)) mustFocus.current = false;
    row.focus({ preventScroll: true });
  });

  const { toggle, extend, anchor, all, clear } = selection;
  const chosen = useRef(selection.selection);
  chosen.current = selection.selection;
  const { setMenu } = hold;
  const events = useMemo<RowEvents>(
    () => ({
      onToggle: toggle,
      onExtend: extend,
      onActive: setActive,
      onMenu: setMenu,
      selected: () => (chosen.current.kind === 'some' ? chosen.current.rows : []),
      onOpen: () => keepTopRow((scroller.current?.scrollTop ?? 0) / rowPx),
    }),
    [toggle, extend, setMenu, rowPx],
  );

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const { target, key, shiftKey } = event;
    // Menus and dialogs of a row count to it for React, wherever they stand.
    if (!(target instanceof HTMLElement) || !event.currentTarget.contains(target)) return;
    const isRow = target.tagName === 'TR';
    const isCommand = event.ctrlKey || event.metaKey;
    if (isCommand && key.toLowerCase() === 'a') all();
    else if (key === 'Escape' && headState(selection.selection, count) !== 'none') clear();
    else if (isRow && key === ' ') {
      if (shiftKey) extend(stop);
      else toggle(stop);
    } else if (isRow && key === 'Enter') target.querySelector('a')?.click();
    else {
      if (target.closest('button') || event.altKey) return;
      const to = keyTarget(key, stop, count, page);
      if (to === undefined) return;
      // Without Shift a range begins where one arrives; with it, where one stood.
      if (shiftKey) {
        extend(to);
      } else anchor(to);
      setActive(to);
      scrollTo(to);
      mustFocus.current = true;
    }
    event.preventDefault();
  };

  const onDraw = useCallback((drawn: readonly ChosenColumn[]) => {
    for (const [name, value] of Object.entries(sizesOf(drawn))) grid.current?.style.setProperty(name, value);
  }, []);
  const indexes = Array.from({ length: end - first }, (_, offset) => first + offset);
  // The row with the focus stays, wherever one scrolls: or the keyboard would lose its place.
  const isFocused = hold.focused;
  if (isFocused && stop < count && (stop < first || stop >= end)) {
    if (stop < first) indexes.unshift(stop);
    else indexes.push(stop);
  }

  return (
    <div ref={scroller} className={styles.scroller} data-density={settings.density}>
      <table
        ref={grid}
        // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table that one works in is a grid
        role="grid"
        aria-label={t('vm.list.table')}
        aria-multiselectable="true"
        aria-rowcount={total === undefined ? -1 : count + 1}
        aria-colcount={columns.length + 2}
        aria-busy={total === undefined}
        className={css(styles.grid, stale && 'portlight-stale')}
        style={sizesOf(columns)}
      >
        <GridHead
          columns={columns}
          onColumns={settings.setColumns}
          onDraw={onDraw}
          sort={sort}
          onSort={onSort}
          selected={headState(selection.selection, total ?? 0)}
          onSelectAll={(everything) => (everything ? all() : clear())}
        />
        <tbody
          className={styles.body}
          style={{ blockSize: shift ? range.contentPx : `calc(var(--vm-row) * ${count})` }}
          onKeyDown={onKeyDown}
          {...hold.handlers}
        >
          {indexes.map((index) => {
            const place = cache.get(index);
            return (
              <GridRow
                key={place ? place.row.uid : index}
                cluster={cluster}
                index={index}
                row={place?.row}
                gone={place?.gone ?? false}
                columns={columns}
                selected={
                  place !== undefined && !place.gone && isSelected(selection.selection, place.row.uid)
                }
                active={index === stop}
                shift={shift}
                events={events}
              />
            );
          })}
        </tbody>
      </table>
      <span className="pf-v6-screen-reader">{total === undefined ? t('common.loading') : ''}</span>
    </div>
  );
}

const CHECK_PX = 40;
const MENU_PX = 48;

/** Columns share out what is left over by their widths; one that somebody has drawn stays as it is. */
function sizesOf(columns: readonly ChosenColumn[]): Record<string, string> {
  const least = columns.reduce((sum, { id, width }) => sum + (width ?? vmColumn(id).width), 0);
  const tracks = columns.map(({ id, width }) => {
    if (width !== undefined) return `${width}px`;
    const own = vmColumn(id).width;
    return `minmax(${own}px, ${own}fr)`;
  });
  return {
    // The last takes what is left when all are drawn, and no more than it needs otherwise.
    '--vm-columns': `${CHECK_PX}px ${tracks.join(' ')} minmax(${MENU_PX}px, 1fr)`,
    '--vm-least': `${CHECK_PX + least + MENU_PX}px`,
  };
}
