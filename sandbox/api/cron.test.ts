import { describe, expect, it } from 'vitest';
import { nextTime, parseCron } from './cron';

const next = (line: string, from: string) => {
  const cron = parseCron(line);
  const at = cron && nextTime(cron, Date.parse(from));
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 16);
};

describe('a schedule', () => {
  it.each([
    ['* * * * *', '2026-03-01T10:15', '2026-03-01T10:16'],
    ['30 2 * * *', '2026-03-01T10:15', '2026-03-02T02:30'],
    ['0 */12 * * *', '2026-03-01T10:15', '2026-03-01T12:00'],
    ['15,45 8-10 * * mon', '2026-03-01T10:15', '2026-03-02T08:15'],
    ['0 0 29 2 *', '2026-03-01T10:15', '2028-02-29T00:00'],
    ['0 0 13 * fri', '2026-03-01T10:15', '2026-03-06T00:00'],
    ['@weekly', '2026-03-02T10:15', '2026-03-08T00:00'],
    ['0 0 * * 7', '2026-03-02T10:15', '2026-03-08T00:00'],
  ])('%s after %s is due at %s', (line, from, at) => {
    expect(next(line, `${from}:00Z`)).toBe(at);
  });
  it('that never comes is never due', () => {
    expect(next('0 0 30 2 *', '2026-03-01T10:15:00Z')).toBeUndefined();
  });
  it.each(['', '* * * *', '60 * * * *', '* * 0 * *', 'x * * * *', '* * * * * *', '*/0 * * * *'])(
    '%s is none',
    (line) => {
      expect(parseCron(line)).toBeUndefined();
    },
  );
});
