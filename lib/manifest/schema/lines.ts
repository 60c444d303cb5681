/** One line of block YAML, taken apart without regard to what stands around it. */
export interface Line {
  from: number;
  to: number;
  /** Columns of the dashes that open list entries. */
  dashes: number[];
  /** Offset of what follows the dashes; the line's end where nothing does. */
  content: number;
  key: { text: string; from: number; to: number } | undefined;
  /** Offset of the colon behind the key. */
  colon: number;
  /** What follows the colon, or the whole content without a key; anchors, tags and comments left out. */
  value: { from: number; to: number };
  /** Offset of the comment. */
  comment: number | undefined;
}

const KEY = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)'|([^\s#&*!|>'"%@`{}[\],][^\n]*?))\s*:(?=\s|$)/;

export function readLine(text: string, from: number, to: number): Line {
  let at = from;
  const dashes: number[] = [];
  const skip = () => {
    while (at < to && (text[at] === ' ' || text[at] === '\t' || text[at] === '\r')) at += 1;
  };
  skip();
  while (text[at] === '-' && at < to && (at + 1 >= to || /\s/.test(text[at + 1] ?? ' '))) {
    dashes.push(at - from);
    at += 1;
    skip();
  }
  const content = at;
  const match = KEY.exec(text.slice(at, to));
  let key: Line['key'];
  let colon = -1;
  // `a #b: c` is the text `a` and a comment.
  if (match && !/\s#/.test(match[3] ?? '')) {
    const word = match[1] ?? match[2] ?? match[3] ?? '';
    const length = match[3] === undefined ? word.length + 2 : word.length;
    key = { text: word, from: at, to: at + length };
    colon = at + match[0].length - 1;
    at = colon + 1;
    skip();
  }
  let decoration = /^[&!][^\s]*(\s+|$)/.exec(text.slice(at, to));
  while (decoration) {
    at += decoration[0].length;
    decoration = /^[&!][^\s]*(\s+|$)/.exec(text.slice(at, to));
  }
  const comment = commentIn(text, at, to);
  let end = comment ?? to;
  while (end > at && /\s/.test(text[end - 1] ?? '')) end -= 1;
  return {
    from,
    to,
    dashes,
    content: Math.min(content, to),
    key,
    colon,
    value: { from: at, to: end },
    comment,
  };
}

/** Where a comment starts at or after an offset; not inside a quoted text that starts there. */
function commentIn(text: string, from: number, to: number): number | undefined {
  let at = from;
  const quote = text[at];
  if (quote === '"' || quote === "'") {
    at += 1;
    while (at < to && text[at] !== quote) at += text[at] === '\\' && quote === '"' ? 2 : 1;
  }
  for (; at < to; at += 1) {
    if (text[at] === '#' && (at === from || /\s/.test(text[at - 1] ?? ' '))) return at;
  }
  return undefined;
}
