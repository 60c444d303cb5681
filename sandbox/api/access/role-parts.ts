import type { PolicyRule } from '../authorization';
import type { NewObject } from '../objects';

export const READ = ['get', 'list', 'watch'];
const RBAC = 'rbac.authorization.k8s.io';

export const rule = (groups: string[], resources: string[], verbs: string[]): PolicyRule => ({
  apiGroups: groups,
  resources,
  verbs,
});

/** The label by which a role's rules become part of `view`, `edit` or `admin`. */
export const aggregateTo = (role: string) => ({ [`${RBAC}/aggregate-to-${role}`]: 'true' });

export interface RoleMarks {
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

/** A ClusterRole; with `aggregates` its rules are those of the roles that carry that label. */
export function clusterRole(
  name: string,
  marks: RoleMarks,
  rules: PolicyRule[],
  aggregates?: string,
): NewObject {
  const selector = aggregates && { clusterRoleSelectors: [{ matchLabels: aggregateTo(aggregates) }] };
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name, ...marks },
    ...(selector ? { aggregationRule: selector } : {}),
    rules,
  };
}

/** Binds the role of the same name to groups, and to service accounts given as `namespace/name`. */
export function clusterRoleBinding(
  role: string,
  marks: RoleMarks,
  groups: string[],
  accounts: string[] = [],
): NewObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: role, ...marks },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: [
      ...groups.map((name) => ({ apiGroup: RBAC, kind: 'Group', name })),
      ...accounts.map((account) => {
        const [namespace = '', name = ''] = account.split('/');
        return { kind: 'ServiceAccount', name, namespace };
      }),
    ],
  };
}
