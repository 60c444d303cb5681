import type { UserInfo } from './admission';
import { type ApiError, forbidden, type Named } from './errors';
import type { KubeObject } from './objects';
import { list } from './print-values';
import type { Cluster } from './store';

export interface PolicyRule {
  verbs: string[];
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  nonResourceURLs?: string[];
}

/** What somebody wants to do: to a resource, or to a path that is none. */
export type Attributes =
  | { verb: string; group: string; resource: string; subresource?: string; namespace?: string; name?: string }
  | { verb: string; path: string };

export interface Decision {
  allowed: boolean;
  /** Names the binding that allows it, or the roles that could not be looked into. */
  reason?: string;
}

export type Authorize = (user: UserInfo, attributes: Attributes) => Decision;

interface Grant {
  rules: PolicyRule[];
  reason: string;
  /** Why the rules are not known: the bound role is missing. */
  error?: string;
}

export interface RoleRef {
  kind?: string;
  name?: string;
}

interface Binding extends KubeObject {
  roleRef?: RoleRef;
  subjects?: unknown;
}

/** Whoever is in it may do everything, whatever the roles say. */
export const MASTERS = 'system:masters';
/** The text of a refusal holds what the client sent: no browser shall take it for a page. */
const NO_SNIFFING = { 'X-Content-Type-Options': 'nosniff' };
const REMEMBERED_USERS = 10_000;
export const RBAC_GROUP = 'rbac.authorization.k8s.io';
const RBAC_RESOURCES = new Set(
  ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((name) => `${name}.${RBAC_GROUP}`),
);

/** RBAC over the stored roles and bindings, as pkg/auth/authorizer/rbac evaluates them. */
export class RbacAuthorizer {
  /** Per user and namespace; emptied whenever a role or binding changes. */
  private readonly grants = new Map<string, Grant[]>();

  /** Without `subscribe` it is good for one question: it does not notice what changes. */
  constructor(private readonly cluster: Pick<Cluster, 'get' | 'list'> & Partial<Pick<Cluster, 'subscribe'>>) {
    cluster.subscribe?.(({ resource }) => {
      if (RBAC_RESOURCES.has(resource)) this.grants.clear();
    });
  }

  authorize(user: UserInfo, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS)) return { allowed: true };
    const namespace = 'namespace' in attributes ? attributes.namespace : undefined;
    const grants = this.grantsFor(user, namespace);
    for (const { rules, reason } of grants) {
      if (rules.some((rule) => covers(rule, attributes))) return { allowed: true, reason };
    }
    const problem = problemsOf(grants);
    return problem ? { allowed: false, reason: `RBAC: ${problem}` } : { allowed: false };
  }

  /** Every rule that holds for the user in a namespace, cluster-wide ones first, as far as the roles are there. */
  rulesFor(user: UserInfo, namespace: string | undefined): { rules: PolicyRule[]; problem?: string } {
    const grants = this.grantsFor(user, namespace);
    const problem = problemsOf(grants);
    return { rules: grants.flatMap(({ rules }) => rules), ...(problem ? { problem } : {}) };
  }

  /** The rules of the role that a binding in `namespace` refers to; undefined when there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string | undefined): PolicyRule[] | undefined {
    const { kind, name = '' } = roleRef;
    const role =
      kind === 'ClusterRole'
        ? this.cluster.get(`clusterroles.${RBAC_GROUP}`, undefined, name)
        : this.cluster.get(`roles.${RBAC_GROUP}`, namespace, name);
    return role && (list(role.rules) as PolicyRule[]);
  }

  private grantsFor(user: UserInfo, namespace: string | undefined): Grant[] {
    const key = JSON.stringify([user.username, user.groups, namespace]);
    const known = this.grants.get(key);
    if (known) return known;
    const bindings = [
      ...this.cluster.list<Binding>(`clusterrolebindings.${RBAC_GROUP}`),
      ...(namespace ? this.cluster.list<Binding>(`rolebindings.${RBAC_GROUP}`, namespace) : []),
    ];
    const grants = bindings.flatMap((binding) => this.grantOf(binding, user) ?? []);
    // Impersonation makes as many users as somebody likes.
    if (this.grants.size >= REMEMBERED_USERS) this.grants.clear();
    this.grants.set(key, grants);
    return grants;
  }

  private grantOf(binding: Binding, user: UserInfo): Grant | undefined {
    const { name, namespace } = binding.metadata;
    const subject = list(binding.subjects).find((candidate) =>
      appliesTo(candidate as Subject, user, namespace),
    );
    const { kind = '', name: roleName = '' } = binding.roleRef ?? {};
    if (!subject) return undefined;
    const rules = this.rulesOf({ kind, name: roleName }, namespace);
    if (!rules) {
      const error = `${kind.toLowerCase()}.${RBAC_GROUP} ${JSON.stringify(roleName)} not found`;
      return { rules: [], reason: '', error };
    }
    const { kind: subjectKind, name: subjectName, namespace: subjectNamespace } = subject as Subject;
    const who =
      subjectKind === 'ServiceAccount' ? `${subjectName}/${subjectNamespace ?? namespace}` : subjectName;
    const where = namespace ? `${name}/${namespace}` : name;
    const reason = `RBAC: allowed by ${binding.kind} "${where}" of ${kind} "${roleName}" to ${subjectKind} "${who}"`;
    return { rules, reason };
  }
}

/** Several problems in brackets, one as it stands: how Go's aggregated errors print. */
function problemsOf(grants: Grant[]): string | undefined {
  const errors = [...new Set(grants.flatMap(({ error }) => error ?? []))];
  return errors.length > 1 ? `[${errors.join(', ')}]` : errors[0];
}

