import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApiError } from '@/lib/k8s/error';
import { refuse } from '../status';

const MAX_BYTES = 64 * 1024;

/** The body of a request. @throws ApiError 413 */
export async function readText(request: IncomingMessage, maxBytes = MAX_BYTES): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw refusal(request)(413, 'RequestEntityTooLarge', 'The request is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * The JSON object that a request carries; an empty one without a body.
 * @throws ApiError 400, 413, 415
 */
export async function readJson(
  request: IncomingMessage,
  maxBytes = MAX_BYTES,
): Promise<Record<string, unknown>> {
  const say = refusal(request);
  const text = await readText(request, maxBytes);
  if (text === '') return {};
  // A form of another site can be sent without asking; JSON cannot.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    throw say(415, 'UnsupportedMediaType', 'The request must be JSON.');
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Said below.
  }
  throw say(400, 'BadRequest', 'The request is no JSON object.');
}

function refusal({ method = 'GET', url = '' }: IncomingMessage) {
  const asked = { method, path: url.split('?', 1)[0] ?? '' };
  return (code: number, reason: string, message: string) => new ApiError(code, reason, message, asked);
}

export function sendJson(
  response: ServerResponse,
  code: number,
  value: unknown,
  cookies: string[] = [],
): void {
  const body = JSON.stringify(value);
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  response.writeHead(code, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

/** Answers with a Status. What is no ApiError is a fault of ours: it is logged, and the answer gives nothing away. */
export function sendError(
  response: ServerResponse,
  cause: unknown,
  asked: { method: string; path: string },
): void {
  if (cause instanceof ApiError) {
    refuse(response, { ...cause.toJSON(), code: cause.code || 502 });
    return;
  }
  console.error(`${asked.method} ${asked.path} failed:`, cause);
  refuse(response, { code: 500, reason: 'InternalError', message: 'The console failed to do this.' });
}
