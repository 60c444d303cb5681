import { describe, expect, it } from 'vitest';
import { csvLine } from './csv';

describe('csvLine', () => {
  it('separates by commas and ends the line as the standard says', () => {
    expect(csvLine(['web', 'dev', 4, ''])).toBe('web,dev,4,\r\n');
  });

  it('quotes what holds commas, quotes or line ends', () => {
    expect(csvLine(['a,b', 'say "no"', 'two\nlines', 'two\rlines'])).toBe(
      '"a,b","say ""no""","two\nlines","two\rlines"\r\n',
    );
  });

  it('lets no spreadsheet run what somebody wrote into a description', () => {
    expect(csvLine(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=A1,"x"'])).toBe(
      `'=1+1,'+1,'-1,'@SUM(A1),'\t=1,"'\r=1","'=A1,""x"""\r\n`,
    );
  });

  it('keeps numbers as they are, below zero, too', () => {
    expect(csvLine([-1.5, 0])).toBe('-1.5,0\r\n');
  });
});
