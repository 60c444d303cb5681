const RANGES = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;
const MACROS: Readonly<Record<string, string>> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
};
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MINUTE_MS = 60_000;
/** Four years have every date there is. */
const HORIZON_DAYS = 4 * 366;

/** The minutes, hours, days of the month, months and days of the week on which something is due. */
export interface Cron {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  weekdays: ReadonlySet<number>;
  /** Days of the month and of the week add up when both are restricted. */
  anyDay: boolean;
  anyWeekday: boolean;
}

/** Reads a crontab line of five fields or one of the macros; undefined for what is none. */
export function parseCron(text: string): Cron | undefined {
  const fields = (MACROS[text.trim()] ?? text).trim().split(/\s+/);
  if (fields.length !== RANGES.length) return undefined;
  const sets = fields.map((field, index) => parseField(field.toLowerCase(), index));
  if (sets.some((set) => set === undefined)) return undefined;
  const [minutes, hours, days, months, weekdays] = sets as Set<number>[];
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  return {
    ...{ minutes, hours, days, months, weekdays },
    anyDay: /^[*?]/.test(fields[2] ?? ''),
    anyWeekday: /^[*?]/.test(fields[4] ?? ''),
  };
}

function parseField(field: string, index: number): Set<number> | undefined {
  const [low, high] = RANGES[index] ?? [0, 0];
  const found = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', stepText] = part.split('/');
    const step = stepText === undefined ? 1 : Number(stepText);
    const isAny = range === '*' || range === '?';
    const [from = '', to] = range.split('-');
    const first = isAny ? low : numberOf(from, index);
    const last = isAny || (to === undefined && stepText !== undefined) ? high : numberOf(to ?? from, index);
    if (!Number.isInteger(step) || step < 1 || !Number.isInteger(first) || !Number.isInteger(last))
      return undefined;
    if (first < low || last > high || first > last) return undefined;
    for (let value = first; value <= last; value += step) found.add(value);
  }
  return found;
}

function numberOf(text: string, index: number): number {
  const names = index === 3 ? MONTHS : index === 4 ? DAYS : [];
  const at = names.indexOf(text);
  if (at >= 0) return index === 3 ? at + 1 : at;
  return /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** The first minute after `from` (milliseconds, UTC) on which it is due; undefined when there is none, as on 30 February. */
export function nextTime(cron: Cron, from: number): number | undefined {
  const start = (Math.floor(from / MINUTE_MS) + 1) * MINUTE_MS;
  const day = new Date(start);
  day.setUTCHours(0, 0, 0, 0);
  for (let count = 0; count < HORIZON_DAYS; count += 1) {
    if (isDueOn(cron, day)) {
      for (const hour of [...cron.hours].sort((a, b) => a - b)) {
        for (const minute of [...cron.minutes].sort((a, b) => a - b)) {
          const at = day.getTime() + (hour * 60 + minute) * MINUTE_MS;
          if (at >= start) return at;
        }
      }
    }
    day.setUTCDate(day.getUTCDate() + 1);
  }
  return undefined;
}

function isDueOn({ months, days, weekdays, anyDay, anyWeekday }: Cron, day: Date): boolean {
  if (!months.has(day.getUTCMonth() + 1)) return false;
  const byDay = days.has(day.getUTCDate());
  const byWeekday = weekdays.has(day.getUTCDay());
  return anyDay || anyWeekday ? byDay && byWeekday : byDay || byWeekday;
}
