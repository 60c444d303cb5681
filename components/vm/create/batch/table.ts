/** What somebody pasted from a spreadsheet: the first line names the columns. */
export interface PastedTable {
  columns: string[];
  rows: string[][];
}

/**
 * Reads comma- or tab-separated text (RFC 4180: quotes around cells, doubled inside them); a tab in the first line
 * decides. Empty lines are left out. Undefined without a line of cells below the header.
 */
export function readTable(text: string): PastedTable | undefined {
  const content = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const [first = ''] = content.split('\n');
  const separator = first.includes('\t') ? '\t' : first.includes(';') && !first.includes(',') ? ';' : ',';
  const [header, ...rows] = cellsOf(content, separator).filter((cells) => cells.some((cell) => cell !== ''));
  return header && rows.length > 0 ? { columns: header, rows } : undefined;
}

function cellsOf(content: string, separator: string): string[][] {
  const lines: string[][] = [[]];
  let cell = '';
  let isQuoted = false;
  const endCell = () => {
    lines.at(-1)?.push(cell.trim());
    cell = '';
  };
  for (let at = 0; at < content.length; at += 1) {
    const character = content[at] ?? '';
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (content[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (character === '"' && cell.trim() === '') isQuoted = true;
    else if (character === separator) endCell();
    else if (character === '\n') {
      endCell();
      lines.push([]);
    } else cell += character;
  }
  endCell();
  return lines;
}
