'use client';

import { type RefObject, useEffect, useLayoutEffect, useState } from 'react';
import type { Density } from './list-settings';

/** As in list.module.css for wide windows, where the stylesheet decides which they are. */
const HEAD_PX = 40;
const ROW_PX: Record<Density, number> = { compact: 44, comfortable: 60 };

// The server measures nothing, and React would say so.
const useBrowserLayoutEffect = typeof window === 'undefined' ? useEffect : useLayoutEffect;

/**
 * How high rows are. The stylesheet says it (`--vm-row`), by density and by the window's width, so that the first HTML
 * is right before any script runs; this reads it.
 */
export function useRowHeight(
  grid: RefObject<HTMLElement | null>,
  density: Density,
): { rowPx: number; headPx: number } {
  const [sizes, setSizes] = useState({ rowPx: ROW_PX[density], headPx: HEAD_PX });
  useBrowserLayoutEffect(() => {
    const read = () => {
      const element = grid.current;
      if (!element) return;
      const style = getComputedStyle(element);
      const rowPx = Number.parseFloat(style.getPropertyValue('--vm-row'));
      const headPx = Number.parseFloat(style.getPropertyValue('--vm-head'));
      if (!rowPx) return;
      setSizes((now) => (now.rowPx === rowPx && now.headPx === headPx ? now : { rowPx, headPx }));
    };
    read();
    window.addEventListener('resize', read);
    return () => window.removeEventListener('resize', read);
  }, [grid, density]);
  return sizes;
}
