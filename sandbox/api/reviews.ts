import { UPLOAD_GROUP } from './access/upload-token';
import type { UserInfo } from './admission';
import { invalidValue } from './admission/field-error';
import type { ApiCall, Reply } from './api-call';
import type { Authenticator } from './authentication';
import type { Attributes, Authorize, RbacAuthorizer } from './authorization';
import type { EphemeralResource } from './discovery';
import { badRequest, invalid, type StatusCause } from './errors';
import { timestamp } from './metadata';
import { isRecord } from './patch';
import { at, entries, list, text } from './print-values';
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
  {
    group: UPLOAD_GROUP,
    version: 'v1beta1',
    plural: 'uploadtokenrequests',
    kind: 'UploadTokenRequest',
    shortNames: ['utr', 'utrs'],
    namespaced: true,
  },
];

type Spec = Record<string, unknown>;

/** Answers the reviews of authorization.k8s.io and authentication.k8s.io. */
export class Reviews {
  constructor(
    private readonly authorize: Authorize,
    private readonly rbac: RbacAuthorizer,
    private readonly authenticator: Authenticator,
    private readonly now: () => Date,
    /** Answers a request for an upload token in a namespace. */
    private readonly uploadToken: (sent: unknown, namespace: string) => object,
  ) {}

  /** @throws ApiError 400, 422 */
  async answer(
    review: EphemeralResource,
    call: Pick<ApiCall, 'request' | 'user' | 'body' | 'headers'>,
  ): Promise<Reply> {
    const sent = parseObjectBody(call);
    if (review.group === UPLOAD_GROUP) {
      return { status: 200, body: this.uploadToken(sent, call.request.namespace ?? '') };
    }
    if (!isRecord(sent) || (sent.kind !== undefined && sent.kind !== review.kind))
      throw badRequest(`the object provided is unrecognized (must be of type ${review.kind})`);
    const spec = isRecord(sent.spec) ? sent.spec : {};
    const head = { kind: review.kind, apiVersion: `${review.group}/${review.version}` };
    const metadata = isRecord(sent.metadata) ? sent.metadata : {};
    return { status: 201, body: { ...head, metadata, ...(await this.outcome(review.kind, spec, call)) } };
  }

  private async outcome(
    kind: string,
    spec: Spec,
    { user, request }: Pick<ApiCall, 'request' | 'user'>,
  ): Promise<object> {
    switch (kind) {
      case 'SelfSubjectAccessReview':
        return { spec, status: this.access(kind, spec, user) };
      case 'SubjectAccessReview':
        return { spec, status: this.access(kind, spec, subjectOf(spec)) };
      case 'LocalSubjectAccessReview':
        return { spec, status: this.access(kind, inNamespace(spec, request.namespace), subjectOf(spec)) };
      // The last two are new objects, not what was sent.
      case 'SelfSubjectRulesReview':
        return { metadata: {}, spec: {}, status: this.rules(spec, user) };
      case 'SelfSubjectReview':
        return {
          metadata: { creationTimestamp: timestamp(this.now()) },
          status: { userInfo: user },
        };
      default:
        return { spec, status: await this.token(spec) };
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
    const { rules, problem } = this.rbac.rulesFor(user, spec.namespace);
    return {
      resourceRules: rules
        .filter(({ resources }) => resources?.length)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          ...(apiGroups?.length ? { apiGroups } : {}),
          resources,
          ...(resourceNames?.length ? { resourceNames } : {}),
        })),
      nonResourceRules: rules
        .filter(({ nonResourceURLs }) => nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: problem !== undefined,
      ...(problem ? { evaluationError: problem } : {}),
    };
  }

  private async token(spec: Spec): Promise<object> {
    const token = text(spec.token, '');
    if (!token) throw badRequest('token is required for TokenReview in authentication');
    const audiences = list(spec.audiences).map(String);
    const verdict = await this.authenticator.review(token, audiences.length > 0 ? audiences : undefined);
    return 'error' in verdict ? { user: {}, error: verdict.error } : { authenticated: true, ...verdict };
  }
}

/** @throws ApiError 422 unless exactly one of resourceAttributes and nonResourceAttributes is there. */
function attributesOf(kind: string, spec: Spec): Attributes {
  const { resourceAttributes: wanted, nonResourceAttributes: path } = spec;
  const causes: StatusCause[] = [];
  if (isRecord(wanted) && isRecord(path)) {
    const shown = { Path: text(path.path, ''), Verb: text(path.verb, '') };
    const why = 'cannot be specified in combination with resourceAttributes';
    causes.push(invalidValue('spec.nonResourceAttributes', shown, why));
  }
  if (!isRecord(wanted) && !isRecord(path)) {
    const why = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    causes.push(invalidValue('spec.resourceAttributes', null, why));
  }
  if (kind !== 'SelfSubjectAccessReview' && !spec.user && list(spec.groups).length === 0) {
    causes.push(invalidValue('spec.user', '', 'at least one of user or group must be specified'));
  }
  if (kind === 'LocalSubjectAccessReview' && isRecord(path)) {
    causes.push(invalidValue('spec.nonResourceAttributes', path, 'disallowed on this kind of request'));
  }
  // The kind is empty in the apiserver's own refusal as well: it validates a type that has none.
  if (causes.length > 0) throw invalid('', 'authorization.k8s.io', '', causes);
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
  const extra = Object.fromEntries(
    entries(spec.extra).map(([key, values]) => [key, list(values).map(String)]),
  );
  return {
    username: text(spec.user, ''),
    ...(spec.uid ? { uid: String(spec.uid) } : {}),
    groups: list(spec.groups).map(String),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

/** @throws ApiError 400 for a review of another namespace than the path's. */
function inNamespace(spec: Spec, namespace: string | undefined): Spec {
  const wanted = at(spec, 'resourceAttributes', 'namespace');
  if (isRecord(spec.resourceAttributes) && wanted !== namespace)
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  return spec;
}
