import { ApiError, errorFromBody } from '@/lib/k8s/error';
import type { K8sObject } from '@/lib/k8s/object';

/** One line of a watch (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes). */
export type WatchEvent =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; object: K8sObject }
  | { type: 'ERROR'; object: unknown };

/** Reads the body of a watch: yields the events of each chunk together, so that a burst is one change. */
export async function* readWatch(body: AsyncIterable<Uint8Array>): AsyncGenerator<WatchEvent[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const text = rest + decoder.decode(chunk, { stream: true });
    const end = text.lastIndexOf('\n');
    rest = text.slice(end + 1);
    if (end < 0) continue;
    const lines = text.slice(0, end).split('\n');
    yield lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as WatchEvent);
  }
  // A watch that breaks off in the middle of a line lost that event; the caller continues from the last whole one.
}

/** A page of a list. */
export interface ObjectList {
  apiVersion?: string;
  kind?: string;
  metadata: { resourceVersion: string; continue?: string };
  items: K8sObject[] | null;
}

/** Reads a whole body; a refusal becomes an ApiError. */
export async function readBody(
  status: number,
  body: AsyncIterable<Uint8Array>,
  path: string,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  text += decoder.decode();
  if (status >= 200 && status < 300) return text;
  throw errorFromBody(status, text, { method: 'GET', path });
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
