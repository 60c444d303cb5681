import { request } from 'undici';
import { errorFromBody } from '@/lib/k8s/error';
import { userAgent } from './proxy/user-agent';
import { describeFailure, type Upstream } from './upstream';

const TIMEOUT_MS = 10_000;
/** A review's answer has some hundred bytes. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * Posts a small object to a cluster's API and reads the small object that it answers.
 * @throws ApiError with the cluster's own words, or why it was not reached within 10 s.
 */
export function postToCluster<T>(upstream: Upstream, path: string, object: object): Promise<T> {
  return ask(upstream, 'POST', path, object);
}

/** Reads one small object of a cluster's API. @throws as `postToCluster`. */
export function readFromCluster<T>(upstream: Upstream, path: string): Promise<T> {
  return ask(upstream, 'GET', path);
}

async function ask<T>(
  { origin, basePath, agent, credentials }: Upstream,
  method: 'GET' | 'POST',
  path: string,
  object?: object,
): Promise<T> {
  const asked = { method, path };
  let status: number;
  let text: string;
  try {
    const { statusCode, body } = await request(`${origin}${basePath}${path}`, {
      dispatcher: agent,
      method,
      headers: {
        accept: 'application/json',
        ...(object ? { 'content-type': 'application/json' } : {}),
        'user-agent': userAgent(),
        ...credentials.headers,
      },
      body: object ? JSON.stringify(object) : null,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    status = statusCode;
    text = await shortText(body);
  } catch (cause) {
    throw describeFailure(cause, origin, asked);
  }
  if (status >= 300) throw errorFromBody(status, text, asked);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw errorFromBody(502, 'The cluster answered with something other than JSON.', asked);
  }
}

/** A whole body of at most 1 MiB as text. @throws when it is longer. */
export async function shortText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) throw new Error('The answer is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
