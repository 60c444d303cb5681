/** Browsers cut elements off that are much higher (Firefox at 17.8 million pixels, Chromium at 33.5). */
export const MAX_SCROLL_PX = 12_000_000;
const OVERSCAN_ROWS = 6;
/** Rows enter and leave by so many at a time. */
const STEP_ROWS = 4;

/** What of a list is in sight, and where its rows stand in the scrolled content. */
export interface RowRange {
  /** The rows to draw: from `first` up to, not including, `end`. */
  first: number;
  end: number;
  /** Those that are really in sight. */
  firstSeen: number;
  endSeen: number;
  /** Add this to `index × row height` for a row's place; 0 but in lists higher than what browsers can scroll. */
  shift: number;
}

/**
 * Rows of one height, so all is arithmetic: no measuring, and nothing that grows with their number. `viewPx` is the
 * height that rows have in sight. A list too high for browsers is scrolled in proportion.
 */
export function rowRange(scrollPx: number, viewPx: number, count: number, rowPx: number): RowRange {
  const offset = rowOffset(scrollPx, viewPx, count, rowPx);
  const firstSeen = Math.max(0, Math.min(count, Math.floor(offset / rowPx)));
  const endSeen = Math.min(count, Math.ceil((offset + viewPx) / rowPx));
  const first = Math.max(0, floorTo(STEP_ROWS, firstSeen - OVERSCAN_ROWS));
  const end = Math.min(count, floorTo(STEP_ROWS, endSeen + OVERSCAN_ROWS + STEP_ROWS - 1));
  return { first, end, firstSeen, endSeen, shift: scrollPx - offset };
}

/** How high the scrolled content is. */
export function contentPx(count: number, rowPx: number): number {
  return Math.min(count * rowPx, MAX_SCROLL_PX);
}

/** Where to scroll so that a row is in sight; undefined when it is. */
export function scrollTarget(
  index: number,
  scrollPx: number,
  viewPx: number,
  count: number,
  rowPx: number,
): number | undefined {
  const offset = rowOffset(scrollPx, viewPx, count, rowPx);
  const top = index * rowPx;
  const wanted = top < offset ? top : top + rowPx > offset + viewPx ? top + rowPx - viewPx : undefined;
  return wanted === undefined ? undefined : scrollOf(wanted, viewPx, count, rowPx);
}

/** The place in the list that is at the upper edge, in pixels of a list that is as high as it should be. */
export function rowOffset(scrollPx: number, viewPx: number, count: number, rowPx: number): number {
  const most = Math.max(0, count * rowPx - viewPx);
  return Math.max(0, Math.min(most, scrollPx * scaleOf(viewPx, count, rowPx)));
}

function scrollOf(offset: number, viewPx: number, count: number, rowPx: number): number {
  return Math.max(0, offset / scaleOf(viewPx, count, rowPx));
}

function scaleOf(viewPx: number, count: number, rowPx: number): number {
  const real = count * rowPx;
  if (real <= MAX_SCROLL_PX) return 1;
  return (real - viewPx) / (MAX_SCROLL_PX - viewPx);
}

function floorTo(step: number, value: number): number {
  return Math.floor(value / step) * step;
}

/** A stretch of the answer to ask the server for. */
export interface RowWindow {
  from: number;
  count: number;
}

/** The server gives no more at a time. */
const MAX_WINDOW_ROWS = 500;
/** Asked for on either side of what is in sight: about two screens. */
const AHEAD_ROWS = 60;
/** Less than this left ahead, and the window moves. */
const NEAR_ROWS = 20;

/** The window for what is in sight; the very same one while it has enough on either side. */
export function nextWindow(window: RowWindow, { firstSeen, endSeen }: RowRange, count: number): RowWindow {
  const hasAbove = window.from <= Math.max(0, firstSeen - NEAR_ROWS);
  const hasBelow = window.from + window.count >= Math.min(count, endSeen + NEAR_ROWS);
  if (hasAbove && hasBelow) return window;
  const from = Math.max(0, firstSeen - AHEAD_ROWS);
  return { from, count: Math.min(MAX_WINDOW_ROWS, endSeen + AHEAD_ROWS - from) };
}
