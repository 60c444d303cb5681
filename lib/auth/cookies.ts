import { createHash } from 'node:crypto';

/** Browsers take about 4,096 bytes of a cookie, name and attributes included. */
const CHUNK_BYTES = 3_600;
/** Sessions with large tokens take a few chunks; more than this many is no session of ours. */
const MAX_CHUNKS = 8;

/** The name of a cluster's session cookie. `__Host-` binds it to this very host, which browsers allow over TLS only. */
export function sessionCookie(cluster: string, secure: boolean): string {
  const id = createHash('sha256').update(cluster).digest('hex').slice(0, 8);
  return `${secure ? '__Host-' : ''}portlight-${id}`;
}

/** Reads a Cookie header. Of several of one name the first counts, as RFC 6265 orders the more specific one first. */
export function parseCookies(header: string | undefined): Map<string, string> {
  const cookies = new Map<string, string>();
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, equals).trim();
    if (equals > 0 && !cookies.has(name)) cookies.set(name, part.slice(equals + 1).trim());
  }
  return cookies;
}

/** The value of a cookie that may have been split with `setCookies`; undefined when it or a part of it is missing. */
export function readCookie(cookies: ReadonlyMap<string, string>, name: string): string | undefined {
  const first = cookies.get(name);
  const [, count] = /^(\d)~/.exec(first ?? '') ?? [];
  if (first === undefined || count === undefined) return first;
  const parts = [first.slice(2)];
  for (let index = 1; index < Number(count); index += 1) {
    const part = cookies.get(`${name}.${index}`);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return parts.join('');
}

export interface CookieOptions {
  secure: boolean;
  /** Absent: until the browser closes. */
  maxAgeS?: number;
}

/**
 * Set-Cookie headers for a value of any length: what does not fit one cookie is split over several. `present` are the
 * cookies that the browser sent, so that chunks left over from a longer value are taken back.
 * @throws RangeError when it is longer than a browser takes at all.
 */
export function setCookies(
  name: string,
  value: string,
  options: CookieOptions,
  present?: ReadonlyMap<string, string>,
): string[] {
  const count = Math.max(1, Math.ceil(value.length / CHUNK_BYTES));
  if (count > MAX_CHUNKS)
    throw new RangeError(`A session of ${value.length} bytes does not fit a browser's cookies.`);
  const chunks = Array.from({ length: count }, (_, index) =>
    value.slice(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES),
  );
  const set = chunks.map((chunk, index) =>
    cookie(
      index === 0 ? name : `${name}.${index}`,
      index === 0 && count > 1 ? `${count}~${chunk}` : chunk,
      options,
    ),
  );
  return [...set, ...leftovers(name, count, options, present)];
}

/** Set-Cookie headers that take a cookie back, with all its chunks. */
export function clearCookies(
  name: string,
  options: CookieOptions,
  present?: ReadonlyMap<string, string>,
): string[] {
  return [cookie(name, '', { ...options, maxAgeS: 0 }), ...leftovers(name, 1, options, present)];
}

function leftovers(
  name: string,
  from: number,
  options: CookieOptions,
  present: ReadonlyMap<string, string> | undefined,
): string[] {
  const gone: string[] = [];
  for (let index = from; index < MAX_CHUNKS; index += 1) {
    const chunk = `${name}.${index}`;
    if (present?.has(chunk)) gone.push(cookie(chunk, '', { ...options, maxAgeS: 0 }));
  }
  return gone;
}

function cookie(name: string, value: string, { secure, maxAgeS }: CookieOptions): string {
  // Lax, not Strict: coming back from an identity provider is a navigation that another site began.
  const parts = [`${name}=${value}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  if (secure) parts.push('Secure');
  if (maxAgeS !== undefined) parts.push(`Max-Age=${maxAgeS}`);
  return parts.join('; ');
}
