import { isDeepStrictEqual } from 'node:util';
import type { Admission, AdmissionRequest, UserInfo } from '../admission';
import {
  type Authorize,
  MASTERS,
  type PolicyRule,
  RBAC_GROUP,
  type RbacAuthorizer,
  type RoleRef,
} from '../authorization';
import { forbidden, invalid, notFound } from '../errors';
import type { KubeObject } from '../objects';
import { isRecord } from '../patch';
import { at, list } from '../print-values';
import { applyRbacDefaults, rbacCauses } from './rbac-validation';
import { described, quotedList, uncovered } from './rule-coverage';

const EVERYTHING: PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/**
 * Nobody may grant rights that they don't have: the checks that kube-apiserver's storage of roles and bindings makes
 * (policybased in pkg/registry/rbac), and the validation of those kinds, in front of all other admission.
 */
export class RbacGuard implements Admission {
  constructor(
    private readonly rbac: RbacAuthorizer,
    private readonly authorize: Authorize,
    private readonly inner: Admission | undefined,
  ) {}

  mutateAndValidate(request: AdmissionRequest): string[] {
    const { group, object, oldObject, operation } = request;
    const guarded = group === RBAC_GROUP && operation !== 'DELETE';
    if (guarded) applyRbacDefaults(object);
    if (guarded && !(oldObject && onlyLetsGo(object, oldObject))) this.refuseEscalation(request);
    const warnings = this.inner?.mutateAndValidate(request) ?? [];
    if (guarded) {
      const causes = rbacCauses(object, oldObject, request.namespace !== undefined);
      if (causes.length > 0) throw invalid(object.kind, group, object.metadata.name, causes);
    }
    return warnings;
  }

  /** @throws ApiError 403 naming the missing rights, 404 for a role that is not there to be looked into. */
  private refuseEscalation(request: AdmissionRequest): void {
    const { user, resource, object, oldObject, namespace } = request;
    if (user.groups.includes(MASTERS)) return;
    const { name } = object.metadata;
    const about = { plural: resource, group: RBAC_GROUP };
    const may = (verb: string, plural: string, target: string) =>
      this.authorize(user, {
        verb,
        group: RBAC_GROUP,
        resource: plural,
        ...(target ? { name: target } : {}),
        ...(namespace ? { namespace } : {}),
      }).allowed;
    if (resource === 'roles' || resource === 'clusterroles') {
      if (may('escalate', resource, name)) return;
      if (aggregates(object) || (oldObject && aggregates(oldObject))) {
        if (this.missing(user, namespace, EVERYTHING).length > 0) {
          throw forbidden(about, name, 'must have cluster-admin privileges to use an aggregationRule');
        }
      }
      this.refuseMissing(request, list(object.rules) as PolicyRule[]);
      return;
    }
    const roleRef = (isRecord(object.roleRef) ? object.roleRef : {}) as RoleRef;
    const plural = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    if (may('bind', plural, roleRef.name ?? '')) return;
    const rules = this.rbac.rulesOf(roleRef, namespace);
    if (!rules) throw notFound({ plural, group: RBAC_GROUP }, roleRef.name ?? '');
    this.refuseMissing(request, rules);
  }

  private refuseMissing({ user, resource, object, namespace }: AdmissionRequest, wanted: PolicyRule[]): void {
    const missing = this.missing(user, namespace, wanted.map(complete));
    if (missing.length === 0) return;
    const { problem } = this.rbac.rulesFor(user, namespace);
    const why =
      `user ${JSON.stringify(user.username)} (groups=${quotedList(user.groups)}) is attempting to grant RBAC permissions ` +
      `not currently held:\n${described(missing).join('\n')}${problem ? `; resolution errors: [${problem}]` : ''}`;
    throw forbidden({ plural: resource, group: RBAC_GROUP }, object.metadata.name, why);
  }

  private missing(user: UserInfo, namespace: string | undefined, wanted: PolicyRule[]): PolicyRule[] {
    return uncovered(this.rbac.rulesFor(user, namespace).rules, wanted);
  }
}

/** Rules come from outside: lists may be missing or of another shape. */
function complete(rule: PolicyRule): PolicyRule {
  const texts = (value: unknown) => list(value).map(String);
  return {
    verbs: texts(rule.verbs),
    apiGroups: texts(rule.apiGroups),
    resources: texts(rule.resources),
    resourceNames: texts(rule.resourceNames),
    nonResourceURLs: texts(rule.nonResourceURLs),
  };
}

function aggregates(role: KubeObject): boolean {
  return list(at(role, 'aggregationRule', 'clusterRoleSelectors')).length > 0;
}

/** The garbage collector's changes (owners and finalizers) need no rights of their own. */
function onlyLetsGo(object: KubeObject, before: KubeObject): boolean {
  const rest = ({ metadata, ...fields }: KubeObject) => {
    const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, ...kept } = metadata;
    return { ...fields, metadata: { ...kept, resourceVersion: '' } };
  };
  const changed =
    !isDeepStrictEqual(object.metadata.ownerReferences, before.metadata.ownerReferences) ||
    !isDeepStrictEqual(object.metadata.finalizers, before.metadata.finalizers);
  return changed && isDeepStrictEqual(rest(object), rest(before));
}