interface Subject {
  kind: string;
  name: string;
  namespace?: string;
}

function appliesTo(
  { kind, name, namespace }: Subject,
  user: UserInfo,
  bindingNamespace: string | undefined,
): boolean {
  if (kind === 'User') return name === user.username;
  if (kind === 'Group') return user.groups.includes(name);
  return (
    kind === 'ServiceAccount' &&
    user.username === `system:serviceaccount:${namespace ?? bindingNamespace}:${name}`
  );
}

function covers(rule: PolicyRule, attributes: Attributes): boolean {
  if (!has(rule.verbs, attributes.verb)) return false;
  if ('path' in attributes) {
    return (rule.nonResourceURLs ?? []).some(
      (url) => url === attributes.path || (url.endsWith('*') && attributes.path.startsWith(url.slice(0, -1))),
    );
  }
  const { group, resource, subresource, name } = attributes;
  if (!has(rule.apiGroups, group)) return false;
  const wanted = subresource ? `${resource}/${subresource}` : resource;
  const matches = (rule.resources ?? []).some(
    (known) =>
      known === '*' || known === wanted || (subresource !== undefined && known === `*/${subresource}`),
  );
  if (!matches) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || (name !== undefined && names.includes(name));
}

function has(values: string[] | undefined, wanted: string): boolean {
  return values?.some((value) => value === '*' || value === wanted) ?? false;
}

/** The 403 that tells who may not do what, to the letter; `reason` is what the authorizer said about it. */
export function accessDenied(user: UserInfo, attributes: Attributes, reason?: string): ApiError {
  const why = reason ? `: ${reason}` : '';
  if ('path' in attributes) {
    const error = forbidden({ plural: '', group: '' }, undefined, '');
    const message = `forbidden: User ${JSON.stringify(user.username)} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}${why}`;
    error.message = message;
    error.status.message = message;
    error.status.details = {};
    error.headers = NO_SNIFFING;
    return error;
  }
  const { verb, group, resource, subresource, namespace, name } = attributes;
  const about: Named = { plural: resource, group };
  const full = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const who = JSON.stringify(user.username);
  const denied = `User ${who} cannot ${verb} resource "${full}" in API group "${group}" ${where}${why}`;
  const error = forbidden(about, name, denied);
  error.headers = NO_SNIFFING;
  return error;
}
