import { ApiError, errorFromBody } from './error';
import { proxyPath } from './resource';
import { isSignInNeeded, tellSignInNeeded } from './sign-in-needed';

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON; absent means no body. */
  body?: unknown;
  contentType?: string;
  query?: Record<string, string>;
  signal?: AbortSignal;
}

export interface ApiReply<T> {
  /** The parsed body; undefined where the API answers none (KubeVirt's actions). */
  body: T;
  /** The texts of `Warning:` headers, e.g. about deprecated or unknown fields. */
  warnings: string[];
}

// KubeVirt refuses actions whose Accept is `application/json` alone with 406, so anything is accepted.
const ACCEPT = 'application/json, */*';

/** Questions that the console asks by itself, though they are sent as something to create. */
const REVIEWS = /^\/(apis\/auth(orization|entication)\.k8s\.io|api\/access)\//;

/**
 * Calls the API of a cluster through the console's own server, with the user's credentials added there.
 * `path` is a path of the Kubernetes API, e.g. from `resourcePath`.
 * @throws ApiError for every refusal, and with code 0 when nothing answered.
 */
export async function callApi<T = unknown>(
  cluster: string,
  path: string,
  request: ApiRequest = {},
): Promise<ApiReply<T>> {
  return send(proxyPath(cluster, path), path, request, cluster);
}

/**
 * Calls the console's own server, which refuses as the API does. `cluster` is the one that it concerns, if any.
 * @throws ApiError as `callApi`.
 */
export function callServer<T = unknown>(
  path: string,
  request: ApiRequest = {},
  cluster?: string,
): Promise<ApiReply<T>> {
  return send(path, path, request, cluster);
}

async function send<T>(
  url: string,
  path: string,
  request: ApiRequest,
  cluster: string | undefined,
): Promise<ApiReply<T>> {
  const method = request.method ?? 'GET';
  const asked = { method, path };
  const query = request.query ? `?${new URLSearchParams(request.query)}` : '';
  const askedAt = Date.now();
  let response: Response;
  let text: string;
  try {
    response = await fetch(url + query, {
      method,
      headers: {
        accept: ACCEPT,
        ...(request.body === undefined ? {} : { 'content-type': request.contentType ?? 'application/json' }),
      },
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      signal: request.signal ?? null,
      cache: 'no-store',
    });
    text = await response.text();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'Unreachable', cause instanceof Error ? cause.message : String(cause), asked);
  }
  if (!response.ok) {
    const error = errorFromBody(response.status, text, asked, response.headers.get('retry-after'));
    if (cluster !== undefined && isSignInNeeded(error)) {
      tellSignInNeeded({
        cluster,
        error: error.toJSON(),
        askedAt,
        isWrite: method !== 'GET' && !REVIEWS.test(path),
      });
    }
    throw error;
  }
  return { body: parseBody(text) as T, warnings: readWarnings(response.headers.get('warning')) };
}

function parseBody(text: string): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Splits `299 - "a", 299 - "b \"c\""` into its texts. */
export function readWarnings(header: string | null): string[] {
  if (!header) return [];
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
    (match[1] ?? '').replaceAll(/\\(.)/g, '$1'),
  );
}
