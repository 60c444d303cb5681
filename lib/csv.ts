/** Spreadsheets run a cell that begins with one of these as a formula, whatever the quotes around it. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One line of CSV as RFC 4180 has it, with its line end. Texts that a spreadsheet would take for a formula get an
 * apostrophe before them (OWASP, "CSV Injection"); numbers stay numbers.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
