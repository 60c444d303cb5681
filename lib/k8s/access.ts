/** One thing that somebody may or may not do, as a SelfSubjectAccessReview asks for it. */
export interface AccessCheck {
  verb: string;
  /** Empty for the core group. */
  group: string;
  /** The plural, e.g. `virtualmachines`. */
  resource: string;
  subresource?: string | undefined;
  /** Absent: in all namespaces, or a resource of the whole cluster. */
  namespace?: string | undefined;
  name?: string | undefined;
}

/** What the cluster says to a check. */
export interface AccessAnswer {
  /** False as well when nobody knows: servers refuse then, browsers leave it to the API. */
  allowed: boolean;
  /** The cluster gave no verdict (it failed, or did not answer in time). */
  unknown?: true;
  /** The authorizer's own words, or why there is no verdict. */
  reason?: string;
  /** How long ago the cluster was asked, in ms. */
  ageMs?: number;
}

/** The most checks that one request to `/api/access/<cluster>` may hold. */
export const MAX_CHECKS = 500;
/** A verdict older than this is asked for again. */
export const ACCESS_KEPT_MS = 30_000;

/** Equal for equal checks. */
export function checkKey({ verb, group, resource, subresource, namespace, name }: AccessCheck): string {
  return JSON.stringify([verb, group, resource, subresource ?? '', namespace ?? '', name ?? '']);
}

/** `virtualmachines/start`, as roles name it. */
export function fullResource({
  resource,
  subresource,
}: Pick<AccessCheck, 'resource' | 'subresource'>): string {
  return subresource ? `${resource}/${subresource}` : resource;
}

const REFUSED =
  /cannot (\S+) resource "([^"/]+)(?:\/([^"]+))?" in API group "([^"]*)" (?:in the namespace "([^"]+)"|at the cluster scope)/;

/**
 * What was missing, read from the API server's own refusal (`pkg/endpoints/handlers/responsewriters/errors.go`).
 * Undefined for a 403 that roles would not change, e.g. by a quota.
 */
export function checkOfRefusal(message: string): AccessCheck | undefined {
  const found = REFUSED.exec(message);
  if (!found) return undefined;
  const [, verb = '', resource = '', subresource, group = '', namespace] = found;
  return {
    verb,
    group,
    resource,
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
  };
}
