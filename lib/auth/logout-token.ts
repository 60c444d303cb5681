import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from 'jose';
import type { CustomFetch } from 'openid-client';
import { ProviderError } from './provider-error';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
/** A token is sent at once; older ones are somebody else's find. */
const MAX_AGE_S = 300;
const CLOCK_TOLERANCE_S = 60;
const MAX_SEEN = 10_000;

/** Whom a provider signed out: everywhere, or in one of its sessions. */
export interface LoggedOut {
  subject?: string;
  providerSid?: string;
}

export interface LogoutTokenSettings {
  issuer: string;
  clientId: string;
  /** Where the provider publishes its keys. */
  jwksUri: string;
  /** What the provider says that it signs ID tokens with. */
  algorithms: readonly string[];
  fetch: CustomFetch;
  /** Ids of tokens that were taken, with the moment when they could not be taken again anyway, in ms. */
  seen: Map<string, number>;
}

/** For whom and from whom an unverified token is: to find out who could verify it. */
export function peekLogoutToken(token: string): { issuer: string; audience: string[] } | undefined {
  try {
    const { iss, aud } = decodeJwt(token);
    return typeof iss === 'string' ? { issuer: iss, audience: [aud ?? []].flat() } : undefined;
  } catch {
    return undefined;
  }
}

/** Checks logout tokens by section 2.6 of OpenID Connect Back-Channel Logout 1.0, each good for once. */
export class LogoutTokens {
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(private readonly settings: LogoutTokenSettings) {
    this.keys = createRemoteJWKSet(new URL(settings.jwksUri), {
      cooldownDuration: 1_000,
      [customFetch]: (url, { headers, method, signal }) =>
        settings.fetch(url, {
          headers: Object.fromEntries(headers),
          method,
          signal,
          body: null,
          redirect: 'manual',
        }),
    });
  }

  /** @throws ProviderError */
  async take(token: string): Promise<LoggedOut> {
    const { issuer, clientId, algorithms } = this.settings;
    const { payload, protectedHeader } = await jwtVerify(token, this.keys, {
      issuer,
      audience: clientId,
      algorithms: algorithms.filter((algorithm) => /^(RS|PS|ES)\d+$|^Ed(DSA|25519)$/.test(algorithm)),
      requiredClaims: ['iat', 'jti', 'events'],
      maxTokenAge: MAX_AGE_S,
      clockTolerance: CLOCK_TOLERANCE_S,
    }).catch((cause: unknown) => {
      throw refused(cause instanceof Error ? cause.message : String(cause), cause);
    });
    // An ID token must not pass for a logout token. Providers from before the type was registered say JWT or nothing.
    if (!/^(application\/)?(logout\+)?jwt$/i.test(protectedHeader.typ ?? 'JWT')) {
      throw refused(`its type is ${protectedHeader.typ}`);
    }
    const { events, nonce, sub, sid, jti } = payload;
    if (nonce !== undefined) throw refused('it has a nonce, as only ID tokens do');
    if (!isLogoutEvent(events)) throw refused('it tells of no logout');
    const providerSid = typeof sid === 'string' && sid ? sid : undefined;
    if (!sub && !providerSid) throw refused('it names nobody and no session');
    this.takeOnce(String(jti));
    return { ...(sub ? { subject: sub } : {}), ...(providerSid ? { providerSid } : {}) };
  }

  private takeOnce(jti: string): void {
    const now = Date.now();
    const { seen } = this.settings;
    for (const [known, until] of seen) if (until <= now || seen.size > MAX_SEEN) seen.delete(known);
    if (seen.has(jti)) throw refused('it was used before');
    seen.set(jti, now + (MAX_AGE_S + 2 * CLOCK_TOLERANCE_S) * 1000);
  }
}

function isLogoutEvent(events: unknown): boolean {
  if (typeof events !== 'object' || events === null || !(EVENT in events)) return false;
  const event: unknown = events[EVENT];
  return typeof event === 'object' && event !== null;
}

function refused(why: string, cause?: unknown): ProviderError {
  return new ProviderError('token-invalid', why, { cause });
}
