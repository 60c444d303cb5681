/** A figure or a span of figures with both ends in it. */
export interface Range {
  from: number;
  to: number;
}

const SIZE = /^(\d+\.?\d*|\.\d+)\s*(?:([kmgtpe])(i?))?(b?)$/i;
const POWERS = 'kmgtpe';

/**
 * A size in bytes: `8Gi`, `500M`, `1.5TiB`, in any case. A number alone counts GiB, the unit in which people think of
 * machines; `8B` are bytes.
 */
export function readSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match) return undefined;
  const [, digits = '', unit, binary, bytes] = match;
  if (!unit) return Number(digits) * (bytes ? 1 : 2 ** 30);
  return Number(digits) * (binary ? 1024 : 1000) ** (POWERS.indexOf(unit.toLowerCase()) + 1);
}

const NUMBER = /^(\d+\.?\d*|\.\d+)$/;

export function readNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

const SECOND_MS = 1000;
const DAY_MS = 24 * 3600 * SECOND_MS;
const UNITS_MS: Record<string, number> = {
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3600 * SECOND_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
  mo: 30 * DAY_MS,
  y: 365 * DAY_MS,
};

/** A duration in milliseconds: `7d`, `1h30m`, `2w`, `6mo` (of 30 days), `1y` (of 365). */
export function readDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(mo|[smhdwy]))+$/i.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(mo|[smhdwy])/gi))
    sum += Number(count) * (UNITS_MS[unit.toLowerCase()] ?? 0);
  return sum;
}

/** The milliseconds (UTC) of a month, a day or an instant: `2026-11`, `2026-11-22`, `2026-11-22T10:00:00Z`. */
export function readDate(text: string): Range | undefined {
  const match = /^(\d{4})-(\d{2})(?:-(\d{2}))?(T.+)?$/i.exec(text);
  if (!match) return undefined;
  const [, year, month, day, time] = match;
  if (time && !day) return undefined;
  const from = Date.parse(time ? text : `${year}-${month}-${day ?? '01'}T00:00:00Z`);
  if (Number.isNaN(from)) return undefined;
  if (time) return { from, to: from };
  // Date.parse takes 31 November for 1 December.
  if (new Date(from).toISOString().slice(0, 7) !== `${year}-${month}`) return undefined;
  return { from, to: (day ? from + DAY_MS : Date.UTC(Number(year), Number(month), 1)) - 1 };
}

/**
 * The milliseconds of an RFC 3339 time. Kubernetes writes whole seconds of UTC; `Date.parse` takes ten times as long
 * for them, which counts where 100,000 VMs are asked their age.
 */
export function readTime(text: string): number {
  if (text.length !== 20 || text[19] !== 'Z') return Date.parse(text);
  const two = (at: number): number => (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48;
  return Date.UTC(two(0) * 100 + two(2), two(5) - 1, two(8), two(11), two(14), two(17));
}

/** `2..4`, `2..` and `..4`, each end read by `read`; undefined for anything else. */
export function readRange(text: string, read: (text: string) => number | undefined): Range | undefined {
  const at = text.indexOf('..');
  if (at < 0 || text.length === 2) return undefined;
  const from = at === 0 ? 0 : read(text.slice(0, at));
  const to = at + 2 === text.length ? Number.POSITIVE_INFINITY : read(text.slice(at + 2));
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** A use: an amount, or a share of what the machine has (`50%` → 0.5). */
export function readUsage(
  text: string,
  read: (text: string) => number | undefined,
): { amount: number; isShare: boolean } | undefined {
  const isShare = text.endsWith('%');
  const amount = isShare ? readNumber(text.slice(0, -1)) : read(text);
  return amount === undefined ? undefined : { amount: isShare ? amount / 100 : amount, isShare };
}

/** The sixteen bits groups of an address: two for IPv4, eight for IPv6. */
export function readAddress(text: string): number[] | undefined {
  if (!text.includes(':')) return readIpv4(text);
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const low = tail?.[2] ? readIpv4(tail[2]) : undefined;
  if (tail && !low) return undefined;
  const whole = low ? `${tail?.[1]}${low.map((group) => group.toString(16)).join(':')}` : text;
  const halves = whole.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], end = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - end.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...end];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : undefined;
}

/** By hand and not by a pattern: this is asked of every address there is. */
function readIpv4(text: string): number[] | undefined {
  const groups = [0, 0];
  let byte = -1;
  let dots = 0;
  for (let at = 0; at <= text.length; at += 1) {
    const char = at < text.length ? text.charCodeAt(at) : 46;
    if (char >= 48 && char <= 57) {
      byte = Math.max(byte, 0) * 10 + char - 48;
      if (byte > 255) return undefined;
    } else if (char === 46 && byte >= 0 && dots < 4) {
      const group = dots >> 1;
      groups[group] = (groups[group] ?? 0) * 256 + byte;
      byte = -1;
      dots += 1;
    } else return undefined;
  }
  return dots === 4 ? groups : undefined;
}

export interface Cidr {
  groups: number[];
  bits: number;
}

/** `10.0.0.0/16` or `fd00::/8`. */
export function readCidr(text: string): Cidr | undefined {
  const [address = '', size = '', more] = text.split('/');
  const groups = more === undefined ? readAddress(address) : undefined;
  if (!groups || !/^\d{1,3}$/.test(size) || Number(size) > groups.length * 16) return undefined;
  return { groups, bits: Number(size) };
}

/** Whether an address lies in a network. */
export function isInCidr(address: string, { groups, bits }: Cidr): boolean {
  const own = readAddress(address);
  if (own?.length !== groups.length) return false;
  for (let index = 0, left = bits; left > 0; index += 1, left -= 16) {
    const shift = Math.max(0, 16 - left);
    if ((own[index] ?? 0) >> shift !== (groups[index] ?? 0) >> shift) return false;
  }
  return true;
}
