/** Who may what: everybody may do everything in the namespaces that they have, and `*` is the whole cluster. */
export interface User {
  name: string;
  token: string;
  namespaces: '*' | string[];
}

interface Attributes {
  verb?: string;
  group?: string;
  resource?: string;
  namespace?: string;
}

export class Access {
  constructor(readonly users: User[]) {}

  /** Undefined when nobody has that token. Over plain HTTP kubectl sends none: that is the first user. */
  user(authorization: string | undefined, isPlain: boolean): User | undefined {
    if (isPlain && authorization === undefined) return this.users[0];
    return this.users.find(({ token }) => authorization === `Bearer ${token}`);
  }

  may(user: User, namespace: string): boolean {
    return user.namespaces === '*' || (namespace !== '' && user.namespaces.includes(namespace));
  }

  /** Answers a review of the asker's own rights; undefined for what is no review. */
  review(user: User, plural: string, body: { spec?: Record<string, unknown> }): object | undefined {
    const { spec = {} } = body;
    const common = { metadata: { creationTimestamp: null }, spec };
    if (plural === 'selfsubjectaccessreviews') {
      const { namespace = '' } = (spec.resourceAttributes ?? {}) as Attributes;
      const allowed = spec.nonResourceAttributes !== undefined || this.may(user, namespace);
      const status = { allowed, ...(allowed ? {} : { reason: `${user.name} has no role there` }) };
      return { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', ...common, status };
    }
    if (plural === 'selfsubjectrulesreviews') {
      const all = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
      const resourceRules = this.may(user, String(spec.namespace ?? '')) ? [all] : [];
      const status = { incomplete: false, nonResourceRules: [], resourceRules };
      return { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', ...common, status };
    }
    if (plural === 'selfsubjectreviews') {
      const userInfo = { username: user.name, groups: ['system:authenticated'] };
      return {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'SelfSubjectReview',
        ...common,
        status: { userInfo },
      };
    }
    return undefined;
  }
}
