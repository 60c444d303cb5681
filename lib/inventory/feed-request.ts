import type { AccessCheck } from '@/lib/k8s/access';
import { ApiError } from '@/lib/k8s/error';
import { requestInfo } from '@/lib/k8s/request-info';
import { type Resource, resourcePath } from '@/lib/k8s/resource';
import { isSignInNeeded } from '@/lib/k8s/sign-in-needed';
import type { Asker } from './transport';

/** Whose view of which objects a feed is. */
export interface FeedScope<A extends Asker = Asker> {
  asker: A;
  resource: Resource;
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
}

/** The path and query of a request for a feed's objects; empty values are left out. */
export function feedPath(scope: FeedScope, query: Record<string, string | number | undefined>): string {
  const { resource, namespace, labelSelector, fieldSelector } = scope;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ labelSelector, fieldSelector, ...query })) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  return `${resourcePath(resource, namespace)}${search.size > 0 ? `?${search}` : ''}`;
}

/** What a feed's asker must be allowed, in the API's words for the feed's own requests. */
export function feedChecks(scope: FeedScope): AccessCheck[] {
  return [feedPath(scope, {}), feedPath(scope, { watch: 'true' })].map((path) => {
    const [where = '', query = ''] = path.split('?', 2);
    const { verb, group, resource, namespace, name } = requestInfo('GET', where, query);
    return { verb, group, resource, ...(namespace ? { namespace } : {}), ...(name ? { name } : {}) };
  });
}

/** Equal for feeds that show the same thing to askers with the same rights. */
export function feedKey({ asker, resource, namespace, labelSelector, fieldSelector }: FeedScope): string {
  const { group, version, plural } = resource;
  const selectors = [namespace ?? '', labelSelector ?? '', fieldSelector ?? ''];
  return JSON.stringify([asker.cluster.name, asker.key, group, version, plural, ...selectors]);
}

/** The cluster's own 401 is not final: a kubeconfig is repaired. A session that is over stays so. */
export function isFinal(error: ApiError): boolean {
  return isSignInNeeded(error) || error.code === 403 || error.code === 404 || error.code === 405;
}

export function toApiError(cause: unknown, path: string): ApiError {
  if (cause instanceof ApiError) return cause;
  return new ApiError(0, 'Unreachable', cause instanceof Error ? cause.message : String(cause), {
    method: 'GET',
    path,
  });
}
