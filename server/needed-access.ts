import type { AccessCheck } from '@/lib/k8s/access';
import { requestInfo } from '@/lib/k8s/request-info';
import type { ProxyTarget } from './proxy/path';

/** The right that the API asks of a call, as its access reviews name it; none for what is no resource (/version, …). */
export function neededAccess(
  method: string,
  { path, query }: Pick<ProxyTarget, 'path' | 'query'>,
): AccessCheck[] {
  const { isResource, verb, group, resource, subresource, namespace, name } = requestInfo(
    method,
    path,
    query,
  );
  if (!isResource) return [];
  return [
    {
      verb,
      group,
      resource,
      ...(subresource ? { subresource } : {}),
      ...(namespace ? { namespace } : {}),
      ...(name ? { name } : {}),
    },
  ];
}
