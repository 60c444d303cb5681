import type { UserInfo } from './admission';
import type { Reply } from './api-call';
import type { Authorize } from './authorization';
import { PRODUCING_ACTIONS, SUBRESOURCE_VERSIONS } from './kubevirt-subresources';
import { parseAccept } from './negotiation';
import type { ResourceRequest } from './request-path';
import type { SubresourceCall, SubresourceReply } from './subresource';

interface Frame {
  request: ResourceRequest;
  method: string;
  query: URLSearchParams;
  body: Buffer;
  user: UserInfo;
  accept: string | undefined;
}

const VERBS: Record<string, string> = {
  GET: 'get',
  PUT: 'update',
  POST: 'create',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * Turns a request to subresources.kubevirt.io into the call that virt-api sees, or into the refusal that comes before
 * it: 406 for a client that accepts only JSON from a route that produces nothing, and virt-api's own access review,
 * which looks at the whole path and answers 401 without a body.
 */
export function subresourceCall(frame: Frame, authorize: Authorize): SubresourceCall | { refusal: Reply } {
  const { request, method, query, body, user, accept } = frame;
  const { resource, rest, name, namespace = '' } = request;
  if (!SUBRESOURCE_VERSIONS.some((version) => version === request.version))
    return { refusal: notFoundPage() };
  const onObject = resource === 'virtualmachines' || resource === 'virtualmachineinstances';
  const action = onObject ? (rest ?? '') : resource;
  if (!producesWhatIsAccepted(action, accept)) {
    return { refusal: plain(406, '406: Not Acceptable\n\nAvailable representations: ') };
  }
  if (
    onObject &&
    rest?.includes('/') &&
    !rest.startsWith('portforward/') &&
    !rest.startsWith('portforward')
  ) {
    const verb = VERBS[method] ?? method.toLowerCase();
    const attributes = {
      verb,
      group: request.group,
      resource,
      subresource: rest,
      namespace,
      ...(name ? { name } : {}),
    };
    if (!authorize(user, attributes).allowed) return { refusal: { status: 401 } };
  }
  return {
    namespace,
    action,
    method,
    query,
    body,
    user: user.username,
    ...(onObject ? { resource } : {}),
    ...(onObject && name ? { name } : {}),
  };
}

/** A reply of virt-api as the router writes it. */
export function subresourceReply({ status, body, contentType }: SubresourceReply): Reply {
  const headers = { 'X-Content-Type-Options': 'nosniff' };
  if (body === undefined) return { status, headers };
  if (typeof body === 'object' && !Buffer.isBuffer(body)) {
    // go-restful indents by one space.
    const text = JSON.stringify(body, undefined, 1);
    return { status, body: text, headers, contentType: contentType ?? 'application/json' };
  }
  const kind = contentType ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : undefined);
  return { status, body, headers, ...(kind ? { contentType: kind } : {}) };
}

/** What an unknown path is answered with. */
export function notFoundPage(): Reply {
  return plain(404, '404 page not found\n');
}

function plain(status: number, body: string): Reply {
  return { status, body, contentType: 'text/plain; charset=utf-8' };
}

function producesWhatIsAccepted(action: string, accept: string | undefined): boolean {
  if (!accept || PRODUCING_ACTIONS.has(action)) return true;
  return parseAccept(accept).some(({ type }) => type === '*/*');
}
