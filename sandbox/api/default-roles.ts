import { CDI_ROLE_BINDINGS, CDI_ROLES } from './access/cdi-roles';
import { KUBERNETES_ROLE_BINDINGS, KUBERNETES_ROLES } from './access/kubernetes-roles';
import { KUBEVIRT_ROLE_BINDINGS, KUBEVIRT_ROLES } from './access/kubevirt-roles';
import type { NewObject } from './objects';

/** The roles that a cluster starts with: those of Kubernetes and KubeVirt, and CDI's where its operator is. */
export function defaultRoles(hasCdi: boolean): { roles: NewObject[]; bindings: NewObject[] } {
  return {
    roles: [...KUBERNETES_ROLES, ...KUBEVIRT_ROLES, ...(hasCdi ? CDI_ROLES : [])],
    bindings: [...KUBERNETES_ROLE_BINDINGS, ...KUBEVIRT_ROLE_BINDINGS, ...(hasCdi ? CDI_ROLE_BINDINGS : [])],
  };
}

/** Binds one user to a ClusterRole within a namespace. */
export function roleBinding(namespace: string, role: string, user: string): NewObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `${user}-${role}`, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  };
}
