import { createRemoteJWKSet, customFetch, decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { Agent, fetch } from 'undici';
import type { UserInfo } from '../admission';
import type { OpenIdOptions } from './openid-options';

type Keys = ReturnType<typeof createRemoteJWKSet>;
type Judgement = { user: UserInfo } | { error: string };

/** kube-apiserver's --oidc-signing-algs, unless it is told otherwise. */
const ALGORITHMS = ['RS256'];
const WAIT_MS = 5_000;
/** A token that names an unknown key makes the keys be read again, no sooner than this. */
const KEYS_AGAIN_MS = 1_000;

/**
 * Checks the ID tokens of an OpenID Connect provider as kube-apiserver does
 * (apiserver/plugin/pkg/authenticator/token/oidc). The provider is discovered when the first of its tokens comes, not in
 * the background every ten seconds: a provider that starts after the sandbox is believed at once.
 */
export class OpenIdTokens {
  private readonly agent: Agent;
  private discovering: Promise<Keys> | undefined;

  constructor(
    private readonly options: OpenIdOptions,
    private readonly now: () => Date,
  ) {
    this.agent = new Agent({ connect: options.ca ? { ca: options.ca } : {} });
  }

  /** Undefined for a token of another issuer, or for text that is no token. */
  async verify(token: string): Promise<Judgement | undefined> {
    const { issuer, clientId } = this.options;
    if (issuerOf(token) !== issuer) return undefined;
    let keys: Keys;
    try {
      keys = await this.discover();
    } catch {
      return { error: 'oidc: authenticator not initialized' };
    }
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience: clientId,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
        currentDate: this.now(),
      });
      return { user: this.userOf(payload) };
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      return { error: cause instanceof ClaimError ? message : `oidc: verify token: ${message}` };
    }
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }

  /** What failed is tried again with the next token. */
  private discover(): Promise<Keys> {
    this.discovering ??= this.readDiscovery().catch((cause: unknown) => {
      this.discovering = undefined;
      throw cause;
    });
    return this.discovering;
  }

  private async readDiscovery(): Promise<Keys> {
    const { issuer } = this.options;
    const where = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const answer = await fetch(where, { dispatcher: this.agent, signal: AbortSignal.timeout(WAIT_MS) });
    if (!answer.ok) throw new Error(`${where} answers ${answer.status}`);
    const found = (await answer.json()) as { issuer?: unknown; jwks_uri?: unknown };
    if (found.issuer !== issuer) throw new Error(`${where} speaks for another issuer`);
    return createRemoteJWKSet(new URL(String(found.jwks_uri)), {
      cooldownDuration: KEYS_AGAIN_MS,
      timeoutDuration: WAIT_MS,
      [customFetch]: async (url, init) => {
        const { headers, ...rest } = init;
        const answer = await fetch(url, {
          ...rest,
          headers: Object.fromEntries(headers),
          dispatcher: this.agent,
        });
        // undici's own Response and Node's are one implementation with two declarations.
        return answer as unknown as Response;
      },
    });
  }

  private userOf(claims: JWTPayload): UserInfo {
    const { usernameClaim, usernamePrefix, groupsClaim, groupsPrefix } = this.options;
    const name = claims[usernameClaim];
    if (typeof name !== 'string') {
      const why = name === undefined ? 'claim not present' : 'it is no text';
      throw new ClaimError(`oidc: parse username claims "${usernameClaim}": ${why}`);
    }
    if (usernameClaim === 'email' && 'email_verified' in claims && claims.email_verified !== true) {
      throw new ClaimError('oidc: email not verified');
    }
    const groups = groupsClaim === undefined ? [] : readGroups(claims[groupsClaim], groupsClaim);
    return {
      username: usernamePrefix + name,
      groups: groups.map((group) => groupsPrefix + group),
      ...(claims.jti
        ? { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] } }
        : {}),
    };
  }
}

/** A token that is in order, and yet names nobody. */
class ClaimError extends Error {}

/** One group may stand alone, without a list around it. */
function readGroups(found: unknown, claim: string): string[] {
  const groups = found === undefined || found === null ? [] : [found].flat();
  if (groups.every((group) => typeof group === 'string')) return groups;
  throw new ClaimError(`oidc: parse groups claim "${claim}": neither a text nor a list of texts`);
}

function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}
