import type { Pair, YAMLMap, YAMLSeq } from 'yaml';
import type { Alignment } from './align';
import type { Work } from './rewriting';
import {
  columnOf,
  contentEnd,
  dashes,
  isNodeLike,
  lineEnd,
  lineStart,
  nextLine,
  pairEnd,
  pairStart,
  startOf,
} from './tree';

/** The stretch of a key with its value, or of a dash with its entry. */
export interface Part {
  start: number;
  end: number;
}

export function partOfPair(work: Work): (pair: Pair) => Part {
  return (pair) => ({ start: pairStart(pair), end: pairEnd(work, pair) });
}

export function partOfItem(work: Work, seq: YAMLSeq): (item: unknown, index: number) => Part {
  const starts = dashes(seq);
  return (item, index) => {
    const start = (seq.flow ? undefined : starts[index]) ?? (isNodeLike(item) ? startOf(item) : 0);
    return { start, end: contentEnd(work, item, seq.flow ? start : start + 1) };
  };
}

/** Puts lines at a column below what ends at `previousEnd`, or else before what stands at `firstStart`. */
export function addBelow(
  work: Work,
  text: string,
  column: number,
  previousEnd: number | undefined,
  firstStart: number,
): void {
  const pad = ' '.repeat(column);
  if (previousEnd === undefined) {
    work.splices.push({ from: firstStart, to: firstStart, text: text + work.style.eol + pad });
    return;
  }
  const at = lineEnd(work, previousEnd);
  work.splices.push({ from: at, to: at, text: work.style.eol + pad + text });
}

export function addToFlow(
  work: Work,
  open: number,
  text: string,
  previousEnd: number | undefined,
  firstStart: number | undefined,
): void {
  const isSpread = firstStart !== undefined && work.text.slice(open, firstStart).includes('\n');
  const gap = isSpread ? work.style.eol + ' '.repeat(columnOf(work, firstStart)) : ' ';
  const at = previousEnd ?? firstStart ?? open + 1;
  work.splices.push({
    from: at,
    to: at,
    text: previousEnd === undefined ? `${text},${gap}` : `,${gap}${text}`,
  });
}

export function removePart(
  work: Work,
  parent: YAMLMap | YAMLSeq,
  parts: readonly Part[],
  index: number,
): void {
  const part = parts[index];
  if (!part) return;
  const next = parts[index + 1];
  if (parent.flow) {
    const previous = parts[index - 1];
    if (next) work.splices.push({ from: part.start, to: next.start, text: '' });
    else work.splices.push({ from: previous?.end ?? part.start, to: part.end, text: '' });
    return;
  }
  const from = lineStart(work, part.start);
  if (work.text.slice(from, part.start).trim() === '') {
    const to = nextLine(work, part.end);
    const isLastLine = to === work.text.length && !work.text.endsWith('\n') && from > 0;
    work.splices.push({ from: isLastLine ? from - 1 : from, to, text: '' });
    return;
  }
  // The first key after a dash: the second takes its place, unless a comment stands between.
  const isFree = next && work.text.slice(lineEnd(work, part.end), next.start).trim() === '';
  work.splices.push({ from: part.start, to: isFree ? next.start : lineEnd(work, part.end), text: '' });
}

/** Puts entries, with the comments above them, in another order. */
export function moveParts(work: Work, seq: YAMLSeq, parts: readonly Part[], alignment: Alignment): boolean {
  const [first] = parts;
  const last = parts.at(-1);
  if (!first || !last) return false;
  const order = [...alignment].sort(([, a], [, b]) => a - b).map(([i]) => i);
  if (seq.flow) {
    parts.forEach((part, position) => {
      const moved = parts[order[position] ?? position];
      if (moved)
        work.splices.push({ from: part.start, to: part.end, text: work.text.slice(moved.start, moved.end) });
    });
    return true;
  }
  const line = lineStart(work, first.start);
  if (work.text.slice(line, first.start).trim() !== '') return false;
  const from = commentsAbove(work, line);
  const chunks = parts.map(({ end }, index) => {
    const previous = parts[index - 1];
    return work.text.slice(previous ? nextLine(work, previous.end) : from, lineEnd(work, end));
  });
  work.splices.push({
    from,
    to: lineEnd(work, last.end),
    text: order.map((index) => chunks[index] ?? '').join(work.style.eol),
  });
  return true;
}

/** The start of the lines of comment right above a line. */
function commentsAbove(work: Work, line: number): number {
  let from = line;
  while (from > 0) {
    const above = lineStart(work, from - 1);
    if (!/^\s*#/.test(work.text.slice(above, from))) break;
    from = above;
  }
  return from;
}
