/** What a path and method ask for, split up as kube-apiserver's RequestInfo does. */
export interface ResourceRequest {
  verb: string;
  group: string;
  version: string;
  namespace?: string;
  resource: string;
  name?: string;
  /** The first path segment after the name; what authorization looks at. */
  subresource?: string;
  /** All segments after the name, joined: `portforward/22/tcp`. */
  rest?: string;
}

const VERBS: Record<string, string> = {
  POST: 'create',
  GET: 'get',
  HEAD: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
/** Below a namespace these are parts of the Namespace object, not resources in it. */
const NAMESPACE_PARTS = new Set(['status', 'finalize']);

/** Undefined for what is not a resource: discovery, health, version, schemas. */
export function parseResourcePath(
  method: string,
  path: string,
  query: URLSearchParams,
): ResourceRequest | undefined {
  const segments = decodeSegments(path);
  if (!segments) return undefined;
  const [root, ...rest] = segments;
  if (root === 'api') return parse('', rest[0], rest.slice(1), method, query);
  if (root === 'apis') return parse(rest[0] ?? '', rest[1], rest.slice(2), method, query);
  return undefined;
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

function parse(
  group: string,
  version: string | undefined,
  segments: string[],
  method: string,
  query: URLSearchParams,
): ResourceRequest | undefined {
  if (!version || segments.length === 0) return undefined;
  let verb = VERBS[method] ?? method.toLowerCase();
  let parts = segments;
  const legacyWatch = parts[0] === 'watch';
  if (legacyWatch) parts = parts.slice(1);
  let namespace: string | undefined;
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1];
    if (parts.length > 2 && !NAMESPACE_PARTS.has(parts[2] ?? '')) parts = parts.slice(2);
  }
  const [resource, name, ...rest] = parts;
  if (!resource) return undefined;
  if (resource === 'namespaces') namespace = undefined;
  if (!name && verb === 'get') verb = isTrue(query.get('watch')) ? 'watch' : 'list';
  if (!name && verb === 'delete') verb = 'deletecollection';
  if (legacyWatch && (verb === 'get' || verb === 'list')) verb = 'watch';
  return {
    verb,
    group,
    version,
    resource,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(rest.length > 0 ? { subresource: rest[0] ?? '', rest: rest.join('/') } : {}),
  };
}

/** A boolean query parameter as apimachinery reads it: present and not `0` or `false`. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false';
}
