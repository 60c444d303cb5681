const UNIT_MS: Record<string, number> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/** A duration as Go writes it (`5m`, `1h30m`), in milliseconds; undefined for none. */
export function goDuration(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MS[unit ?? ''] ?? 0), 0);
}

/** Milliseconds as Go writes a duration: `532ms`, `1.5s`, `2m3.25s`. */
export function goDurationText(milliseconds: number): string {
  const whole = Math.round(milliseconds);
  if (whole < 1000) return `${whole}ms`;
  const minutes = Math.floor(whole / 60_000);
  const seconds = `${(whole % 60_000) / 1000}s`;
  return minutes === 0
    ? seconds
    : `${Math.floor(minutes / 60) || ''}${minutes >= 60 ? 'h' : ''}${minutes % 60}m${seconds}`;
}
