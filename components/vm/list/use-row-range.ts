'use client';

import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { contentPx, type RowRange, rowOffset, rowRange, scrollTarget } from './row-range';

/** Before anything is measured: about a tall window. */
const FIRST_VIEW_PX = 900;

// The server measures nothing, and React would say so.
const useBrowserLayoutEffect = typeof window === 'undefined' ? useEffect : useLayoutEffect;

export interface RowScroll extends RowRange {
  contentPx: number;
  /** How many rows are in sight at a time. */
  page: number;
  scrollTo: (index: number) => void;
  toTop: () => void;
}

/**
 * Which of `count` rows of one height are in sight of a scrolled element whose head (of `headPx`) sticks to its top.
 * `firstRow` is where to begin; `onSettle` is told the row at the top when scrolling rests.
 */
export function useRowRange(
  scroller: RefObject<HTMLDivElement | null>,
  {
    count,
    rowPx,
    headPx,
    firstRow,
    onSettle,
  }: {
    count: number;
    rowPx: number;
    headPx: number;
    firstRow: number;
    onSettle: (row: number) => void;
  },
): RowScroll {
  const [{ scrollPx, viewPx }, setSeen] = useState({ scrollPx: firstRow * rowPx, viewPx: FIRST_VIEW_PX });
  const latest = useRef({ count, rowPx, headPx, onSettle });
  latest.current = { count, rowPx, headPx, onSettle };
  const topRow = useRef(firstRow);
  /** Where one came from, until there are rows enough to be there again. */
  const wanted = useRef(0);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let settling: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const now = latest.current;
      const seen = { scrollPx: element.scrollTop, viewPx: Math.max(0, element.clientHeight - now.headPx) };
      topRow.current = rowOffset(seen.scrollPx, seen.viewPx, now.count, now.rowPx) / now.rowPx;
      setSeen((before) => {
        const [a, b] = [before, seen].map((each) =>
          rowRange(each.scrollPx, each.viewPx, now.count, now.rowPx),
        );
        const isSame = a?.first === b?.first && a?.end === b?.end && a?.shift === b?.shift;
        return isSame && before.viewPx === seen.viewPx ? before : seen;
      });
    };
    const onScroll = () => {
      look();
      clearTimeout(settling);
      settling = setTimeout(() => latest.current.onSettle(topRow.current), SETTLE_MS);
    };
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    look();
    return () => {
      clearTimeout(settling);
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [scroller]);

  // With other row heights the same row stays on top.
  useBrowserLayoutEffect(() => {
    const element = scroller.current;
    if (element && topRow.current > 0) element.scrollTop = topRow.current * rowPx;
  }, [scroller, rowPx]);

  useBrowserLayoutEffect(() => {
    wanted.current = firstRow;
  }, [firstRow]);
  useBrowserLayoutEffect(() => {
    const element = scroller.current;
    if (!element || wanted.current === 0 || count <= wanted.current) return;
    topRow.current = wanted.current;
    element.scrollTop = wanted.current * latest.current.rowPx;
    wanted.current = 0;
  }, [scroller, count, firstRow]);

  const scrollTo = useCallback(
    (index: number) => {
      const element = scroller.current;
      if (!element) return;
      const { count: rows, rowPx: height, headPx: head } = latest.current;
      const target = scrollTarget(index, element.scrollTop, element.clientHeight - head, rows, height);
      if (target !== undefined) element.scrollTop = target;
    },
    [scroller],
  );

  const toTop = useCallback(() => {
    wanted.current = 0;
    topRow.current = 0;
    if (scroller.current) scroller.current.scrollTop = 0;
  }, [scroller]);

  const range = rowRange(scrollPx, viewPx, count, rowPx);
  return {
    ...range,
    contentPx: contentPx(count, rowPx),
    page: Math.max(1, Math.floor(viewPx / rowPx) - 1),
    scrollTo,
    toTop,
  };
}

const SETTLE_MS = 150;
