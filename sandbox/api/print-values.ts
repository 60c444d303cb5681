import type { KubeObject } from './objects';

/** A field deep inside an object that came from outside: undefined wherever the path ends early. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string | number, unknown>)[step];
  }
  return current;
}

/** The field as text, or the fallback when it is missing or empty. */
export function text(value: unknown, fallback = '<none>'): string {
  return value === undefined || value === null || value === '' ? fallback : String(value);
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function entries(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** `status` of the condition of that type. */
export function conditionStatus(object: KubeObject, type: string): unknown {
  return at(
    list(at(object, 'status', 'conditions')).find((condition) => at(condition, 'type') === type),
    'status',
  );
}

/** `5s`, `3m20s`, `47h`, `12d`: the shortened duration of kubectl (apimachinery's HumanDuration). */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return pair(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return pair(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 192) return pair(days, 'd', hours % 24, 'h');
  if (days < 730) return `${days}d`;
  const years = Math.trunc(days / 365);
  return days < 2920 ? pair(years, 'y', days % 365, 'd') : `${years}y`;
}

/** The age that a timestamp has at `now`, or `<unknown>`. */
export function age(time: unknown, now: number): string {
  const start = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(start) ? '<unknown>' : humanDuration(now - start);
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
