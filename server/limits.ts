import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Refusal } from './status';

export interface ConnectionLimits {
  /** All of a request's headers. Sessions of several clusters live in cookies, so this is more than Node's 16 KiB. */
  headerBytes: number;
  headerCount: number;
  urlLength: number;
  /** From the connection's or the last answer's end to the last header. */
  headersTimeoutMs: number;
  /** From the first byte to the last of the body. */
  requestTimeoutMs: number;
  /** A body that moves slower than this over one interval is given up; so is an answer of which nothing is read. */
  minBodyBytesPerSecond: number;
  stalledAnswerMs: number;
  tlsHandshakeTimeoutMs: number;
  /** An idle connection is kept for the next request this long. */
  keepAliveMs: number;
  connections: number;
  /** WebSockets and other upgrades of one address. */
  socketsPerAddress: number;
  /** How often connections are looked through for what has taken too long. */
  checkEveryMs: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  headerBytes: 64 * 1024,
  headerCount: 128,
  urlLength: 8_192,
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 300_000,
  minBodyBytesPerSecond: 512,
  stalledAnswerMs: 120_000,
  tlsHandshakeTimeoutMs: 10_000,
  keepAliveMs: 65_000,
  connections: 8_192,
  socketsPerAddress: 1_024,
  checkEveryMs: 5_000,
};

/** Of these a request has one or none; of two, each program on the way may believe the other one. */
const SINGLE = ['host', 'origin', 'content-length', 'transfer-encoding', 'upgrade', 'sec-fetch-site'];
const API_METHODS = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** SPDY is what kubectl speaks for exec and port-forward; anything else (h2c above all) would change the protocol under us. */
const UPGRADES = new Set(['websocket', 'spdy/3.1']);

/** Refuses what is too much or can be read in two ways, before anything else looks at the request. */
export function checkShape(
  { url = '', rawHeaders, headers, method = '' }: IncomingMessage,
  limits: ConnectionLimits,
): Refusal | undefined {
  if (url.length > limits.urlLength) {
    return {
      code: 414,
      reason: 'RequestURITooLong',
      message: `The URL is longer than ${limits.urlLength} characters.`,
    };
  }
  if (rawHeaders.length / 2 > limits.headerCount) {
    return {
      code: 431,
      reason: 'RequestHeaderFieldsTooLarge',
      message: `The request has more than ${limits.headerCount} headers.`,
    };
  }
  const names = rawHeaders.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase());
  const double = SINGLE.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
  if (double) return bad(`The request has more than one ${double} header.`);
  if (!url.startsWith('/') || url.startsWith('//'))
    return bad('The URL must be a path that begins with one slash.');
  if (!API_METHODS.has(method)) return notAllowed(method);
  return checkBody(headers);
}

/** Pages are read; only the interface below /api/ and the sign-in take anything else. */
export function checkPage({ method = 'GET', url = '' }: IncomingMessage): Refusal | undefined {
  if (method !== 'GET' && method !== 'HEAD') return notAllowed(method);
  // Next fails at what it cannot decode; that is the sender's mistake.
  return isDecodable(url.split('?', 1)[0] ?? '') ? undefined : bad('The address is not properly encoded.');
}

function isDecodable(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false;
  }
}

/** An upgrade has no body, and asks for exactly one protocol that is passed on. */
export function checkUpgrade({ headers, method }: IncomingMessage): Refusal | undefined {
  if (Number(headers['content-length'] ?? 0) !== 0 || headers['transfer-encoding'] !== undefined) {
    return bad('A request for an upgrade has no body.');
  }
  const protocol = headers.upgrade?.toLowerCase() ?? '';
  if (!UPGRADES.has(protocol)) return bad('Only upgrades to websocket and SPDY/3.1 are answered.');
  if (method !== 'GET' && (protocol === 'websocket' || method !== 'POST')) return notAllowed(method ?? '');
  return undefined;
}

/** Node's parser refuses most of this; what it lets pass must not reach a cluster in two readings either. */
function checkBody(headers: IncomingHttpHeaders): Refusal | undefined {
  const length = headers['content-length'];
  const encoding = headers['transfer-encoding'];
  if (length !== undefined && encoding !== undefined) {
    return bad('The request has both a length and a transfer encoding.');
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) return bad('The content length is no number.');
  if (encoding !== undefined && encoding.toLowerCase() !== 'chunked') {
    return bad('The only transfer encoding is chunked.');
  }
  return undefined;
}

function bad(message: string): Refusal {
  return { code: 400, reason: 'BadRequest', message };
}

function notAllowed(method: string): Refusal {
  return { code: 405, reason: 'MethodNotAllowed', message: `${method} is not answered here.` };
}
