import type { UserInfo } from '../admission';
import { RbacAuthorizer } from '../authorization';
import type { ClusterApi } from '../objects';

/**
 * Why somebody may not clone out of a namespace, in CDI's words; undefined when they may. Whoever may create pods there
 * can read its volumes anyway. Mirrors AuthorizeUser and AuthorizeSA of CDI's API.
 */
export function cloneRefusal(cluster: ClusterApi, user: UserInfo, namespace: string): string | undefined {
  const rbac = new RbacAuthorizer({ get: cluster.get.bind(cluster), list: cluster.list.bind(cluster) });
  const may = (group: string, resource: string, subresource?: string) =>
    rbac.authorize(user, {
      verb: 'create',
      group,
      resource,
      namespace,
      ...(subresource ? { subresource } : {}),
    }).allowed;
  if (may('cdi.kubevirt.io', 'datavolumes', 'source') || may('', 'pods')) return undefined;
  return `User ${user.username} has insufficient permissions in clone source namespace ${namespace}`;
}

/** A service account as the authorizer knows it. */
export function serviceAccountUser(namespace: string, name: string): UserInfo {
  return {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}
