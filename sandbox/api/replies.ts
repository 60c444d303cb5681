import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { pipeline, type Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createGzip } from 'node:zlib';
import { stringify } from 'yaml';
import type { Reply } from './api-call';
import { ApiError, internalError, PlainError } from './errors';
import { PLAIN_FORMAT, type WireFormat } from './wire-format';

/** JSON is handed to the socket in blocks of about this size. */
const BLOCK_CHARACTERS = 256 * 1024;
/** Shorter answers are not compressed. */
const GZIP_FROM_BYTES = 128 * 1024;
const GZIP_LEVEL = 1;
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
    return { status: error.code, body: error.message, headers: error.headers };
  }
  const known =
    error instanceof ApiError ? error : internalError(error instanceof Error ? error.message : String(error));
  if (known !== error) console.error(error);
  const { status } = known;
  const wait = status.details?.retryAfterSeconds;
  const headers = { ...known.headers, ...(wait ? { 'Retry-After': String(wait) } : {}) };
  return { status: status.code, body: status, headers };
}

/** Content type and bytes of a reply whose body is at hand; objects in the format that the client wants. */
export function encoded(
  { body, contentType }: Reply,
  format: WireFormat = PLAIN_FORMAT,
): { contentType?: string; bytes: Buffer } {
  if (body === undefined) return { bytes: Buffer.alloc(0) };
  if (Buffer.isBuffer(body)) return { bytes: body, ...(contentType ? { contentType } : {}) };
  if (typeof body === 'string')
    return { bytes: Buffer.from(body), contentType: contentType ?? 'text/plain; charset=utf-8' };
  if (contentType === undefined && format.yaml) {
    const plain: unknown = JSON.parse(isPieces(body) ? [...body.pieces].join('') : JSON.stringify(body));
    return { bytes: Buffer.from(stringify(plain)), contentType: 'application/yaml' };
  }
  const text = isPieces(body) ? [...body.pieces].join('') : `${JSON.stringify(body)}\n`;
  const shown = format.pretty ? JSON.stringify(JSON.parse(text), undefined, 2) : text;
  return { bytes: Buffer.from(shown), contentType: contentType ?? 'application/json' };
}

/** Writes a reply; long lists go out piece by piece, as fast as the client takes them. */
export async function sendReply(
  response: ServerResponse,
  reply: Reply,
  warnings: readonly string[],
  format: WireFormat = PLAIN_FORMAT,
): Promise<void> {
  for (const [name, value] of Object.entries({ ...commonHeaders(), ...reply.headers }))
    response.setHeader(name, value);
  if (warnings.length > 0) response.setHeader('Warning', [...new Set(warnings)].map(warningHeader));
  const { body } = reply;
  if (typeof body === 'object' && isPieces(body) && !format.pretty) {
    response.setHeader('Content-Type', reply.contentType ?? 'application/json');
    await writePieces(response, reply.status, body.pieces, format.gzip);
    return;
  }
  const { bytes, contentType } = encoded(reply, format);
  if (contentType) response.setHeader('Content-Type', contentType);
  if (format.gzip && bytes.length > GZIP_FROM_BYTES && contentType === 'application/json') {
    await writePieces(response, reply.status, [bytes.toString('utf8')], true);
    return;
  }
  response.setHeader('Content-Length', bytes.length);
  response.writeHead(reply.status);
  response.end(bytes);
}

/** Compresses what is long enough to be worth it, as kube-apiserver does for clients that say gzip. */
async function writePieces(
  response: ServerResponse,
  status: number,
  pieces: Iterable<string>,
  gzip: boolean,
): Promise<void> {
  let sink: Writable | undefined;
  const open = (long: boolean): Writable => {
    if (!gzip || !long) {
      response.writeHead(status);
      return response;
    }
    response.setHeader('Vary', 'Accept-Encoding');
    response.writeHead(status, { 'Content-Encoding': 'gzip' });
    const compressor = createGzip({ level: GZIP_LEVEL });
    // A client that hangs up takes the compressor with it.
    pipeline(compressor, response, () => undefined);
    return compressor;
  };
  let block = '';
  let since = performance.now();
  for (const piece of pieces) {
    block += piece;
    if (block.length < BLOCK_CHARACTERS) continue;
    if (response.destroyed) return;
    sink ??= open(true);
    if (!sink.write(block)) await drained(sink, response);
    block = '';
    if (performance.now() - since < SLICE_MS) continue;
    // A client that takes all at once never makes us wait: without this nothing else would run until the end.
    await setImmediate();
    since = performance.now();
  }
  sink ??= open(block.length > GZIP_FROM_BYTES);
  sink.end(block);
}

/** Resolves when the client has taken what was written, or has gone. */
function drained(sink: Writable, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      sink.off('drain', done);
      response.off('close', done);
      resolve();
    };
    sink.on('drain', done);
    response.on('close', done);
  });
}

function isPieces(body: object): body is { pieces: Iterable<string> } {
  return 'pieces' in body && !Buffer.isBuffer(body);
}
