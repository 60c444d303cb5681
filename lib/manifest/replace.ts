import { isCollection, isScalar } from 'yaml';
import { isMapping } from './manifest';
import { blockLines, blockScalar, flowText, hang, scalarText } from './render';
import type { Slot, Work } from './rewriting';
import { columnOf, contentEnd, isBlockScalar, isNodeLike, lineEnd, nextLine, startOf } from './tree';

/** Writes a value anew where a node stands. */
export function replace(work: Work, node: unknown, value: unknown, slot: Slot): void {
  const start = isNodeLike(node) ? startOf(node) : slot.after;
  const end = contentEnd(work, node, slot.after);
  const isEmpty = start >= end;
  if (slot.kind === 'flow') {
    const quotes = isScalar(node) ? node.type : undefined;
    const text = isCollectionValue(value)
      ? flowText(value, work.style)
      : scalarText(value, quotes, true, work.style);
    work.splices.push({
      from: isEmpty ? slot.after : start,
      to: isEmpty ? slot.after : end,
      text: isEmpty ? ` ${text}` : text,
    });
    return;
  }
  if (slot.kind === 'root') {
    const lines = work.style.isJson
      ? JSON.stringify(value, null, work.style.step).split('\n')
      : blockLines(value, work.style);
    work.splices.push({ from: start, to: end, text: hang(lines, columnOf(work, start), work.style) });
    return;
  }
  const lines = linesFor(work, node, value, slot);
  const isBelow = isCollection(node) && !node.flow && slot.kind === 'pair';
  const from = isEmpty || isBelow ? slot.after : start;
  // What stays on the key's line (a comment) stays there.
  if (isBelow) {
    const rest = lineEnd(work, slot.after);
    if (lines.isBlock) work.splices.push({ from: rest, to: end, text: lines.text });
    else {
      work.splices.push({ from: slot.after, to: slot.after, text: lines.text });
      work.splices.push({ from: rest, to: end, text: '' });
    }
    return;
  }
  if (lines.isBlock && slot.kind === 'pair' && isCollectionValue(value)) {
    const rest = lineEnd(work, end);
    const isBare = work.text.slice(end, rest).trim() === '' || isBlockScalar(node);
    const to = isBare ? rest : end + (/^\s*/.exec(work.text.slice(end, rest))?.[0].length ?? 0);
    work.splices.push({ from: isBare ? slot.after : from, to, text: '' });
    work.splices.push({ from: rest, to: rest, text: lines.text });
    return;
  }
  work.splices.push({
    from: isEmpty ? slot.after : from,
    to: isEmpty ? slot.after : end,
    text: isEmpty || lines.isBlock ? lines.text : lines.text.trimStart(),
  });
}

/** What is put after a key or dash: on its line (with a space before it), or in lines below. */
function linesFor(work: Work, node: unknown, value: unknown, slot: Slot): { text: string; isBlock: boolean } {
  const { style } = work;
  if (isCollectionValue(value)) {
    if (slot.kind === 'item') {
      const text = hang(blockLines(value, style), slot.column + 2, style);
      return { text: ` ${text}`, isBlock: false };
    }
    const column = slot.column + (Array.isArray(value) && !style.indentSeq ? 0 : style.step);
    return {
      text: style.eol + ' '.repeat(column) + hang(blockLines(value, style), column, style),
      isBlock: true,
    };
  }
  const quotes = isScalar(node) ? (node.type ?? undefined) : undefined;
  if (
    typeof value === 'string' &&
    (isBlockScalar(node) || (value.includes('\n') && !/^QUOTE/.test(quotes ?? '')))
  ) {
    const text = blockText(work, node, value, slot);
    if (text !== undefined) return { text: ` ${text}`, isBlock: false };
  }
  return { text: ` ${scalarText(value, quotes, false, style)}`, isBlock: false };
}

/** A block scalar in the indentation of the one before, with the comment on its head. */
function blockText(work: Work, node: unknown, value: string, slot: Slot): string | undefined {
  const mark = isScalar(node) && node.type === 'BLOCK_FOLDED' ? '>' : '|';
  let column = slot.column + work.style.step;
  let comment = '';
  if (isNodeLike(node) && isBlockScalar(node)) {
    const head = work.text.slice(startOf(node), lineEnd(work, startOf(node)));
    comment = /\s+#.*$/.exec(head)?.[0] ?? '';
    const given = /^[|>][-+]?([1-9])/.exec(head)?.[1];
    const body = work.text.slice(nextLine(work, startOf(node)), contentEnd(work, node, 0));
    const indent = /^(?:[ \t]*\r?\n)*( *)\S/.exec(body)?.[1]?.length ?? 0;
    column = given ? slot.column + Number(given) : Math.max(indent, slot.column + 1);
  }
  const made = blockScalar(value, mark, { parent: slot.column, column });
  return made && [made.head + comment, ...made.lines].join(work.style.eol);
}

export function isCollectionValue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : isMapping(value) && Object.keys(value).length > 0;
}
