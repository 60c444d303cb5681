import { ApiError, errorFromBody } from './error';
import { proxyPath } from './resource';
import { isSignInNeeded, tellSignInNeeded } from './sign-in-needed';

export interface ApiRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON; absent means no body. */
  body?: unknown;
  contentType?: string;
  query?: Record<string, string>;
  /** Another form of the answer, e.g. metadata alone; JSON when absent. */
  accept?: string;
  signal?: AbortSignal;
  /** The address says which version of the answer it means, so that the browser may keep it. */
  isLasting?: boolean;
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

/** Reads bytes, e.g. a picture, as `callApi` reads JSON. */
export async function readApiBytes(cluster: string, path: string, signal?: AbortSignal): Promise<Blob> {
  const request = signal ? { signal } : {};
  const response = await ask(proxyPath(cluster, path), path, request, cluster);
  return read(() => response.blob(), { method: 'GET', path });
}

async function send<T>(
  url: string,
  path: string,
  request: ApiRequest,
  cluster: string | undefined,
): Promise<ApiReply<T>> {
  const response = await ask(url, path, request, cluster);
  const text = await read(() => response.text(), { method: request.method ?? 'GET', path });
  return { body: parseBody(text) as T, warnings: readWarnings(response.headers.get('warning')) };
}

/** The answer, whose body is still to come; a refusal is thrown. */
async function ask(
  url: string,
  path: string,
  request: ApiRequest,
  cluster: string | undefined,
): Promise<Response> {
  const method = request.method ?? 'GET';
  const asked = { method, path };
  const query = request.query ? `?${new URLSearchParams(request.query)}` : '';
  const askedAt = Date.now();
  const response = await read(
    () =>
      fetch(url + query, {
        method,
        headers: {
          accept: request.accept ?? ACCEPT,
          ...(request.body === undefined
            ? {}
            : { 'content-type': request.contentType ?? 'application/json' }),
        },
        body: request.body === undefined ? undefined : JSON.stringify(request.body),
        signal: request.signal ?? null,
        cache: request.isLasting ? 'default' : 'no-store',
      }),
    asked,
  );
  if (!response.ok) {
    const text = await read(() => response.text(), asked);
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
  return response;
}

/** Whatever breaks on the way is an error of the cluster like any other; what somebody stopped stays what it is. */
async function read<T>(load: () => Promise<T>, asked: { method: string; path: string }): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'Unreachable', cause instanceof Error ? cause.message : String(cause), asked);
  }
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
