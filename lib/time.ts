const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const UNITS: [ms: number, symbol: string][] = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'm'],
  [SECOND_MS, 's'],
];

/**
 * A duration in its largest unit, with the next one while the largest counts less than ten: `45 s`, `2 m 10 s`,
 * `12 m`, `3 h 5 m`, `200 d`. Negative durations (clocks that disagree) read `0 s`.
 */
export function formatDuration(ms: number): string {
  const duration = Math.max(0, ms);
  for (const [index, [unit, symbol]] of UNITS.entries()) {
    const count = Math.floor(duration / unit);
    if (count === 0) continue;
    const next = UNITS[index + 1];
    const rest = next && count < 10 ? Math.floor((duration - count * unit) / next[0]) : 0;
    return rest > 0 && next ? `${count} ${symbol} ${rest} ${next[1]}` : `${count} ${symbol}`;
  }
  return '0 s';
}

/** How long ago an RFC 3339 time is, as `formatDuration` writes it; empty when the time is absent or unreadable. */
export function formatAge(time: string | undefined | null, now: number): string {
  const then = time ? Date.parse(time) : Number.NaN;
  return Number.isNaN(then) ? '' : formatDuration(now - then);
}

/** After how long `formatAge` of something this old can read differently, for a clock that ticks no more than needed. */
export function ageTickMs(ageMs: number): number {
  if (ageMs < 10 * MINUTE_MS) return SECOND_MS;
  return ageMs < 10 * HOUR_MS ? 20 * SECOND_MS : 5 * MINUTE_MS;
}

/** An exact time in the reader's own zone, e.g. `22 Nov 2026, 12:17:48 GMT+1`. */
export function formatExactTime(time: string | number, locale = 'en-GB', timeZone?: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    timeZone,
  }).format(new Date(time));
}
