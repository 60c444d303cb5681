import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import type { Reply } from './api-call';
import { ApiError, internalError, PlainError } from './errors';

/** JSON is handed to the socket in blocks of about this size. */
const BLOCK_CHARACTERS = 256 * 1024;
/** For so long one long list may keep everybody else waiting. */
const SLICE_MS = 8;
const FLOW_SCHEMA = randomUUID();
const PRIORITY_LEVEL = randomUUID();

/** Headers that every answer of the API server carries. */
export function commonHeaders(): Record<string, string> {
  return {
    'Audit-Id': randomUUID(),
    'Cache-Control': 'no-cache, private',
    'X-Kubernetes-Pf-Flowschema-Uid': FLOW_SCHEMA,
    'X-Kubernetes-Pf-Prioritylevel-Uid': PRIORITY_LEVEL,
  };
}

/** RFC 7234 warnings as kube-apiserver writes them. */
export function warningHeader(text: string): string {
  const safe = text.replaceAll(/[\\"]/g, '\\$&').replaceAll(/[^\x20-\x7e]/g, '?');
  return `299 - "${safe}"`;
}

/** The reply that a failure turns into: the API's own refusals as they are, anything else as 500. */
export function errorReply(error: unknown): Reply {
  if (error instanceof PlainError) {
    return {
      status: error.code,
      body: `${error.message}\n`,
      headers: { 'X-Content-Type-Options': 'nosniff' },
    };
  }
  const known =
    error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : String(error));
  if (known !== error) console.error(error);
  const { status } = known;
  const wait = status.details?.retryAfterSeconds;
  return { status: status.code, body: status, ...(wait ? { headers: { 'Retry-After': String(wait) } } : {}) };
}

/** Content type and bytes of a reply whose body is at hand. */
export function encoded({ body, contentType }: Reply): { contentType?: string; bytes: Buffer } {
  if (body === undefined) return { bytes: Buffer.alloc(0) };
  if (Buffer.isBuffer(body)) return { bytes: body, ...(contentType ? { contentType } : {}) };
  if (typeof body === 'string')
    return { bytes: Buffer.from(body), contentType: contentType ?? 'text/plain; charset=utf-8' };
  const text = isPieces(body) ? [...body.pieces].join('') : JSON.stringify(body);
  return { bytes: Buffer.from(text), contentType: contentType ?? 'application/json' };
}

/** Writes a reply; long lists go out piece by piece, as fast as the client takes them. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  warnings: readonly string[],
): Promise<void> {
  for (const [name, value] of Object.entries({ ...commonHeaders(), ...reply.headers }))
    response.setHeader(name, value);
  if (warnings.length > 0) response.setHeader('Warning', [...new Set(warnings)].map(warningHeader));
  const { body } = reply;
  if (typeof body === 'object' && isPieces(body)) {
    response.writeHead(reply.status, { 'Content-Type': reply.contentType ?? 'application/json' });
    await writePieces(response, body.pieces);
    response.end();
    return;
  }
  const { bytes, contentType } = encoded(reply);
  if (contentType) response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', bytes.length);
  response.writeHead(reply.status);
  response.end(bytes);
}

async function writePieces(response: ServerResponse, pieces: Iterable<string>): Promise<void> {
  let block = '';
  let since = performance.now();
  for (const piece of pieces) {
    block += piece;
    if (block.length < BLOCK_CHARACTERS) continue;
    if (response.destroyed) return;
    if (!response.write(block)) await drained(response);
    block = '';
    if (performance.now() - since < SLICE_MS) continue;
    // A client that takes all at once never makes us wait: without this nothing else would run until the end.
    await setImmediate();
    since = performance.now();
  }
  response.write(block);
}

/** Resolves when the client has taken what was written, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

function isPieces(body: object): body is { pieces: Iterable<string> } {
  return 'pieces' in body && !Buffer.isBuffer(body);
}
