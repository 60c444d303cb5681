import { ApiError, errorFromBody } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';
import { readList } from './list-items';

/** One line of a watch (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). */
export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: K8sObject }
  | { type: 'ERROR'; object: unknown };

/** A burst is parsed in parts of this many events; whatever else waits has its turn between them. */
const MAX_AT_ONCE = 200;

/** Reads the body of a watch: yields the events of each chunk together, so that a burst is few changes. */
export async function* readWatch(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('\n');
    rest = text.slice(end + 1);
    if (end < 0) continue;
    const lines = text
      .slice(0, end)
      .split('\n')
      .filter((line) => line.trim() !== '');
    for (let from = 0; from < lines.length; from += MAX_AT_ONCE) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve));
      yield lines.slice(from, from + MAX_AT_ONCE).map((line) => JSON.parse(line) as WatchEvent);
    }
  }
  // A watch that breaks off in the middle of a line lost that event; the caller continues from the last whole one.
}

/** Of a page of a list. */
export interface ListMeta {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/** Reads a whole body; a refusal becomes an ApiError. */
export async function readBody(
  status: number,
  body: AsyncIterable<Uint8Array>,
  path: string,
): Promise<string> {
  const text = await readText(body);
  if (status >= 200 && status < 300) return text;
  throw errorFromBody(status, text, { method: 'GET', path });
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/**
 * Reads a page of a list and hands its items on as they come. `expired`: the API does not have the list's state any more;
 * its Status may carry a token to go on with from the state of now
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#410-gone-responses).
 */
export async function readPage(
  status: number,
  body: AsyncIterable<Uint8Array>,
  path: string,
  take: (items: K8sObject[]) => void,
): Promise<{ metadata: ListMeta } | { expired: ApiError; token: string | undefined }> {
  if (status >= 200 && status < 300) return readList<K8sObject, { metadata: ListMeta }>(body, take);
  const text = await readText(body);
  const error = errorFromBody(status, text, { method: 'GET', path });
  if (error.code !== 410) throw error;
  const metadata = /^\s*\{/.test(text) ? (JSON.parse(text) as { metadata?: ListMeta }).metadata : undefined;
  return { expired: error, token: metadata?.continue || undefined };
}

/** What an ERROR event says; an answer without a Status still becomes an error. */
export function watchError(object: unknown, path: string): ApiError {
  const error = errorFromBody(500, JSON.stringify(object), { method: 'GET', path });
  return error.reason === 'Expired' && error.code !== 410
    ? new ApiError(410, error.reason, error.message, error.request)
    : error;
}

/** What no reader needs is dropped at the door: managedFields are up to half of an object. */
export function withoutManagedFields(object: K8sObject): K8sObject {
  const { managedFields: _, ...metadata } = object.metadata as K8sObject['metadata'] & {
    managedFields?: unknown;
  };
  return { ...object, metadata };
}
