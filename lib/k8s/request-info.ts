/** What a call to the Kubernetes API asks for, in the words of its access reviews and audit log. */
export interface RequestInfo {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; outside of resources the method in lower case. */
  verb: string;
  /** False for /version, /openapi/v3, /healthz and the like: all below is empty then. */
  isResource: boolean;
  group: string;
  version: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
}

const VERBS: Record<string, string> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
/** Verbs that stand in the path, from the API's first years. */
const PATH_VERBS = new Set(['proxy', 'watch']);
/** What stands behind a namespace's name and is of the namespace itself. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

/**
 * Reads method and URL as the API server does: RequestInfoFactory.NewRequestInfo in
 * k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
 * @param path below the API server's root, without query
 * @param query empty, or from the question mark on
 */
export function requestInfo(method: string, path: string, query = ''): RequestInfo {
  const parts = path.split('/').filter(Boolean).map(decoded);
  const prefix = parts.shift();
  const group = prefix === 'apis' ? parts.shift() : '';
  if ((prefix !== 'api' && prefix !== 'apis') || group === undefined || parts.length < 2) {
    return outsideResources(method);
  }
  const version = parts.shift() ?? '';
  let verb = VERBS[method] ?? '';
  if (PATH_VERBS.has(parts[0] ?? '')) {
    if (parts.length < 2) return outsideResources(method);
    verb = parts.shift() ?? '';
  }
  let namespace = '';
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? '';
    if (parts.length > 2 && !NAMESPACE_SUBRESOURCES.has(parts[2] ?? '')) parts.splice(0, 2);
  }
  const [resource = '', ownName = '', subresource = ''] = parts;
  const info = { isResource: true, group, version, resource, namespace, name: ownName };
  const named = { ...info, subresource: verb === 'proxy' ? '' : subresource };
  if (ownName) return { ...named, verb };
  if (verb === 'delete') return { ...named, verb: 'deletecollection' };
  if (verb !== 'get') return { ...named, verb };
  const asked = new URLSearchParams(query);
  const isWatch = asked.has('watch') && !['false', '0'].includes(asked.get('watch') ?? '');
  // A list that can hold one object only may be allowed by that object's name.
  const [, only = ''] = /(?:^|,)metadata\.name==?([^,]+)/.exec(asked.get('fieldSelector') ?? '') ?? [];
  return { ...named, verb: isWatch ? 'watch' : 'list', name: only };
}

function outsideResources(method: string): RequestInfo {
  const verb = method.toLowerCase();
  return {
    verb,
    isResource: false,
    group: '',
    version: '',
    resource: '',
    subresource: '',
    namespace: '',
    name: '',
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
