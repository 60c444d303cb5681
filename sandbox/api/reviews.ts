import type { UserInfo } from './admission';
import type { ApiCall, Reply } from './api-call';
import type { Authenticator } from './authentication';
import type { Attributes, Authorize, RbacAuthorizer } from './authorization';
import type { EphemeralResource } from './discovery';
import { badRequest, invalid } from './errors';
import { isRecord } from './patch';
import { at, list, text } from './print-values';
import { parseObjectBody } from './request-body';

const AUTHORIZATION = { group: 'authorization.k8s.io', version: 'v1' };
const AUTHENTICATION = { group: 'authentication.k8s.io', version: 'v1' };

/** Questions that are answered on POST and stored nowhere. */
export const REVIEWS: readonly EphemeralResource[] = [
  {
    ...AUTHORIZATION,
    plural: 'selfsubjectaccessreviews',
    kind: 'SelfSubjectAccessReview',
    namespaced: false,
  },
  { ...AUTHORIZATION, plural: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview', namespaced: false },
  { ...AUTHORIZATION, plural: 'subjectaccessreviews', kind: 'SubjectAccessReview', namespaced: false },
  {
    ...AUTHORIZATION,
    plural: 'localsubjectaccessreviews',
    kind: 'LocalSubjectAccessReview',
    namespaced: true,
  },
  { ...AUTHENTICATION, plural: 'selfsubjectreviews', kind: 'SelfSubjectReview', namespaced: false },
  { ...AUTHENTICATION, plural: 'tokenreviews', kind: 'TokenReview', namespaced: false },
];

type Spec = Record<string, unknown>;

/** Answers the reviews of authorization.k8s.io and authentication.k8s.io. */
export class Reviews {
  constructor(
    private readonly authorize: Authorize,
    private readonly rbac: RbacAuthorizer,
    private readonly authenticator: Authenticator,
  ) {}

  /** @throws ApiError 400, 422 */
  answer(review: EphemeralResource, call: Pick<ApiCall, 'request' | 'user' | 'body' | 'headers'>): Reply {
    const sent = parseObjectBody(call);
    if (!isRecord(sent))
      throw badRequest(`the object provided is unrecognized (must be of type ${review.kind})`);
    const spec = isRecord(sent.spec) ? sent.spec : {};
    const head = { kind: review.kind, apiVersion: `${review.group}/${review.version}`, metadata: {} };
    const status = this.status(review.kind, spec, call.user, call.request.namespace);
    return {
      status: 201,
      body: review.kind === 'SelfSubjectReview' ? { ...head, status } : { ...head, spec, status },
    };
  }

  private status(kind: string, spec: Spec, user: UserInfo, namespace: string | undefined): object {
    switch (kind) {
      case 'SelfSubjectAccessReview':
        return this.access(kind, spec, user);
      case 'SubjectAccessReview':
        return this.access(kind, spec, subjectOf(spec));
      case 'LocalSubjectAccessReview':
        return this.access(kind, inNamespace(spec, namespace), subjectOf(spec));
      case 'SelfSubjectRulesReview':
        return this.rules(spec, user);
      case 'SelfSubjectReview':
        return { userInfo: user };
      default:
        return this.token(spec);
    }
  }

  private access(kind: string, spec: Spec, user: UserInfo): object {
    const attributes = attributesOf(kind, spec);
    const { allowed, reason } = this.authorize(user, attributes);
    return reason ? { allowed, reason } : { allowed };
  }

  private rules(spec: Spec, user: UserInfo): object {
    if (typeof spec.namespace !== 'string' || spec.namespace === '')
      throw badRequest('no namespace on request');
    const rules = this.rbac.rulesFor(user, spec.namespace);
    return {
      resourceRules: rules.filter(({ resources }) => resources),
      nonResourceRules: rules.filter(({ nonResourceURLs }) => nonResourceURLs),
      incomplete: false,
    };
  }

  private token(spec: Spec): object {
    const user = this.authenticator.userOf(text(spec.token, ''));
    return user
      ? { authenticated: true, user }
      : { authenticated: false, user: {}, error: 'invalid bearer token' };
  }
}

function attributesOf(kind: string, spec: Spec): Attributes {
  const { resourceAttributes: wanted, nonResourceAttributes: path } = spec;
  if (isRecord(wanted) === isRecord(path)) {
    const message = isRecord(wanted)
      ? 'Invalid value: cannot be specified in combination with resourceAttributes'
      : 'Invalid value: exactly one of nonResourceAttributes or resourceAttributes must be specified';
    const field = isRecord(wanted) ? 'spec.nonResourceAttributes' : 'spec.resourceAttributes';
    throw invalid(kind, 'authorization.k8s.io', '', [{ reason: 'FieldValueInvalid', message, field }]);
  }
  if (isRecord(path)) return { verb: text(path.verb, ''), path: text(path.path, '') };
  const { verb, group, resource, subresource, namespace, name } = wanted as Spec;
  return {
    verb: text(verb, ''),
    group: text(group, ''),
    resource: text(resource, ''),
    ...(subresource ? { subresource: String(subresource) } : {}),
    ...(namespace ? { namespace: String(namespace) } : {}),
    ...(name ? { name: String(name) } : {}),
  };
}

function subjectOf(spec: Spec): UserInfo {
  return { username: text(spec.user, ''), groups: list(spec.groups).map(String) };
}

function inNamespace(spec: Spec, namespace: string | undefined): Spec {
  const wanted = at(spec, 'resourceAttributes', 'namespace');
  if (wanted !== undefined && wanted !== namespace)
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  return spec;
}
