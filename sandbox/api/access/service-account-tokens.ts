import { randomUUID } from 'node:crypto';
import type { UserInfo } from '../admission';
import type { ClusterApi, KubeObject } from '../objects';
import { at, list } from '../print-values';
import { type Claims, isSignedBy, readClaims, signToken } from './jwt';
import { jsonWebKeySet, type SigningKey } from './signing-key';

/** Who issues tokens, and whom they are meant for unless a request says otherwise. */
export const ISSUER = 'https://kubernetes.default.svc';
const LEGACY_ISSUER = 'kubernetes/serviceaccount';
const LEGACY = 'kubernetes.io/serviceaccount/';
const SERVICE_ACCOUNT_PREFIX = 'system:serviceaccount:';
/** Objects that a token may be bound to: it ends with them. */
const BINDABLE: Record<string, string> = { pod: 'pods', secret: 'secrets', node: 'nodes' };

export interface BoundObject {
  kind: 'Pod' | 'Secret' | 'Node';
  name: string;
  uid: string;
}

/** What a token comes to: somebody with the audiences that hold, or why it is refused. */
export type Verdict = { user: UserInfo; audiences: string[] } | { error: string };

/** The user name of a service account. */
export function serviceAccountName(namespace: string, name: string): string {
  return `${SERVICE_ACCOUNT_PREFIX}${namespace}:${name}`;
}

/** The groups that every service account of a namespace is in. */
export function serviceAccountGroups(namespace: string): string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The namespace and name in a service account's user name; undefined for other people. */
export function splitServiceAccountName(username: string): { namespace: string; name: string } | undefined {
  const [namespace = '', name = '', ...rest] = username.startsWith(SERVICE_ACCOUNT_PREFIX)
    ? username.slice(SERVICE_ACCOUNT_PREFIX.length).split(':')
    : [];
  return namespace && name && rest.length === 0 ? { namespace, name } : undefined;
}

/** Issues and checks the tokens of service accounts, as pkg/serviceaccount does. */
export class ServiceAccountTokens {
  constructor(
    private readonly cluster: ClusterApi & { now(): Date },
    private readonly key: SigningKey,
  ) {}

  /** `seconds` counts from now. */
  issue(
    account: KubeObject,
    audiences: string[],
    seconds: number,
    bound: BoundObject[] = [],
  ): { token: string; expires: Date } {
    const now = Math.floor(this.cluster.now().getTime() / 1000);
    const { name, namespace = '', uid } = account.metadata;
    const references = bound.map((object) => [
      object.kind.toLowerCase(),
      { name: object.name, uid: object.uid },
    ]);
    const token = signToken(
      {
        aud: audiences,
        exp: now + seconds,
        iat: now,
        iss: ISSUER,
        jti: randomUUID(),
        'kubernetes.io': { namespace, ...Object.fromEntries(references), serviceaccount: { name, uid } },
        nbf: now,
        sub: serviceAccountName(namespace, name),
      },
      this.key,
    );
    return { token, expires: new Date((now + seconds) * 1000) };
  }

  /** The token of a Secret of type kubernetes.io/service-account-token: without an end. */
  issueLegacy(account: KubeObject, secret: string): string {
    const { name, namespace = '', uid } = account.metadata;
    return signToken(
      {
        iss: LEGACY_ISSUER,
        [`${LEGACY}namespace`]: namespace,
        [`${LEGACY}secret.name`]: secret,
        [`${LEGACY}service-account.name`]: name,
        [`${LEGACY}service-account.uid`]: uid,
        sub: serviceAccountName(namespace, name),
      },
      this.key,
    );
  }

  /** Undefined for a token of another issuer. */
  verify(token: string, wanted: string[]): Verdict | undefined {
    const claims = readClaims(token);
    if (claims?.iss !== ISSUER && claims?.iss !== LEGACY_ISSUER) return undefined;
    if (!isSignedBy(token, this.key)) return { error: 'go-jose/go-jose: error in cryptographic primitive' };
    return claims.iss === ISSUER
      ? this.verifyBound(claims, wanted)
      : this.verifyLegacy(token, claims, wanted);
  }

  /** `/openid/v1/jwks` */
  keys(): object {
    return jsonWebKeySet(this.key);
  }

  private verifyBound(claims: Claims, wanted: string[]): Verdict {
    const now = this.cluster.now().getTime() / 1000;
    if (!(Number(claims.exp) > now)) return { error: 'service account token has expired' };
    // Whole seconds: the moment of issue is one.
    if (Number(claims.nbf) > now + 1) return { error: 'service account token is not valid yet' };
    const held = list(claims.aud).map(String);
    const audiences = held.filter((audience) => wanted.includes(audience));
    if (audiences.length === 0) return { error: wrongAudience(held, wanted) };
    const own = at(claims, 'kubernetes.io');
    const namespace = String(at(own, 'namespace'));
    const account = this.account(
      namespace,
      at(own, 'serviceaccount', 'name'),
      at(own, 'serviceaccount', 'uid'),
    );
    if ('error' in account) return account;
    const extra: Record<string, string[]> = {
      'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`],
    };
    for (const [kind, resource] of Object.entries(BINDABLE)) {
      const name = at(own, kind, 'name');
      if (name === undefined) continue;
      const object = this.cluster.get(resource, kind === 'node' ? undefined : namespace, String(name));
      // A pod's node is told and not checked.
      const holds = object?.metadata.uid === at(own, kind, 'uid') && !object?.metadata.deletionTimestamp;
      if (!holds && !(kind === 'node' && at(own, 'pod'))) {
        return { error: 'service account token has been invalidated' };
      }
      if (kind === 'secret') continue;
      extra[`authentication.kubernetes.io/${kind}-name`] = [String(name)];
      extra[`authentication.kubernetes.io/${kind}-uid`] = [String(at(own, kind, 'uid'))];
    }
    return { user: { ...account.user, extra }, audiences };
  }

  private verifyLegacy(token: string, claims: Claims, wanted: string[]): Verdict {
    const of = (claim: string) => String(claims[`${LEGACY}${claim}`]);
    const audiences = wanted.filter((audience) => audience === ISSUER);
    if (audiences.length === 0) return { error: wrongAudience([ISSUER], wanted) };
    const secret = this.cluster.get('secrets', of('namespace'), of('secret.name'));
    if (!secret || secret.metadata.deletionTimestamp) return { error: 'Token has been invalidated' };
    const copy = Buffer.from(String(at(secret, 'data', 'token') ?? ''), 'base64').toString('utf8');
    if (copy !== token) return { error: "Token does not match server's copy" };
    const account = this.account(of('namespace'), of('service-account.name'), of('service-account.uid'));
    return 'error' in account ? account : { user: account.user, audiences };
  }

  private account(namespace: string, name: unknown, uid: unknown): { user: UserInfo } | { error: string } {
    const account = this.cluster.get('serviceaccounts', namespace, String(name));
    if (!account) return { error: `serviceaccounts "${name}" not found` };
    if (account.metadata.deletionTimestamp) return { error: 'service account has been deleted' };
    if (account.metadata.uid !== uid) {
      return { error: `service account UID (${account.metadata.uid}) does not match claim (${uid})` };
    }
    return {
      user: {
        username: serviceAccountName(namespace, String(name)),
        uid: account.metadata.uid,
        groups: serviceAccountGroups(namespace),
      },
    };
  }
}

function wrongAudience(held: string[], wanted: string[]): string {
  const quoted = (values: string[]) => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`;
  return `token audiences ${quoted(held)} is invalid for the target audiences ${quoted(wanted)}`;
}
